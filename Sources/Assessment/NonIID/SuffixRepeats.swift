// Repeated tuples by suffix array and LCP intervals, in linear time (SP 800-90B, 6.3.5-6.3.6).
// SPDX-License-Identifier: Apache-2.0

import CDivSufSort

extension RepeatStatistics {
    /// Counts with a suffix array, on any alphabet and for repeats of any length. Needs 8 bytes of
    /// memory per symbol, and 12 bytes per symbol of the longest repeat.
    package init(suffixesOf symbols: SymbolView) {
        let count = symbols.count
        let suffixes = ScratchMemory<Int32>(count: count, use: .dense)
        defer { suffixes.deallocate() }
        let status = divsufsort(symbols.base, suffixes.base, Int32(count))
        precondition(status == 0, "the suffix array could not be allocated")

        let prefixes = ScratchMemory<Int32>(count: count, use: .dense)
        defer { prefixes.deallocate() }
        let longest = Self.commonPrefixes(symbols, suffixes: suffixes.base, into: prefixes.base)
        var counter = IntervalCounter(longest: longest)
        counter.add(count: count, floor: 0) { Int(prefixes[Int(suffixes[$0])]) }
        self = counter.finish(symbolCount: count)
    }

    /// Length of the prefix that each suffix shares with its predecessor in sorted order, stored by
    /// position in the text (Kärkkäinen, Manzini, Puglisi 2009). Returns the largest.
    private static func commonPrefixes(
        _ symbols: SymbolView,
        suffixes: UnsafePointer<Int32>,
        into prefixes: UnsafeMutablePointer<Int32>
    ) -> Int {
        let text = symbols.base
        let count = symbols.count
        // First the predecessor of each suffix, then its shared length in the same place.
        prefixes[Int(suffixes[0])] = -1
        for rank in 1..<count { prefixes[Int(suffixes[rank])] = suffixes[rank &- 1] }
        var length = 0
        var longest = 0
        for position in 0..<count {
            let other = Int(prefixes[position])
            if other < 0 {
                length = 0
            } else {
                let limit = count &- max(position, other)
                while length < limit, text[position &+ length] == text[other &+ length] {
                    length &+= 1
                }
                longest = max(longest, length)
            }
            prefixes[position] = Int32(truncatingIfNeeded: length)
            length = max(0, length &- 1)
        }
        return longest
    }
}
