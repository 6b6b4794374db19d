// Tests of the entropy of a predictor's success (SP 800-90B, section 6.3.7, steps 4 to 7).
// SPDX-License-Identifier: Apache-2.0

import Assessment
import Glibc
import Testing

@Suite("Prediction estimate")
struct PredictionEstimateTests {
    @Test("the local rate explains the longest run with 99 %", arguments: [2, 5, 30])
    func localRate(longestRun: Int) throws {
        let predictions = 300
        let estimate = PredictionEstimate(
            PredictionTally(predictions: predictions, correct: longestRun, longestRun: longestRun),
            alphabetSize: 256
        )
        let rate = try #require(estimate.localRate)
        #expect(estimate.runLength == longestRun + 1)
        #expect(estimate.minEntropy == -log2(rate))
        let absence = absenceOfRun(longestRun + 1, rate: rate, predictions: predictions)
        // Feller's formula is an approximation; its error falls with the run length.
        #expect(abs(absence - 0.99) < 1e-3)
    }

    @Test("without any success the global bound is 1 - 0.01^(1/N)")
    func noSuccess() {
        let estimate = PredictionEstimate(
            PredictionTally(predictions: 99, correct: 0, longestRun: 0),
            alphabetSize: 256
        )
        #expect(abs(estimate.globalBound - (1 - pow(0.01, 1.0 / 99))) < 1e-15)
        #expect(estimate.localRate == nil)
    }

    @Test("a predictor worse than chance leaves the full entropy of the alphabet")
    func chance() {
        let estimate = PredictionEstimate(
            PredictionTally(predictions: 1_000_000, correct: 100, longestRun: 1),
            alphabetSize: 16
        )
        #expect(estimate.localRate == nil)
        #expect(estimate.minEntropy == 4)
    }

    @Test("constant success leaves no entropy, and no negative zero")
    func certain() {
        let estimate = PredictionEstimate(
            PredictionTally(predictions: 1_000, correct: 1_000, longestRun: 1_000),
            alphabetSize: 2
        )
        #expect(estimate.globalBound == 1)
        #expect(estimate.minEntropy == 0)
        #expect(estimate.minEntropy.sign == .plus)
    }

    /// Probability that independent successes have no run of the length given, step by step.
    private func absenceOfRun(_ length: Int, rate: Double, predictions: Int) -> Double {
        // Probability of each current run length without a run so far.
        var states = [1.0] + [Double](repeating: 0, count: length - 1)
        for _ in 0..<predictions {
            let alive = states.reduce(0, +)
            states = [alive * (1 - rate)] + states.dropLast().map { $0 * rate }
        }
        return states.reduce(0, +)
    }
}
