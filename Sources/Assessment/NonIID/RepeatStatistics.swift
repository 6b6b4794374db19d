// Counts of repeated tuples, the common ground of SP 800-90B, sections 6.3.5 and 6.3.6.
// SPDX-License-Identifier: Apache-2.0

/// How often tuples of each length repeat. All tuples overlap.
package struct RepeatStatistics: Sendable, Equatable {
    /// Number of symbols of the sequence (L).
    package let symbolCount: Int
    /// Count of the most frequent tuple of length i at index i, 0 at index 0 (Q[i]). Exact where it
    /// reaches the threshold of 35, otherwise some number below the threshold.
    package let tupleCounts: [UInt32]
    /// Number of pairs of equal tuples of length i at index i: the sum of c (c - 1) / 2.
    package let pairCounts: [Int]

    /// Length of the longest substring that occurs twice (v), 0 if nothing repeats.
    package var longestRepeat: Int { tupleCounts.count - 1 }

    /// Largest length whose most frequent tuple reaches the threshold of 35 (t), 0 if none does.
    package var longestFrequentTuple: Int {
        // Q never increases with the length.
        var (low, high) = (0, longestRepeat + 1)
        while high - low > 1 {
            let middle = (low + high) / 2
            if tupleCounts[middle] >= Specification.tupleThreshold {
                low = middle
            } else {
                high = middle
            }
        }
        return low
    }

    /// Counts all tuples of a sequence.
    package init(_ symbols: SymbolView) {
        self = Self(windowsOf: symbols) ?? Self(suffixesOf: symbols)
    }

    /// Adopts counts for the lengths 0...v, both arrays of the same size.
    init(symbolCount: Int, tupleCounts: [UInt32], pairCounts: [Int]) {
        precondition(tupleCounts.count == pairCounts.count && !tupleCounts.isEmpty)
        self.symbolCount = symbolCount
        self.tupleCounts = tupleCounts
        self.pairCounts = pairCounts
    }
}
