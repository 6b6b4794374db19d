// Repeated tuples of bit strings by buckets of equal prefixes (SP 800-90B, 6.3.5-6.3.6).
// SPDX-License-Identifier: Apache-2.0

import Glibc

extension RepeatStatistics {
    /// Counts bits by sorting all places into buckets of equal prefixes and comparing inside each.
    /// Several times faster than a suffix array, but for bit strings with few long repeats only: nil for
    /// other alphabets, short sequences, and if many places share a whole window.
    package init?(windowsOf bits: SymbolView) {
        guard bits.isBinary, bits.count >= Self.fewestBits else { return nil }
        let windows = BitWindows(bits)
        defer { windows.deallocate() }
        var counter = IntervalCounter(longest: PrefixGroups.longestRepeat)
        // About two places share a bucket, whatever the length: its square is what comparing costs.
        let prefix = Int.bitWidth - 1 - bits.count.leadingZeroBitCount
        let coarse = CoarseBuckets(windows, prefix: min(prefix, CoarseBuckets.widest))
        defer { coarse.deallocate() }
        let pairs = coarse.count(into: &counter)
        // If the pairs thin out with the length as they have done so far, few of them must be left at
        // the width of a window; otherwise the work would be in vain.
        let allPairs = 0.5 * Double(bits.count) * Double(bits.count)
        let thinning = Double(BitWindows.width) / Double(coarse.prefix)
        guard allPairs * pow(Double(pairs) / allPairs, thinning) < PrefixGroups.mostWideRepeats / 2
        else { return nil }
        var groups = PrefixGroups(windows, coarse, prefix: prefix)
        guard groups.count(into: &counter) else { return nil }
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

/// How often each tuple of up to 16 bits occurs.
private struct CoarseBuckets {
    /// Bits of a tuple, at most ``widest``: a table that the second-level cache holds.
    static let widest = 16

    let windows: BitWindows
    let prefix: Int
    /// Occurrences of each tuple of `prefix` bits. The owner calls `deallocate` once.
    let sizes: ScratchMemory<UInt32>

    init(_ windows: BitWindows, prefix: Int) {
        self.windows = windows
        self.prefix = prefix
        sizes = ScratchMemory(count: 1 << prefix, use: .dense)
        for place in 0..<windows.count - prefix + 1 { sizes[windows.tuple(place, prefix)] &+= 1 }
    }

    func deallocate() { sizes.deallocate() }

    /// Counts the tuples of up to `prefix` bits. Returns the number of pairs that share a full prefix.
    func count(into counter: inout IntervalCounter) -> Int {
        let fold = ScratchMemory<UInt32>(count: 1 << prefix, use: .dense)
        defer { fold.deallocate() }
        fold.base.update(from: sizes.base, count: 1 << prefix)
        return windows.fold(
            fold.base,
            group: 0,
            groupBits: 0,
            lengths: 1...prefix,
            into: &counter
        )
    }
}

extension BitWindows {
    /// The `length` bits (0...57) from `place` on as a number.
    @inline(__always)
    fileprivate func tuple(_ place: Int, _ length: Int) -> Int {
        Int(truncatingIfNeeded: (key(place) &>> 1) &>> UInt64(63 &- length))
    }

    /// Counts tuples whose first `groupBits` bits are `group`, from the longest of `lengths` down, given in
    /// `sizes` by the bits that follow how often those of the longest length occur: a shorter tuple occurs
    /// as often as its two extensions, and once more if it ends the string. Returns the pairs of the
    /// longest; `sizes` is used up.
    fileprivate func fold(
        _ sizes: UnsafeMutablePointer<UInt32>,
        group: Int,
        groupBits: Int,
        lengths: ClosedRange<Int>,
        into counter: inout IntervalCounter
    ) -> Int {
        var longestPairs = 0
        for length in lengths.reversed() {
            let bits = length - groupBits
            if length < lengths.upperBound {
                for tuple in 0..<1 << bits {
                    sizes[tuple] = sizes[2 &* tuple] &+ sizes[2 &* tuple &+ 1]
                }
                let last = tuple(count - length, length)
                if last >> bits == group { sizes[last & (1 << bits - 1)] += 1 }
            }
            var pairs = 0
            var largest: UInt32 = 0
            for tuple in 0..<1 << bits {
                let size = Int(sizes[tuple])
                pairs &+= size &* (size &- 1)
                largest = max(largest, sizes[tuple])
            }
            if length == lengths.upperBound { longestPairs = pairs / 2 }
            counter.addPairs(pairs / 2, from: length - 1, through: length)
            counter.addTuple(largest, length: length)
        }
        return longestPairs
    }
}

/// The places of a bit string in groups that share their first bits, so small that the second-level cache
/// holds what sorting one of them takes.
private struct PrefixGroups {
    private let windows: BitWindows
    private let coarse: CoarseBuckets
    /// Bits of a bucket.
    private let prefix: Int
    private let groupBits: Int
    /// Places that have a full prefix.
    private let placeCount: Int
    /// Pairs of places so far that share a whole window.
    private var wideRepeats = 0

    /// Pairs of that kind that are looked at one by one; with more of them a suffix array is faster.
    static let mostWideRepeats = 200.0
    /// Bits of the longest repeat that is followed.
    static let longestRepeat = 1_024

    init(_ windows: BitWindows, _ coarse: CoarseBuckets, prefix: Int) {
        self.windows = windows
        self.coarse = coarse
        self.prefix = prefix
        groupBits = prefix > coarse.prefix ? prefix - coarse.prefix : 0
        placeCount = windows.count - prefix + 1
    }

    /// Counts the tuples that are longer than the coarse ones. Gives up and returns false at too many or too
    /// long repeats.
    mutating func count(into counter: inout IntervalCounter) -> Bool {
        let groups = 1 << groupBits
        // Of many places half of the groups at a time: half of the memory for one more look at each.
        let scanned = placeCount > 1 << 21 ? groups / 2 : groups
        for first in stride(from: 0, to: groups, by: scanned) {
            let sizes = (first..<first + scanned).map { coarseSize(of: $0) }
            let places = ScratchMemory<UInt32>(count: sizes.reduce(1, +))
            defer { places.deallocate() }
            let ends = gather(first..<first + scanned, sizes, into: places.base)
            guard
                sort(first..<first + scanned, sizes, ends, places.base, into: &counter)
            else { return false }
        }
        return true
    }

    /// Places of a group, or a few more: those at the end that have a coarse prefix only.
    private func coarseSize(of group: Int) -> Int {
        let width = 1 << (coarse.prefix - groupBits)
        return (group * width..<(group + 1) * width).reduce(0) { $0 + Int(coarse.sizes[$1]) }
    }

    /// Stores the places of each group one after the other, where `sizes` leaves room for them. Returns
    /// where each group ends.
    private func gather(
        _ groups: Range<Int>,
        _ sizes: [Int],
        into places: UnsafeMutablePointer<UInt32>
    ) -> [Int] {
        var cursors = [Int](repeating: 0, count: groups.count + 1)
        for index in 0..<groups.count { cursors[index + 1] = cursors[index] + sizes[index] }
        let (lower, count) = (groups.lowerBound, groups.count)
        cursors.withUnsafeMutableBufferPointer { cursors in
            for place in 0..<placeCount {
                // What belongs to none of them is written behind all of them, and written over.
                let group = UInt(bitPattern: windows.tuple(place, groupBits) &- lower)
                let index = min(Int(bitPattern: group & UInt(Int.max)), count)
                let cursor = cursors[index]
                places[cursor] = UInt32(truncatingIfNeeded: place)
                cursors[index] = cursor &+ (index < count ? 1 : 0)
            }
        }
        return cursors
    }

    /// Sorts each group by the rest of the prefix, and compares what is in one bucket.
    private mutating func sort(
        _ groups: Range<Int>,
        _ sizes: [Int],
        _ ends: [Int],
        _ places: UnsafePointer<UInt32>,
        into counter: inout IntervalCounter
    ) -> Bool {
        let bits = prefix - groupBits
        let bucketEnds = ScratchMemory<UInt32>(count: 1 << bits, use: .dense)
        let fold = ScratchMemory<UInt32>(count: 1 << bits, use: .dense)
        let keys = ScratchMemory<UInt64>(count: sizes.max() ?? 1)
        defer {
            bucketEnds.deallocate()
            fold.deallocate()
            keys.deallocate()
        }
        var start = 0
        for (index, group) in groups.enumerated() {
            let members = places + start
            let count = ends[index] - start
            start += sizes[index]
            bucketEnds.base.update(repeating: 0, count: 1 << bits)
            let mask = 1 &<< bits &- 1
            for member in 0..<count {
                bucketEnds[windows.tuple(Int(members[member]), prefix) & mask] &+= 1
            }
            if prefix > coarse.prefix {
                fold.base.update(from: bucketEnds.base, count: 1 << bits)
                _ = windows.fold(
                    fold.base,
                    group: group,
                    groupBits: groupBits,
                    lengths: coarse.prefix + 1...prefix,
                    into: &counter
                )
            }
            var next: UInt32 = 0
            for bucket in 0..<1 << bits {
                let size = bucketEnds[bucket]
                bucketEnds[bucket] = next
                next &+= size
            }
            for member in 0..<count {
                let key = windows.key(Int(members[member]))
                let bucket = Int(truncatingIfNeeded: key &>> UInt64(64 &- prefix)) & mask
                keys[Int(bucketEnds[bucket])] = key
                bucketEnds[bucket] &+= 1
            }
            let group = UnsafeBufferPointer(start: members, count: count)
            guard
                compare(bucketEnds.base, count: 1 << bits, keys.base, of: group, into: &counter)
            else { return false }
        }
        return true
    }

    /// Counts the tuples that are longer than the prefix, bucket by bucket. `group` holds the places behind
    /// the keys, in another order.
    private mutating func compare(
        _ ends: UnsafePointer<UInt32>,
        count: Int,
        _ keys: UnsafeMutablePointer<UInt64>,
        of group: UnsafeBufferPointer<UInt32>,
        into counter: inout IntervalCounter
    ) -> Bool {
        // Pairs that share exactly so many bits, for the small buckets.
        withUnsafeTemporaryAllocation(of: Int.self, capacity: 64) { pairs in
            pairs.initialize(repeating: 0)
            var start = 0
            for bucket in 0..<count {
                let end = Int(ends[bucket])
                let size = end &- start
                let members = keys + start
                start = end
                if size < 2 { continue }
                if size < Specification.tupleThreshold {
                    comparePairs(members, size, into: pairs)
                    if pairs[BitWindows.width] > 0 {
                        wideRepeats += pairs[BitWindows.width]
                        pairs[BitWindows.width] = 0
                        guard Double(wideRepeats) <= Self.mostWideRepeats,
                            follow(members, size, of: group, into: &counter)
                        else { return false }
                    }
                } else {
                    var large = UnsafeMutableBufferPointer(start: members, count: size)
                    large.sort()
                    if !countSorted(UnsafeBufferPointer(large), into: &counter) { return false }
                }
            }
            for shared in prefix + 1..<BitWindows.width {
                counter.addPairs(pairs[shared], from: prefix, through: shared)
            }
            return true
        }
    }

    /// Compares each key of a small bucket with each other.
    @inline(__always)
    private func comparePairs(
        _ keys: UnsafePointer<UInt64>,
        _ size: Int,
        into pairs: UnsafeMutableBufferPointer<Int>
    ) {
        for member in 1..<size {
            let key = keys[member]
            for other in 0..<member { pairs[BitWindows.shared(key, keys[other])] &+= 1 }
        }
    }

    /// Counts the pairs of a bucket that share a whole window by what follows it. Their places are those of
    /// the group with the same key: a look through it for each, which is rare enough.
    private func follow(
        _ keys: UnsafePointer<UInt64>,
        _ size: Int,
        of group: UnsafeBufferPointer<UInt32>,
        into counter: inout IntervalCounter
    ) -> Bool {
        for member in 1..<size {
            let key = keys[member]
            // All pairs of places with this key at once, when its second place is met.
            guard key & 127 == UInt64(BitWindows.width),
                (0..<member).count(where: { keys[$0] == key }) == 1
            else { continue }
            let places = group.filter { windows.key(Int($0)) == key }.map { Int($0) }
            for (index, place) in places.enumerated() {
                for other in places[..<index] {
                    guard let shared = sharedLength(place, other) else { return false }
                    counter.addPairs(1, from: prefix, through: shared)
                }
            }
        }
        return true
    }

    /// Bits that the strings from two places on share, nil if they are more than are followed.
    private func sharedLength(_ place: Int, _ other: Int) -> Int? {
        var length = 0
        while length <= Self.longestRepeat - BitWindows.width {
            guard max(place, other) + length < windows.count else { return length }
            let more = BitWindows.shared(windows.key(place + length), windows.key(other + length))
            length += more
            if more < BitWindows.width { return length }
        }
        return nil
    }

    private func countSorted(
        _ keys: UnsafeBufferPointer<UInt64>,
        into counter: inout IntervalCounter
    ) -> Bool {
        var longest = 0
        counter.add(count: keys.count, floor: prefix) { rank in
            let shared = BitWindows.shared(keys[rank - 1], keys[rank])
            longest = max(longest, shared)
            return shared
        }
        return longest < BitWindows.width
    }
}
