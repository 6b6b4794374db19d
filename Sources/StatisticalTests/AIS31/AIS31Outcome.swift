// Outcomes of AIS 20/31 tests: what was found, or why nothing could be.
// SPDX-License-Identifier: Apache-2.0

/// Why a test or procedure could not run.
package enum AIS31Inapplicability: Sendable, Equatable {
    /// The sequence has fewer bits than the test takes from its start on.
    case tooShort(neededBits: Int, givenBits: Int)
    /// The sequence ended before the test had collected its sample: too few groups of bits of one kind
    /// occur, as in biased data, and no number of bits could be named that suffices.
    case ranOut(givenBits: Int)
    /// The predictor cannot run on so few symbols or on a constant sequence.
    case notPredictable
}

extension AIS31Inapplicability: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tooShort(let needed, let given): "needs \(needed) bits, but there are \(given)"
        case .ranOut(let given): "the \(given) bits ended before the sample was complete"
        case .notPredictable: "too short or constant, a predictor has nothing to predict"
        }
    }
}

/// The result of a test or a run of tests, or why there is none.
package enum AIS31Outcome<Value: Sendable & Equatable & Encodable>: Sendable, Equatable {
    case value(Value)
    case notApplicable(AIS31Inapplicability)

    /// The result, or nil if the test could not run.
    package var value: Value? {
        if case .value(let value) = self { value } else { nil }
    }
}

/// The result itself, or one property `notApplicable` that says why there is none.
extension AIS31Outcome: Encodable {
    package func encode(to encoder: any Encoder) throws {
        switch self {
        case .value(let value): try value.encode(to: encoder)
        case .notApplicable(let reason):
            try ["notApplicable": reason.description].encode(to: encoder)
        }
    }
}

/// What a procedure concludes (AIS 20/31 version 2.0, sections 2.4.4.1 and 2.4.4.2).
package enum AIS31Verdict: String, Sendable, Equatable, Encodable {
    /// No test failed.
    case passed
    /// One test failed; the procedure was repeated on the bits that follow, and no test failed.
    case passedAfterRepetition
    /// One test failed, and there are not enough bits to repeat the procedure.
    case repetitionNeeded
    /// More than one test failed, or one did when the procedure was repeated.
    case failed
    /// The bits did not suffice for all tests.
    case notApplicable
}
