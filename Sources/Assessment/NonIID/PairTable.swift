// Counts of (context, symbol) pairs besides the most frequent ones (SP 800-90B, 6.3.9, 6.3.10).
// SPDX-License-Identifier: Apache-2.0

/// Counts by context slot and symbol: an array if that is small, otherwise a growing hash table.
/// Copies share their memory; the owner calls `deallocate` once.
struct PairTable {
    private let isDense: Bool
    private let alphabetSize: Int
    /// Number of entries of the hash table, a power of two.
    private var capacity: Int
    private var used = 0
    /// Pair plus 1 in the high half, or 0; the count in the low half. Dense: the count alone.
    private var entries: ScratchMemory<UInt64>

    init(slotCount: Int, alphabetSize: Int) {
        self.alphabetSize = alphabetSize
        isDense = slotCount * alphabetSize <= Self.denseLimit
        capacity = isDense ? slotCount * alphabetSize : Self.initialCapacity
        entries = ScratchMemory(count: capacity, use: .scattered)
    }

    func deallocate() {
        entries.deallocate()
    }

    /// Adds 1 to a pair and returns the new count: 1 for a pair that has just been added, 0 if it
    /// was unknown and may not be added.
    @inline(__always)
    mutating func increment(_ slot: Int, _ symbol: UInt8, mayAdd: Bool) -> UInt32 {
        let entry = find(slot, symbol)
        let value = entries[entry]
        let count = UInt32(truncatingIfNeeded: value)
        if count == 0 {
            guard mayAdd else { return 0 }
            add(slot, symbol, count: 1, at: entry)
            return 1
        }
        entries[entry] = value &+ 1
        return count &+ 1
    }

    /// Stores the count of a pair, which is added if unknown.
    mutating func set(_ slot: Int, _ symbol: UInt8, _ count: UInt32) {
        add(slot, symbol, count: count, at: find(slot, symbol))
    }

    private mutating func add(_ slot: Int, _ symbol: UInt8, count: UInt32, at entry: Int) {
        let isNew = entries[entry] == 0
        entries[entry] = isDense ? UInt64(count) : key(slot, symbol) &<< 32 | UInt64(count)
        if isNew, !isDense {
            used &+= 1
            if used &* 2 > capacity { grow() }
        }
    }

    /// The entry of a pair, or the empty one where it belongs.
    @inline(__always)
    private func find(_ slot: Int, _ symbol: UInt8) -> Int {
        if isDense { return slot &* alphabetSize &+ Int(symbol) }
        let key = key(slot, symbol)
        var entry = hash(key)
        while entries[entry] != 0, entries[entry] &>> 32 != key {
            entry = (entry &+ 1) & (capacity &- 1)
        }
        return entry
    }

    @inline(never)
    private mutating func grow() {
        let (oldEntries, oldCapacity) = (entries, capacity)
        capacity *= 4
        entries = ScratchMemory(count: capacity, use: .scattered)
        for index in 0..<oldCapacity where oldEntries[index] != 0 {
            var entry = hash(oldEntries[index] &>> 32)
            while entries[entry] != 0 { entry = (entry &+ 1) & (capacity &- 1) }
            entries[entry] = oldEntries[index]
        }
        oldEntries.deallocate()
    }

    @inline(__always)
    private func key(_ slot: Int, _ symbol: UInt8) -> UInt64 {
        UInt64(truncatingIfNeeded: slot &<< 8 &+ Int(symbol) &+ 1)
    }

    @inline(__always)
    private func hash(_ key: UInt64) -> Int {
        let mixed = key &* 0x9E37_79B9_7F4A_7C15  // 2^64 / golden ratio (Knuth 6.4)
        return Int(truncatingIfNeeded: mixed &>> 32) & (capacity &- 1)
    }

    /// Largest array of counts: 1 MiB of memory, which the caches hold.
    private static let denseLimit = 1 << 17
    /// Entries of a new hash table.
    private static let initialCapacity = 1 << 10
}
