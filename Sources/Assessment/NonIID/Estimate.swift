// Outcome of one estimator of SP 800-90B, section 6.3: a value or the reason why there is none.
// SPDX-License-Identifier: Apache-2.0

/// What all ten estimators have in common.
package protocol EntropyEstimate: Sendable, Equatable, Encodable {
    /// Estimated min-entropy in bits per symbol of the sequence given, 0 or more.
    var minEntropy: Double { get }
}

/// The estimator's result, or why it could not run; the latter never enters a minimum.
package enum Estimate<Value: EntropyEstimate>: Sendable, Equatable {
    case value(Value)
    case notApplicable(Inapplicability)

    /// The result, or nil if the estimator could not run.
    package var value: Value? {
        if case .value(let value) = self { value } else { nil }
    }

    /// Estimated min-entropy in bits per symbol, or nil if the estimator could not run.
    package var minEntropy: Double? { value?.minEntropy }
}

/// The result's own properties, or one property `notApplicable` that says why there is none.
extension Estimate: Encodable {
    package func encode(to encoder: any Encoder) throws {
        switch self {
        case .value(let value):
            try value.encode(to: encoder)
        case .notApplicable(let reason):
            try ["notApplicable": reason.description].encode(to: encoder)
        }
    }
}

/// Why an estimator could not run.
package enum Inapplicability: Sendable, Equatable {
    /// The estimator is defined for binary sequences only.
    case binaryOnly
    /// The sequence is too short.
    case tooShort(needed: Int, given: Int)
    /// Fewer than two collisions occur, so that they have no standard deviation.
    case tooFewCollisions
    /// No symbol occurs as often as `Specification.tupleThreshold`.
    case noFrequentTuple
    /// No substring occurs twice.
    case noRepeat
    /// Every repeated length already counts as a frequent tuple, none is left for this estimator.
    case noRareRepeat
}

extension Inapplicability: CustomStringConvertible {
    package var description: String {
        switch self {
        case .binaryOnly: "defined for binary sequences only"
        case .tooShort(let needed, let given): "needs \(needed) symbols, but there are \(given)"
        case .tooFewCollisions: "fewer than two collisions occur"
        case .noFrequentTuple: "no symbol occurs \(Specification.tupleThreshold) times"
        case .noRepeat: "no substring occurs twice"
        case .noRareRepeat: "every repeated length occurs \(Specification.tupleThreshold) times"
        }
    }
}
