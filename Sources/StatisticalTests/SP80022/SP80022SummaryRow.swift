// One P-value over many streams (SP 800-22 rev. 1a, sections 4.2.1 and 4.2.2).
// SPDX-License-Identifier: Apache-2.0

internal import Assessment
internal import Glibc

/// The distribution of one P-value of one test. Streams to which the test does not apply are left out.
package struct SP80022SummaryRow: Sendable, Equatable, Encodable {
    package let test: SP80022Test
    /// Direction, template or state, or nil for a test with one P-value.
    package let subtest: String?
    /// Frequencies of the P-values in [0, 0.1), ..., [0.9, 1].
    package let histogram: [Int]
    /// P-value of the ten frequencies against equal ones (P-value_T), nil without streams.
    package let uniformity: Double?
    /// Streams to which the test applies.
    package let streamsCounted: Int
    /// Those of them with a P-value of at least 0.01.
    package let passes: Int
    /// Fewest and most passes within 0.99 +- 3 sqrt(0.99 * 0.01 / s) of s streams, the limits of
    /// section 4.2.1, as whole numbers: 97 and 100 of 100 streams.
    package let minimumPassCount: Int
    package let maximumPassCount: Int
    /// Nil without streams.
    package let smallestPValue: Double?
    /// Why no stream counts, or nil.
    package let exclusion: String?

    /// Whether the proportion of passes is within its limits, or there is none.
    package var isProportionAccepted: Bool {
        streamsCounted == 0 || (minimumPassCount...maximumPassCount).contains(passes)
    }

    /// Whether the uniformity is at least 0.0001, or there is none.
    package var isUniformityAccepted: Bool {
        (uniformity ?? 1) >= SP80022.uniformityLimit
    }

    /// A row of at least one P-value.
    init(test: SP80022Test, subtest: String?, pValues: [Double]) {
        self.test = test
        self.subtest = subtest
        var histogram = [Int](repeating: 0, count: 10)
        for value in pValues { histogram[min(Int(value * 10), 9)] += 1 }
        self.histogram = histogram
        let statistic = SP80022.chiSquare(
            histogram,
            probabilities: [Double](repeating: 0.1, count: 10),
            trials: pValues.count
        )
        uniformity = upperIncompleteGamma(4.5, statistic / 2)
        streamsCounted = pValues.count
        passes = pValues.count { $0 >= SP80022.significance }
        let limits = SP80022.passCounts(pValues.count)
        minimumPassCount = limits.lowerBound
        maximumPassCount = limits.upperBound
        smallestPValue = pValues.min()
        exclusion = nil
    }

    /// The row of a test that applies to no stream.
    init(test: SP80022Test, exclusion: SP80022Inapplicability?) {
        self.test = test
        subtest = nil
        histogram = [Int](repeating: 0, count: 10)
        uniformity = nil
        streamsCounted = 0
        passes = 0
        minimumPassCount = 0
        maximumPassCount = 0
        smallestPValue = nil
        self.exclusion = exclusion?.description ?? "there are no streams"
    }
}

extension SP80022 {
    /// alpha of section 4.2.1.
    static let significance = 0.01
    /// Least P-value_T of section 4.2.2.
    static let uniformityLimit = 0.0001
    /// Fewest streams for P-value_T, section 4.2.2.
    static let streamsForUniformity = 55

    /// Accepted numbers of passes of `streams` (1 or more) streams, section 4.2.1.
    static func passCounts(_ streams: Int) -> ClosedRange<Int> {
        let count = Double(streams)
        let share = 1 - significance
        let margin = 3 * (share * significance / count).squareRoot()
        let lowest = Int(max(0, ((share - margin) * count).rounded(.up)))
        return lowest...max(lowest, Int(min(count, (share + margin) * count)))
    }

    /// Probability that ideal data are outside `passCounts`.
    static func chanceOutside(_ streams: Int) -> Double {
        guard streams > 0 else { return 0 }
        let limits = passCounts(streams)
        let tooFew = chance(ofFailures: streams - limits.lowerBound + 1, of: streams)
        return tooFew + 1 - chance(ofFailures: streams - limits.upperBound, of: streams)
    }

    /// Probability of `failures` or more failures of `streams` independent tests at level 0.01: the
    /// upper tail of the binomial distribution.
    static func chance(ofFailures failures: Int, of streams: Int) -> Double {
        guard failures > 0 else { return 1 }
        guard failures <= streams else { return 0 }
        var sign: Int32 = 0
        let (n, k) = (Double(streams), Double(failures))
        let ways = lgamma_r(n + 1, &sign) - lgamma_r(k + 1, &sign) - lgamma_r(n - k + 1, &sign)
        var term = exp(ways + k * log(significance) + (n - k) * log1p(-significance))
        var sum = 0.0
        for count in failures...streams {
            sum += term
            term *= (n - Double(count)) / Double(count + 1) * significance / (1 - significance)
        }
        return min(1, sum)
    }
}
