// Contexts of one length with the counts of the symbols that followed (SP 800-90B, 6.3.9, 6.3.10).
// SPDX-License-Identifier: Apache-2.0

/// All known contexts of one length, or of all lengths. A context is found from the slot of the context
/// that is one (the oldest) symbol shorter, so that all lengths form a tree.
///
/// The count of the most frequent successor is kept with the context, those of the others apart.
/// A slot whose count is 0 is no known context, only a step on the way to longer ones.
/// Copies share their memory; the owner calls `deallocate` once.
struct ContextTable {
    /// Number of (context, symbol) pairs.
    private(set) var pairCount = 0
    private let alphabetSize: Int
    /// Whether the slot is computed from the parent and the symbol without search.
    private let isDirect: Bool
    private let slotCount: Int
    /// Parent and symbol of the slot plus 1, or 0 for an empty slot.
    private let keys: ScratchMemory<UInt32>
    private let bestCounts: ScratchMemory<UInt32>
    private let bestSymbols: ScratchMemory<UInt8>
    private var others: PairTable

    /// One table for contexts of all lengths, at most `capacity` / 2 of them, which is a power of two. The
    /// shortest have ``root`` for their parent.
    init(alphabetSize: Int, capacity: Int) {
        self.init(alphabetSize: alphabetSize, slotCount: capacity, isDirect: false)
    }

    /// The parent of contexts of one symbol in a table of all lengths: no slot.
    var root: Int { slotCount }

    /// A table for contexts of `length` symbols, at most `capacity` of them (a power of two, or the
    /// number of all possible contexts if that is smaller).
    init(length: Int, alphabetSize: Int, capacity: Int) {
        var possible = 1
        for _ in 0..<length where possible <= capacity { possible *= alphabetSize }
        let isDirect = possible <= capacity
        self.init(
            alphabetSize: alphabetSize,
            slotCount: isDirect ? possible : capacity,
            isDirect: isDirect
        )
    }

    private init(alphabetSize: Int, slotCount: Int, isDirect: Bool) {
        self.alphabetSize = alphabetSize
        self.slotCount = slotCount
        self.isDirect = isDirect
        keys = ScratchMemory(count: slotCount, use: .scattered)
        bestCounts = ScratchMemory(count: slotCount, use: .scattered)
        bestSymbols = ScratchMemory(count: slotCount, use: .scattered)
        others = PairTable(slotCount: slotCount, alphabetSize: alphabetSize)
    }

    func deallocate() {
        keys.deallocate()
        bestCounts.deallocate()
        bestSymbols.deallocate()
        others.deallocate()
    }

    /// The slot of a context, or -1 if there is none.
    @inline(__always)
    func find(parent: Int, symbol: UInt8) -> Int {
        if isDirect {
            let slot = parent &* alphabetSize &+ Int(symbol)
            return keys[slot] == 0 ? -1 : slot
        }
        let key = Self.key(parent, symbol)
        var slot = hash(key)
        while keys[slot] != key {
            if keys[slot] == 0 { return -1 }
            slot = (slot &+ 1) & (slotCount &- 1)
        }
        return slot
    }

    /// The slot of a context, which is made if there is none; it then has no successors yet.
    @inline(__always)
    func findOrInsert(parent: Int, symbol: UInt8) -> Int {
        let key = Self.key(parent, symbol)
        var slot = isDirect ? parent &* alphabetSize &+ Int(symbol) : hash(key)
        if !isDirect {
            while keys[slot] != key, keys[slot] != 0 { slot = (slot &+ 1) & (slotCount &- 1) }
        }
        keys[slot] = key
        return slot
    }

    /// Occurrences of the most frequent successor, 0 if the context is not known.
    @inline(__always)
    func bestCount(_ slot: Int) -> UInt32 { bestCounts[slot] }

    /// The most frequent successor; of several, the largest.
    @inline(__always)
    func bestSymbol(_ slot: Int) -> UInt8 { bestSymbols[slot] }

    /// Counts a successor. One that is new to its context is added only while the table has fewer
    /// than `limit` pairs.
    @inline(__always)
    mutating func learn(_ slot: Int, _ symbol: UInt8, pairLimit limit: Int) {
        let best = bestSymbols[slot]
        let bestCount = bestCounts[slot]
        if bestCount == 0 {
            guard pairCount < limit else { return }
            pairCount &+= 1
            bestSymbols[slot] = symbol
            bestCounts[slot] = 1
        } else if symbol == best {
            bestCounts[slot] = bestCount &+ 1
        } else {
            learnOther(slot, symbol, best: best, bestCount: bestCount, pairLimit: limit)
        }
    }

    @inline(__always)
    private mutating func learnOther(
        _ slot: Int,
        _ symbol: UInt8,
        best: UInt8,
        bestCount: UInt32,
        pairLimit limit: Int
    ) {
        let count = others.increment(slot, symbol, mayAdd: pairCount < limit)
        if count == 1 { pairCount &+= 1 }
        guard count > bestCount || count == bestCount && symbol > best else { return }
        bestSymbols[slot] = symbol
        bestCounts[slot] = count
        others.set(slot, best, bestCount)
    }

    /// The capacity for a sequence of so many symbols, at most `limit`: a power of two that leaves more than
    /// half of the slots empty if every symbol makes a context.
    static func capacity(for symbolCount: Int, limit: Int) -> Int {
        var capacity = 4
        while capacity < limit, capacity < 2 * symbolCount + 2 { capacity *= 2 }
        return capacity
    }

    private static func key(_ parent: Int, _ symbol: UInt8) -> UInt32 {
        UInt32(truncatingIfNeeded: parent) &<< 8 &+ UInt32(symbol) &+ 1
    }

    @inline(__always)
    private func hash(_ key: UInt32) -> Int {
        let mixed = UInt64(key) &* 0x9E37_79B9_7F4A_7C15  // 2^64 / golden ratio (Knuth 6.4)
        return Int(truncatingIfNeeded: mixed &>> 40) & (slotCount &- 1)
    }
}
