// The cut-off of the restart sanity check (SP 800-90B, section 3.1.4.3).
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// How often the most common symbol of a row or column may occur.
package enum RestartCutoff {
    /// Largest count in 1,000 samples that is no failure for a source of min-entropy H per sample.
    ///
    /// - `.nistTool`: the (1 - alpha) quantile of the largest count, over all symbols, for the worst
    ///   source: floor(1/p) symbols of probability p = 2^-H and one with the rest. The tool estimates
    ///   it by five million simulations and so errs by one now and then; here it is exact.
    /// - `.standard`: as the text has it, for the count of one symbol of probability p: one less than
    ///   the first count that is as likely as alpha or less, itself or more.
    package static func largestCount(minEntropy: Double, following reference: Reference) -> Int {
        guard minEntropy > 0 else { return sampleCount }
        switch reference {
        case .nistTool: return multinomialQuantile(minEntropy)
        case .standard: return binomialQuantile(minEntropy)
        }
    }

    /// Samples of a row or column.
    package static let sampleCount = 1_000

    /// 0.01 spread over 1,000 rows and 1,000 columns. The text divides (0.000005); the tool takes the
    /// level at which 2,000 independent checks have 0.01 together.
    static func alpha(_ reference: Reference) -> Double {
        let checks = Double(2 * sampleCount)
        return reference == .standard ? 0.01 / checks : -expm1(log(0.99) / checks)
    }

    private static func multinomialQuantile(_ minEntropy: Double) -> Int {
        let p = exp2(-minEntropy)
        let symbols = (1 / p).rounded(.down)
        let rest = max(0, 1 - symbols * p)
        let wanted = 1 - alpha(.nistTool)
        // The largest count is at least the mean, and never more than all samples.
        var low = Int((Double(sampleCount) * p).rounded(.down)) - 1
        var high = sampleCount
        while high - low > 1 {
            let middle = (low + high) / 2
            let chance = probability(ofAtMost: middle, p: p, symbols: Int(symbols), rest: rest)
            if chance >= wanted { high = middle } else { low = middle }
        }
        return high
    }

    /// P(no symbol occurs more than `limit` times). Counts of a fixed number of samples are independent
    /// Poisson counts under the condition that they add up to that number.
    private static func probability(
        ofAtMost limit: Int,
        p: Double,
        symbols: Int,
        rest: Double
    ) -> Double {
        let n = Double(sampleCount)
        var power = truncatedPoisson(mean: n * p, limit: limit)
        var sum = truncatedPoisson(mean: n * rest, limit: limit)
        var remaining = symbols
        while true {
            if remaining & 1 == 1 { sum = product(sum, power) }
            remaining >>= 1
            if remaining == 0 { break }
            power = product(power, power)
        }
        guard sum.count > sampleCount else { return 0 }
        return sum[sampleCount] / poisson(sampleCount, mean: n)
    }

    /// Probabilities of 0...limit events.
    private static func truncatedPoisson(mean: Double, limit: Int) -> [Double] {
        (0...max(0, min(limit, sampleCount))).map { poisson($0, mean: mean) }
    }

    private static func poisson(_ events: Int, mean: Double) -> Double {
        guard mean > 0 else { return events == 0 ? 1 : 0 }
        return exp(Double(events) * log(mean) - mean - logFactorial(events))
    }

    /// Distribution of a sum, as far as it does not exceed the number of samples.
    private static func product(_ a: [Double], _ b: [Double]) -> [Double] {
        let count = min(a.count + b.count - 1, sampleCount + 1)
        var result = [Double](repeating: 0, count: count)
        result.withUnsafeMutableBufferPointer { result in
            b.withUnsafeBufferPointer { b in
                for (index, factor) in a.enumerated() where factor > 0 && index < count {
                    let last = min(b.count, count - index)
                    for other in 0..<last { result[index &+ other] += factor * b[other] }
                }
            }
        }
        return result
    }

    private static func binomialQuantile(_ minEntropy: Double) -> Int {
        let p = exp2(-minEntropy)
        let logP = -minEntropy * M_LN2
        let logQ = log1p(-p)
        let all = logFactorial(sampleCount)
        var tail = 0.0
        for count in stride(from: sampleCount, through: 0, by: -1) {
            let misses = sampleCount - count
            let ways = all - logFactorial(count) - logFactorial(misses)
            tail += exp(
                ways + Double(count) * logP + (misses == 0 ? 0 : Double(misses) * logQ)
            )
            if tail > alpha(.standard) { return count }
        }
        return 0
    }

    private static func logFactorial(_ value: Int) -> Double {
        var sign: Int32 = 0
        return lgamma_r(Double(value) + 1, &sign)
    }
}
