// Longest repeated substring estimate (SP 800-90B, section 6.3.6).
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The collision entropy per symbol of the tuples that are too rare for the t-tuple estimate.
package struct LongestRepeatedSubstringEstimate: EntropyEstimate {
    /// Smallest length whose tuples all occur fewer than 35 times (u).
    package let shortest: Int
    /// Length of the longest repeated substring (v).
    package let longest: Int
    /// Largest collision probability per symbol over the lengths u...v (p-hat).
    package let frequency: Double
    /// Upper confidence bound of the frequency (p_u).
    package let upperBound: Double
    package let minEntropy: Double

    /// Runs if a substring repeats whose length is beyond that of the frequent tuples.
    package static func estimate(
        _ repeats: RepeatStatistics,
        following reference: Reference = .nistTool
    ) -> Estimate<Self> {
        let longest = repeats.longestRepeat
        let shortest = repeats.longestFrequentTuple + 1
        guard longest > 0 else { return .notApplicable(.noRepeat) }
        guard shortest <= longest else { return .notApplicable(.noRareRepeat) }
        let count = repeats.symbolCount
        var logarithm = -Double.infinity
        for length in shortest...longest {
            let places = count - length + 1
            let ratio =
                Double(repeats.pairCounts[length]) / (Double(places) * Double(places - 1) / 2)
            logarithm = max(logarithm, log(ratio) / Double(length))
        }
        let frequency = PreciseProbability(logarithm: logarithm)
        let bound = frequency.upperBound(count: count, following: reference)
        return .value(
            Self(
                shortest: shortest,
                longest: longest,
                frequency: frequency.value,
                upperBound: bound.value,
                minEntropy: bound.minEntropy
            )
        )
    }
}
