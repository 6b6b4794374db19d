// Running count of a predictor's successes (SP 800-90B, section 6.3.7, steps 3 to 6).
// SPDX-License-Identifier: Apache-2.0

/// Counts successes and their runs, without branches: the outcomes are as random as the data.
struct SuccessCounter {
    private var correct = 0
    private var run = 0
    private var longestRun = 0

    @inline(__always)
    mutating func record(_ success: Bool) {
        let one = success ? 1 : 0
        correct &+= one
        run = (run &+ one) & (0 &- one)
        longestRun = max(longestRun, run)
    }

    func tally(predictions: Int) -> PredictionTally {
        PredictionTally(predictions: predictions, correct: correct, longestRun: longestRun)
    }
}
