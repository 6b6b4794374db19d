// Outcome of one test of SP 800-22 rev. 1a on one stream: P-values or the reason why there are none.
// SPDX-License-Identifier: Apache-2.0

/// The P-values of a test, or why it does not apply; then it does not count in any proportion.
package enum SP80022Outcome: Sendable, Equatable {
    /// One or more, each 0...1, in the order of `SP80022Test.subtestNames`.
    case pValues([Double])
    case notApplicable(SP80022Inapplicability)

    /// The P-values, none if the test does not apply.
    package var pValues: [Double] {
        if case .pValues(let values) = self { values } else { [] }
    }

    /// Why there are none, or nil.
    package var inapplicability: SP80022Inapplicability? {
        if case .notApplicable(let reason) = self { reason } else { nil }
    }
}

/// Why a test does not apply to a stream.
package enum SP80022Inapplicability: Sendable, Equatable {
    /// The stream has fewer bits than the test needs.
    case tooShort(needed: Int, given: Int)
    /// The stream has more bits than this program takes in one piece.
    case tooLong(limit: Int, given: Int)
    /// The random walk returns to zero too rarely (sections 2.14.4 and 2.15.4). The reference program
    /// reports P-values of zero, which its summary leaves out again.
    case tooFewCycles(needed: Int, given: Int)
    /// There is no memory for the Fourier transform.
    case outOfMemory
}

extension SP80022Inapplicability: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tooShort(let needed, let given):
            "needs \(needed) bits in a stream, but there are \(given)"
        case .tooLong(let limit, let given):
            "takes at most \(limit) bits in a stream, but there are \(given)"
        case .tooFewCycles(let needed, let given):
            "needs \(needed) cycles of the random walk, but there are \(given)"
        case .outOfMemory: "no memory for the Fourier transform"
        }
    }
}

extension SP80022Outcome: Encodable {
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        switch self {
        case .pValues(let values): try container.encode(values, forKey: .pValues)
        case .notApplicable(let reason):
            try container.encode(reason.description, forKey: .notApplicable)
        }
    }

    private enum Key: String, CodingKey {
        case pValues
        case notApplicable
    }
}
