// Sorts the rotations of a cyclic sequence of numerals (block sorting on the level of words).
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Sorts the rotations of a cycle of words. A word is its rank among at most 256; the last word of the
/// cycle may be a stranger, which lies between two ranks.
///
/// An element is a word of 64 bits: the ranks of the next words above the index of the rotation, so that
/// sorting numbers sorts rotations, and almost always no two rotations agree in so many words.
struct NumeralOrder {
    /// Ranks of the words; the one before the first is the last.
    let words: UnsafeMutablePointer<UInt8>
    private let memory: ScratchMemory<UInt8>
    private let front: ScratchMemory<UInt64>
    private let back: ScratchMemory<UInt64>
    private let ranks: ScratchMemory<UInt32>
    /// Bits per word.
    private let wordBits: Int
    /// Bits per digit of the radix sort, a multiple of the former.
    private let digitBits: Int
    /// Digits that are sorted by; the rest almost never matters.
    private let passes: Int
    /// Words in an element.
    private let keyWords: Int

    /// Bits of a digit at most: more save passes, but the places where they write leave the cache.
    private static let widestDigit = 11

    /// Bits of an index: a block of 500,002 bytes has fewer than 2^18 words of two bytes or more.
    static let indexBits = 18
    static let indexMask: UInt64 = 1 << 18 - 1

    /// - Parameter collision: the probability that two words are equal, from which the number of
    ///   digits worth sorting by follows.
    init(capacity: Int, alphabetSize: Int, collision: Double) {
        precondition(capacity <= 1 << Self.indexBits)
        memory = ScratchMemory(count: capacity + 1, use: .dense)
        words = memory.base + 1
        front = ScratchMemory(count: capacity, use: .dense)
        back = ScratchMemory(count: capacity, use: .dense)
        ranks = ScratchMemory(count: capacity)
        wordBits = max(1, Int.bitWidth - (alphabetSize - 1).leadingZeroBitCount)
        let wordsPerDigit = max(1, Self.widestDigit / wordBits)
        digitBits = wordBits * wordsPerDigit
        keyWords = (UInt64.bitWidth - Self.indexBits) / wordBits
        let digits = (keyWords + wordsPerDigit - 1) / wordsPerDigit
        // So that fewer than one word in 20 has an equal that the passes leave unsorted.
        let needed = log(0.05 / Double(capacity)) / log(min(collision, 1 - 1e-9))
        let neededDigits = (needed / Double(wordsPerDigit)).rounded(.up)
        passes = min(digits, max(1, Int(min(64, neededDigits))))
    }

    func deallocate() {
        memory.deallocate()
        front.deallocate()
        back.deallocate()
        ranks.deallocate()
    }

    /// The rotations in increasing order, as elements whose low bits are the index.
    /// - Parameters:
    ///   - count: number of words, more than fit in an element: 47 or more always suffice.
    ///   - stranger: number of ranks below the last word if that has none of its own.
    func sort(count: Int, stranger: Int?) -> UnsafeMutablePointer<UInt64> {
        words[-1] = words[count - 1]
        var (from, to) = (front.base, back.base)
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: 2 << digitBits) { memory in
            let ends = memory.baseAddress!
            let next = ends + (1 << digitBits)
            countDigits(count, into: ends)
            next.initialize(from: ends, count: 1 << digitBits)
            fill(count, into: from, ends: next)
            for pass in stride(from: passes - 2, through: 0, by: -1) {
                next.update(from: ends, count: 1 << digitBits)
                scatter(from, to, count, shift: shift(pass), ends: next)
                swap(&from, &to)
            }
        }
        let strangers = stranger == nil ? count : count - keyWords
        let (strange, distinct) = finish(from, count, strangers: strangers)
        if let stranger { insert(strange, stranger, from, count) }
        if !distinct { separate(from, count, strangers: strangers) }
        return from
    }

    /// Writes the place behind the last element of each digit. All digits have the same, as each is
    /// the first digit of some other rotation of the cycle.
    private func countDigits(_ count: Int, into ends: UnsafeMutablePointer<Int32>) {
        ends.initialize(repeating: 0, count: 1 << digitBits)
        let top = digitBits - wordBits
        var digit = 0
        for place in stride(from: digitBits / wordBits - 1, through: 0, by: -1) {
            digit = digit >> wordBits | Int(words[place]) << top
        }
        for place in stride(from: count &- 1, through: 0, by: -1) {
            digit = digit &>> wordBits | Int(words[place]) &<< top
            ends[digit] &+= 1
        }
        var sum: Int32 = 0
        for digit in 0..<1 << digitBits {
            sum &+= ends[digit]
            ends[digit] = sum
        }
    }

    /// Right shift of a digit, of which the last may overlap the one before it.
    private func shift(_ pass: Int) -> Int {
        64 - digitBits - min(digitBits * pass, keyWords * wordBits - digitBits)
    }

    /// Makes the elements, distributed by the lowest digit that is sorted by.
    private func fill(
        _ count: Int,
        into elements: UnsafeMutablePointer<UInt64>,
        ends: UnsafeMutablePointer<Int32>
    ) {
        let wordBits = UInt64(wordBits)
        let top = 64 - wordBits
        let shift = UInt64(shift(passes - 1))
        let mask: UInt64 = 1 << UInt64(digitBits) - 1
        let keyMask = ~UInt64(0) << UInt64(64 - keyWords * Int(wordBits))
        var key: UInt64 = 0
        for place in stride(from: keyWords - 1, through: 0, by: -1) {
            key = key >> wordBits | UInt64(words[place]) << top
        }
        for place in stride(from: count &- 1, through: 0, by: -1) {
            key = (key &>> wordBits | UInt64(words[place]) &<< top) & keyMask
            let digit = Int(truncatingIfNeeded: key &>> shift & mask)
            ends[digit] &-= 1
            elements[Int(ends[digit])] = key | UInt64(truncatingIfNeeded: place)
        }
    }

    /// Distributes the elements by one digit, stably.
    private func scatter(
        _ from: UnsafeMutablePointer<UInt64>,
        _ to: UnsafeMutablePointer<UInt64>,
        _ count: Int,
        shift: Int,
        ends: UnsafeMutablePointer<Int32>
    ) {
        let shift = UInt64(shift)
        let mask: UInt64 = 1 << UInt64(digitBits) - 1
        for place in stride(from: count &- 1, through: 0, by: -1) {
            let element = from[place]
            let digit = Int(truncatingIfNeeded: element &>> shift & mask)
            ends[digit] &-= 1
            to[Int(ends[digit])] = element
        }
    }

    /// Sorts elements that are almost sorted, and takes out the rotations that have the stranger in
    /// their element, which are in no place yet. Returns these, and whether no two of the others
    /// agree but for their index.
    private func finish(
        _ elements: UnsafeMutablePointer<UInt64>,
        _ count: Int,
        strangers: Int
    ) -> (strange: [UInt64], distinct: Bool) {
        var distinct = true
        var strange: [UInt64] = []
        let index = UInt64(Self.indexBits)
        let first = UInt64(strangers)
        var kept = 0
        for place in 0..<count {
            let element = elements[place]
            if element & Self.indexMask >= first {
                strange.append(element)
                continue
            }
            var hole = kept
            kept &+= 1
            elements[hole] = element
            if hole == 0 || element &>> index > elements[hole &- 1] &>> index { continue }
            while hole > 0 && elements[hole &- 1] > element {
                elements[hole] = elements[hole &- 1]
                hole &-= 1
            }
            elements[hole] = element
            if hole > 0 && elements[hole &- 1] &>> index == element &>> index { distinct = false }
            if hole < kept &- 1 && elements[hole &+ 1] &>> index == element &>> index {
                distinct = false
            }
        }
        return (strange, distinct)
    }

    /// Puts the rotations that were taken out where they belong. No rotation is equal to one of them.
    private func insert(
        _ strange: [UInt64],
        _ stranger: Int,
        _ elements: UnsafeMutablePointer<UInt64>,
        _ count: Int
    ) {
        let kept = count - strange.count
        let places = strange.map { element in
            let index = Int(element & Self.indexMask)
            let depth = UInt64((count - 1 - index) * wordBits)
            // All that agree in the words before the stranger and continue below it come first.
            let prefix = depth == 0 ? 0 : (element >> (64 - depth)) << (64 - depth)
            let step = (UInt64(stranger) << (64 - UInt64(wordBits))) >> depth
            let overflow = stranger >> wordBits > 0
            let (bound, over) =
                overflow
                ? (depth == 0 ? (0, true) : prefix.addingReportingOverflow(1 << (64 - depth)))
                : prefix.addingReportingOverflow(step)
            return (place: over ? kept : lowerBound(elements, kept, bound), index: index)
        }.sorted {
            if $0.place != $1.place { return $0.place < $1.place }
            return precedes($0.index, $1.index, count, stranger)
        }
        var end = kept
        for (ahead, strange) in places.enumerated().reversed() {
            let size = end - strange.place
            (elements + strange.place + ahead + 1).update(
                from: elements + strange.place,
                count: size
            )
            // The key would look like an equal one's: only the index is left.
            elements[strange.place + ahead] = UInt64(strange.index)
            end = strange.place
        }
    }

    private func lowerBound(
        _ elements: UnsafeMutablePointer<UInt64>,
        _ count: Int,
        _ bound: UInt64
    ) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if elements[middle] < bound { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Compares two rotations word by word; equal ones do not precede each other.
    private func precedes(_ left: Int, _ right: Int, _ count: Int, _ stranger: Int?) -> Bool {
        let word = { (place: Int) -> Int in
            if place == count - 1, let stranger { return 2 * stranger }
            return 2 * Int(words[place]) + 1
        }
        var (left, right) = (left, right)
        for _ in 0..<count {
            let (one, other) = (word(left), word(right))
            if one != other { return one < other }
            left = left + 1 == count ? 0 : left + 1
            right = right + 1 == count ? 0 : right + 1
        }
        return false
    }

    /// Orders rotations that agree in a whole element, by the ranks of what follows (prefix doubling,
    /// Larsson and Sadakane, 1999). Equal rotations stay in any order.
    /// - Parameter strangers: index from which on rotations are unique.
    private func separate(
        _ elements: UnsafeMutablePointer<UInt64>,
        _ count: Int,
        strangers: Int
    ) {
        let index = { (place: Int) in Int(elements[place] & Self.indexMask) }
        let key = { (place: Int) in elements[place] >> UInt64(Self.indexBits) }
        var groups = split(0..<count) { place in
            key(place - 1) == key(place) && index(place - 1) < strangers && index(place) < strangers
        }
        for place in 0..<count { ranks[index(place)] = UInt32(place) }
        for group in groups {
            for place in group { ranks[index(place)] = UInt32(group.lowerBound) }
        }
        var depth = keyWords
        while depth < count && !groups.isEmpty {
            var left: [Range<Int>] = []
            for group in groups {
                for place in group {
                    var next = index(place) + depth
                    if next >= count { next -= count }
                    elements[place] =
                        UInt64(ranks[next]) << UInt64(Self.indexBits) | UInt64(index(place))
                }
                var members = UnsafeMutableBufferPointer(
                    start: elements + group.lowerBound,
                    count: group.count
                )
                members.sort()
                let parts = split(group) { key($0 - 1) == key($0) }
                for place in group { ranks[index(place)] = UInt32(place) }
                for part in parts {
                    for place in part { ranks[index(place)] = UInt32(part.lowerBound) }
                }
                left += parts
            }
            groups = left
            depth *= 2
        }
    }

    /// Parts of a range of at least two places that are joined to their neighbours.
    private func split(_ range: Range<Int>, joined: (Int) -> Bool) -> [Range<Int>] {
        var parts: [Range<Int>] = []
        var start = range.lowerBound
        for place in range.dropFirst() where !joined(place) {
            if place - start > 1 { parts.append(start..<place) }
            start = place
        }
        if range.upperBound - start > 1 { parts.append(start..<range.upperBound) }
        return parts
    }
}
