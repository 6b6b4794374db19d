// Length of the longest repeated substring test (SP 800-90B, section 5.2.5).
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Whether the longest repeat is as short as that of IID data with the same frequencies.
package struct LongestRepeatTest: Sendable, Equatable, Encodable {
    /// Probability that two symbols are equal (p_col).
    package let collisionProbability: Double
    /// Length in symbols of the longest substring that occurs twice (W), 0 if nothing repeats.
    package let longestRepeat: Int
    /// Probability that a substring of this length occurs twice (Pr(X >= 1)); 1 for a length of 0.
    package let probability: Double
    package let passes: Bool

    /// Runs on any sequence. The probability is 0, and not undefined, where it is too small for a
    /// number of this type.
    package init(_ symbols: SymbolView, following reference: Reference = .nistTool) {
        self.init(
            symbols,
            longestRepeat: RepeatStatistics(symbols).longestRepeat,
            following: reference
        )
    }

    /// Takes the length of the longest repeat, as `RepeatStatistics` has it.
    package init(
        _ symbols: SymbolView,
        longestRepeat: Int,
        following reference: Reference = .nistTool
    ) {
        let frequencies = SymbolFrequencies(symbols, following: reference).values
        collisionProbability = frequencies.reduce(0) { $0 + $1 * $1 }
        self.longestRepeat = longestRepeat
        let starts = Double(symbols.count - longestRepeat + 1)
        let pairs = starts * (starts - 1) / 2
        let equal = pow(collisionProbability, Double(longestRepeat))
        probability = longestRepeat == 0 || equal >= 1 ? 1 : 0 - expm1(pairs * log1p(-equal))
        passes = probability >= ChiSquareTest.significance
    }
}
