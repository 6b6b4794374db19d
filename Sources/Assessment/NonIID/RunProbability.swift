// Probability of a run of successes and its inverse, P_local (SP 800-90B, section 6.3.7, step 6).
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// How likely it is that a predictor with a given success rate has no run of `length` successes.
struct RunProbability {
    /// Length of the run that did not occur (r).
    let length: Int
    /// Number of predictions (N).
    let predictions: Int

    /// The rate at which the absence of the run has a probability of 99 %, if it is larger than
    /// `floor`; nil otherwise. Bisection to neighbouring numbers, whose upper one is returned.
    func successRate(above floor: Double) -> Double? {
        guard floor < 1, logarithmOfAbsence(rate: floor) > Self.target else { return nil }
        var (low, high) = (floor, 1.0)
        while true {
            let middle = low + (high - low) / 2
            if middle <= low || middle >= high { return high }
            if logarithmOfAbsence(rate: middle) > Self.target {
                low = middle
            } else {
                high = middle
            }
        }
    }

    /// ln((1 - p x) / ((r + 1 - r x) q)) - (N + 1) ln x with x = 1 + q p^r x^(r+1), written in
    /// y = x - 1, since x is so near to 1 that its digits would be lost (Feller, volume 1, XIII.7).
    private func logarithmOfAbsence(rate p: Double) -> Double {
        let q = 1 - p
        let r = Double(length)
        let base = r * log(p)
        var y = 0.0
        for _ in 0..<Self.maximumRounds {
            let next = q * exp(base + (r + 1) * log1p(y))
            if next == y { break }
            y = next
        }
        return log(q - p * y) - log((1 - r * y) * q) - Double(predictions + 1) * log1p(y)
    }

    /// Logarithm of the confidence.
    private static let target = log(Specification.predictorConfidence)
    /// The fixed point settles long before; 66 rounds is the reference tool's limit.
    private static let maximumRounds = 66
}
