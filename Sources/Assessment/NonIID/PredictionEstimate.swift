// Entropy of a predictor's success, shared by SP 800-90B, sections 6.3.7 to 6.3.10.
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What a predictor achieved.
package struct PredictionTally: Sendable, Equatable {
    /// Number of predictions asked for (N).
    package let predictions: Int
    /// Number of correct ones (C).
    package let correct: Int
    /// Longest run of correct ones.
    package let longestRun: Int

    package init(predictions: Int, correct: Int, longestRun: Int) {
        self.predictions = predictions
        self.correct = correct
        self.longestRun = longestRun
    }
}

/// The entropy of guessing as a predictor does, by its overall rate and by its longest run.
package struct PredictionEstimate: EntropyEstimate {
    /// Number of predictions (N).
    package let predictions: Int
    /// Number of correct predictions (C).
    package let correct: Int
    /// One more than the longest run of correct predictions (r).
    package let runLength: Int
    /// Share of correct predictions (P_global).
    package let globalRate: Double
    /// Upper confidence bound of the share (P_global').
    package let globalBound: Double
    /// Success probability that the longest run suggests (P_local), or nil if it cannot exceed the
    /// global bound and was not computed.
    package let localRate: Double?
    package let minEntropy: Double

    /// Evaluates at least two predictions on an alphabet of `alphabetSize` symbols.
    package init(
        _ tally: PredictionTally,
        alphabetSize: Int,
        following reference: Reference = .nistTool
    ) {
        predictions = tally.predictions
        correct = tally.correct
        runLength = tally.longestRun + 1
        let rate = PreciseProbability(correct, of: predictions)
        globalRate = rate.value
        let bound =
            correct > 0
            ? rate.upperBound(count: predictions, following: reference)
            // Step 5 for no success at all: 1 - 0.01^(1/N).
            : PreciseProbability(
                complementLogarithm: log1p(-Specification.predictorConfidence)
                    / Double(predictions)
            )
        globalBound = bound.value

        let chance = 1 / Double(alphabetSize)
        let run = RunProbability(length: runLength, predictions: predictions)
        localRate = run.successRate(above: max(chance, globalBound))
        if let localRate {
            minEntropy = 0 - log2(localRate)
        } else {
            minEntropy = globalBound > chance ? bound.minEntropy : log2(Double(alphabetSize))
        }
    }
}
