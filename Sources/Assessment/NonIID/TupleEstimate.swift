// t-tuple estimate (SP 800-90B, section 6.3.5).
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The entropy per symbol of the most frequent tuples that occur at least 35 times.
package struct TupleEstimate: EntropyEstimate {
    /// Longest length of a tuple that occurs 35 times (t).
    package let longestTuple: Int
    /// Largest frequency per symbol over all lengths up to t (p-hat_max).
    package let frequency: Double
    /// Upper confidence bound of the frequency (p_u).
    package let upperBound: Double
    package let minEntropy: Double

    /// Runs if one symbol occurs at least 35 times.
    package static func estimate(
        _ repeats: RepeatStatistics,
        following reference: Reference = .nistTool
    ) -> Estimate<Self> {
        let longest = repeats.longestFrequentTuple
        guard longest > 0 else { return .notApplicable(.noFrequentTuple) }
        let count = repeats.symbolCount
        var logarithm = -Double.infinity
        for length in 1...longest {
            let ratio = Double(repeats.tupleCounts[length]) / Double(count - length + 1)
            logarithm = max(logarithm, log(ratio) / Double(length))
        }
        let frequency = PreciseProbability(logarithm: logarithm)
        let bound = frequency.upperBound(count: count, following: reference)
        return .value(
            Self(
                longestTuple: longest,
                frequency: frequency.value,
                upperBound: bound.value,
                minEntropy: bound.minEntropy
            )
        )
    }
}
