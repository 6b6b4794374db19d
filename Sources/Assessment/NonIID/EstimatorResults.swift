// The ten estimates of SP 800-90B, section 6.3, for one sequence.
// SPDX-License-Identifier: Apache-2.0

/// What all estimators say about one sequence.
package struct EstimatorResults: Sendable, Equatable, Encodable {
    package let mostCommonValue: Estimate<MostCommonValueEstimate>
    package let collision: Estimate<CollisionEstimate>
    package let markov: Estimate<MarkovEstimate>
    package let compression: Estimate<CompressionEstimate>
    package let tuple: Estimate<TupleEstimate>
    package let longestRepeatedSubstring: Estimate<LongestRepeatedSubstringEstimate>
    package let multiMCW: Estimate<PredictionEstimate>
    package let lag: Estimate<PredictionEstimate>
    package let multiMMC: Estimate<PredictionEstimate>
    package let lz78y: Estimate<PredictionEstimate>

    /// Each estimator's outcome in the order of section 6.3.
    package var outcomes: [(estimator: Estimator, outcome: EstimatorOutcome)] {
        [
            (.mostCommonValue, EstimatorOutcome(mostCommonValue)),
            (.collision, EstimatorOutcome(collision)),
            (.markov, EstimatorOutcome(markov)),
            (.compression, EstimatorOutcome(compression)),
            (.tuple, EstimatorOutcome(tuple)),
            (.longestRepeatedSubstring, EstimatorOutcome(longestRepeatedSubstring)),
            (.multiMCW, EstimatorOutcome(multiMCW)),
            (.lag, EstimatorOutcome(lag)),
            (.multiMMC, EstimatorOutcome(multiMMC)),
            (.lz78y, EstimatorOutcome(lz78y)),
        ]
    }

    /// The estimator with the smallest estimate and that estimate, or nil if none could run.
    package var weakest: (estimator: Estimator, minEntropy: Double)? {
        outcomes.compactMap { entry in
            entry.outcome.minEntropy.map { (estimator: entry.estimator, minEntropy: $0) }
        }.min { $0.minEntropy < $1.minEntropy }
    }

    /// Smallest estimate, or nil if no estimator could run.
    package var minimum: Double? { weakest?.minEntropy }
}

/// An estimate, whatever its estimator.
package struct EstimatorOutcome: Sendable, Equatable {
    /// In bits per symbol of the sequence; nil if the estimator could not run.
    package let minEntropy: Double?
    /// Why it could not run.
    package let reason: Inapplicability?

    init(_ estimate: Estimate<some EntropyEstimate>) {
        switch estimate {
        case .value(let value): (minEntropy, reason) = (value.minEntropy, nil)
        case .notApplicable(let why): (minEntropy, reason) = (nil, why)
        }
    }
}
