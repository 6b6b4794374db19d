// Result of SP 800-22 rev. 1a for one stream.
// SPDX-License-Identifier: Apache-2.0

/// The outcomes of all tests on one stream: 188 P-values with the standard parameters.
package struct SP80022StreamResult: Sendable, Equatable, Encodable {
    /// Number of bits in the stream (n).
    package let bitCount: Int
    package let parameters: SP80022Parameters
    /// One entry per test, in the order of `SP80022Test`.
    package let entries: [Entry]

    package struct Entry: Sendable, Equatable, Encodable {
        package let test: SP80022Test
        package let outcome: SP80022Outcome
    }

    /// All tests on all of `bits`. For many streams of equal length make one `SP80022Worker` and
    /// keep it: it plans its Fourier transform only once.
    package init(_ bits: BitSequence, parameters: SP80022Parameters = .standard) {
        var worker = SP80022Worker(bitCount: bits.count, parameters: parameters)
        self = worker.test(bits)
    }

    init(bitCount: Int, parameters: SP80022Parameters, entries: [Entry]) {
        self.bitCount = bitCount
        self.parameters = parameters
        self.entries = entries
    }

    package subscript(test: SP80022Test) -> SP80022Outcome {
        // Each test has its entry.
        entries.first { $0.test == test }?.outcome ?? .pValues([])
    }
}
