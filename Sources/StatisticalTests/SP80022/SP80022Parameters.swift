// Parameters of the tests of SP 800-22 rev. 1a.
// SPDX-License-Identifier: Apache-2.0

/// Block and template lengths in bits. The defaults are those of the reference program.
package struct SP80022Parameters: Sendable, Equatable, Encodable {
    /// M of section 2.2, at least 20 (section 2.2.7). That section also asks for M > n / 100, which
    /// the default does not meet for a million bits; as the reference, this is not insisted on.
    package let blockFrequencyLength: Int
    /// m of section 2.7, 2...16.
    package let templateLength: Int
    /// m of section 2.8, 9 or 10 (section 2.8.7).
    package let overlappingTemplateLength: Int
    /// m of section 2.12, 1...23; the stream must have 2^(m + 6) bits.
    package let approximateEntropyLength: Int
    /// m of section 2.11, 2...24; the stream must have 2^(m + 3) bits.
    package let serialLength: Int
    /// M of section 2.10, 500...5000 (section 2.10.7).
    package let linearComplexityLength: Int

    /// What the reference program takes if nothing is said.
    package static let standard = Self()

    /// Throws `SP80022ParameterError` for a length outside the range stated above.
    package init(
        blockFrequencyLength: Int = 128,
        templateLength: Int = 9,
        overlappingTemplateLength: Int = 9,
        approximateEntropyLength: Int = 10,
        serialLength: Int = 16,
        linearComplexityLength: Int = 500
    ) throws(SP80022ParameterError) {
        try Self.check(.blockFrequency, blockFrequencyLength, 20...SP80022.longestStream)
        try Self.check(.nonOverlappingTemplate, templateLength, 2...16)
        try Self.check(.overlappingTemplate, overlappingTemplateLength, 9...10)
        try Self.check(.approximateEntropy, approximateEntropyLength, 1...23)
        try Self.check(.serial, serialLength, 2...24)
        try Self.check(.linearComplexity, linearComplexityLength, 500...5000)
        self.blockFrequencyLength = blockFrequencyLength
        self.templateLength = templateLength
        self.overlappingTemplateLength = overlappingTemplateLength
        self.approximateEntropyLength = approximateEntropyLength
        self.serialLength = serialLength
        self.linearComplexityLength = linearComplexityLength
    }

    private init() {
        blockFrequencyLength = 128
        templateLength = 9
        overlappingTemplateLength = 9
        approximateEntropyLength = 10
        serialLength = 16
        linearComplexityLength = 500
    }

    private static func check(
        _ test: SP80022Test,
        _ length: Int,
        _ allowed: ClosedRange<Int>
    ) throws(SP80022ParameterError) {
        guard allowed.contains(length) else {
            throw SP80022ParameterError(test: test, length: length, allowed: allowed)
        }
    }
}

/// A length that its test does not support.
package struct SP80022ParameterError: Error, Sendable, Equatable, CustomStringConvertible {
    package let test: SP80022Test
    /// Bits.
    package let length: Int
    /// Bits.
    package let allowed: ClosedRange<Int>

    package var description: String {
        "The length of \(length) bits for the test \(test.rawValue) is not supported. Choose "
            + "\(allowed.lowerBound) to \(allowed.upperBound) (SP 800-22, section \(test.section))."
    }
}
