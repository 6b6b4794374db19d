// Numbers that AIS 20/31 version 2.0 (2011), section 2.4.4, fixes for the tests T0 to T8.
// SPDX-License-Identifier: Apache-2.0

/// Sample sizes and bounds of the tests. None of them is a tuning parameter.
package enum AIS31 {
    // T0, disjointness: false alarm about 2^-17, from 2^16 (2^16 - 1) / 2 pairs of 2^48 values.
    package static let disjointnessWords = 65_536
    package static let disjointnessWordBits = 48

    // Procedure A: blocks of 20,000 bits behind the bits of T0, each for T1 to T5.
    package static let blocks = 257

    /// T1, monobit: ones in a block, more than 9,654 and fewer than 10,346.
    package static let onesBounds = 9_655...10_345

    /// T2, poker: sums of squares for which 1.03 < 16/5000 S - 5000 < 57.4; that is
    /// 1,562,821.875 < S < 1,580,437.5.
    package static let pokerBounds = 1_562_822...1_580_437

    /// T3, runs: runs of each bit value by length, both ends included.
    package static let runBounds = RunBounds(
        length1: 2_267...2_733,
        length2: 1_079...1_421,
        length3: 502...748,
        length4: 223...402,
        length5: 90...223,
        length6OrMore: 90...223
    )

    /// T4, long run: a run of this many equal bits fails.
    package static let longRunLength = 34

    /// T5, autocorrelation: shifts 1 to 5,000 of the first 5,000 bits of a block.
    package static let autocorrelationWindow = 5_000
    /// T5: bits of the block from which the chosen shift is tested.
    package static let autocorrelationTestStart = 10_000
    /// T5: differing bits, more than 2,326 and fewer than 2,674.
    package static let autocorrelationBounds = 2_327...2_673

    /// T6a and the classes of T6b and T7: observations in bits.
    package static let transitionCount = 100_000
    /// T6a: |share of ones - 1/2| below this.
    package static let uniformityBound = 0.025
    /// T6b: |share of ones after 0 - share of ones after 1| below this.
    package static let transitionBound = 0.02
    /// T7: chi-square statistic with one degree of freedom at most this, its 0.9999 quantile.
    package static let homogeneityBound = 15.13

    /// T8, entropy: width of a word in bits (L).
    package static let entropyWordBits = 8
    /// T8: words that initialise the distances (Q).
    package static let entropyInitialWords = 2_560
    /// T8: words whose distances are averaged (K).
    package static let entropyTestedWords = 256_000
    /// T8: the statistic in bits per word must be more than this.
    package static let entropyBound = 7.976
}
