// Repeated tuples of bit strings by buckets of equal prefixes (SP 800-90B, 6.3.5-6.3.6).
// SPDX-License-Identifier: Apache-2.0

import Glibc

extension RepeatStatistics {
    /// Counts bits by sorting all places into buckets of equal prefixes and comparing inside each.
    /// Several times faster than a suffix array, but for bit strings without long repeats only:
    /// nil for other alphabets, short sequences, and if a repeat reaches the width of a window.
    package init?(windowsOf bits: SymbolView) {
        guard bits.isBinary, bits.count >= Self.fewestBits else { return nil }
        let prefix = min(22, Int.bitWidth - 1 - bits.count.leadingZeroBitCount)
        let windows = BitWindows(bits)
        defer { windows.deallocate() }
        var counter = IntervalCounter(longest: BitWindows.width)
        var buckets = PrefixBuckets(windows, prefix: prefix)
        defer { buckets.deallocate() }
        let pairs = buckets.countPrefixes(into: &counter)
        // If the pairs thin out with the length as they have done so far, fewer than one of them
        // must be left at the width of a window; otherwise the work would be in vain.
        let allPairs = 0.5 * Double(bits.count) * Double(bits.count)
        let thinning = Double(BitWindows.width) / Double(prefix)
        guard allPairs * pow(Double(pairs) / allPairs, thinning) < 1 else { return nil }
        guard buckets.countSuffixes(into: &counter) else { return nil }
        self = counter.finish(symbolCount: bits.count).withoutTail
    }

    /// The same without the lengths that nothing repeats at.
    private var withoutTail: RepeatStatistics {
        let longest = pairCounts.lastIndex { $0 > 0 } ?? 0
        return RepeatStatistics(
            symbolCount: symbolCount,
            tupleCounts: Array(tupleCounts[...longest]),
            pairCounts: Array(pairCounts[...longest])
        )
    }

    /// Below, a suffix array is as fast.
    private static let fewestBits = 4_096
}

/// The places of a bit string in the order of their first `prefix` bits.
private struct PrefixBuckets {
    private let windows: BitWindows
    private let prefix: Int
    /// Places that have a full prefix.
    private let placeCount: Int
    /// First the size of each bucket, then its end among the places.
    private let ends: ScratchMemory<UInt32>

    init(_ windows: BitWindows, prefix: Int) {
        self.windows = windows
        self.prefix = prefix
        placeCount = windows.count - prefix + 1
        ends = ScratchMemory(count: 1 << prefix, use: .dense)
        for place in 0..<placeCount { ends[bucket(place)] &+= 1 }
    }

    func deallocate() { ends.deallocate() }

    @inline(__always)
    private func bucket(_ place: Int) -> Int {
        Int(truncatingIfNeeded: windows.key(place) &>> UInt64(64 &- prefix))
    }

    /// Counts the tuples of up to `prefix` bits: a tuple occurs as often as its two extensions,
    /// and once more if it ends the string. Returns the number of pairs that share a full prefix.
    func countPrefixes(into counter: inout IntervalCounter) -> Int {
        let sizes = ScratchMemory<UInt32>(count: 1 << prefix, use: .dense)
        defer { sizes.deallocate() }
        sizes.base.update(from: ends.base, count: 1 << prefix)
        var fullPairs = 0
        for length in stride(from: prefix, through: 1, by: -1) {
            if length < prefix {
                for tuple in 0..<1 << length {
                    sizes[tuple] = sizes[2 &* tuple] &+ sizes[2 &* tuple &+ 1]
                }
                let last = windows.key(windows.count - length) >> UInt64(64 - length)
                sizes[Int(last)] += 1
            }
            var pairs = 0
            var largest: UInt32 = 0
            for tuple in 0..<1 << length {
                let size = Int(sizes[tuple])
                pairs &+= size &* (size &- 1)
                largest = max(largest, sizes[tuple])
            }
            if length == prefix { fullPairs = pairs / 2 }
            counter.addPairs(pairs / 2, from: length - 1, through: length)
            counter.addTuple(largest, length: length)
        }
        return fullPairs
    }

    /// Counts the longer tuples. Gives up and returns false at a repeat as long as a window.
    mutating func countSuffixes(into counter: inout IntervalCounter) -> Bool {
        let places = sortPlaces()
        defer { places.deallocate() }
        // Pairs that share exactly so many bits, for the small buckets.
        return withUnsafeTemporaryAllocation(of: Int.self, capacity: 64) { pairs in
            pairs.initialize(repeating: 0)
            var large: [UInt64] = []
            var start = 0
            for bucket in 0..<1 << prefix {
                let end = Int(ends[bucket])
                let size = end &- start
                let members = places.base + start
                start = end
                if size < 2 { continue }
                if size < Specification.tupleThreshold {
                    comparePairs(members, size, into: pairs)
                } else {
                    large.removeAll(keepingCapacity: true)
                    for member in 0..<size { large.append(windows.key(Int(members[member]))) }
                    large.sort()
                    if !countSorted(large, into: &counter) { return false }
                }
                if pairs[BitWindows.width] > 0 { return false }
            }
            for shared in prefix + 1..<BitWindows.width {
                counter.addPairs(pairs[shared], from: prefix, through: shared)
            }
            return true
        }
    }

    /// Compares each place of a small bucket with each other.
    @inline(__always)
    private func comparePairs(
        _ members: UnsafePointer<UInt32>,
        _ size: Int,
        into pairs: UnsafeMutableBufferPointer<Int>
    ) {
        withUnsafeTemporaryAllocation(
            of: UInt64.self,
            capacity: Specification.tupleThreshold
        ) { keys in
            for member in 0..<size {
                let key = windows.key(Int(members[member]))
                for other in 0..<member { pairs[BitWindows.shared(key, keys[other])] &+= 1 }
                keys[member] = key
            }
        }
    }

    private func countSorted(_ keys: [UInt64], into counter: inout IntervalCounter) -> Bool {
        var longest = 0
        counter.add(count: keys.count, floor: prefix) { rank in
            let shared = BitWindows.shared(keys[rank - 1], keys[rank])
            longest = max(longest, shared)
            return shared
        }
        return longest < BitWindows.width
    }

    /// Sorts all places by bucket, in ascending order within each.
    private mutating func sortPlaces() -> ScratchMemory<UInt32> {
        var next: UInt32 = 0
        for bucket in 0..<1 << prefix {
            let size = ends[bucket]
            ends[bucket] = next
            next &+= size
        }
        let places = ScratchMemory<UInt32>(count: placeCount, use: .dense)
        for place in 0..<placeCount {
            let bucket = bucket(place)
            places[Int(ends[bucket])] = UInt32(truncatingIfNeeded: place)
            ends[bucket] &+= 1
        }
        return places
    }
}
