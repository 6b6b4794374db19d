// Counts of the symbols of a bzip2 block by groups of 50, which share a Huffman table.
// SPDX-License-Identifier: Apache-2.0

/// How often each of at most 16 symbols occurs in each group, in two layouts.
struct SymbolGroups {
    /// Counts of one symbol in 8 groups.
    typealias Lanes = SIMD8<Int16>

    /// Counts of all symbols, group by group.
    let rows: UnsafeMutablePointer<SIMD16<UInt16>>
    /// For each 8 groups the counts of each of the 16 symbols.
    let columns: UnsafeMutablePointer<Lanes>
    /// Most groups, a multiple of 8.
    let capacity: Int
    private let rowMemory: ScratchMemory<UInt64>
    private let columnMemory: ScratchMemory<UInt64>

    /// Symbols of a group.
    static let size = 50

    /// Prepares for as many symbols.
    init(capacity symbols: Int) {
        capacity = (symbols / Self.size + 8) / 8 * 8
        rowMemory = ScratchMemory(count: 4 * capacity)
        columnMemory = ScratchMemory(count: 4 * capacity)
        rows = UnsafeMutableRawPointer(rowMemory.base)
            .bindMemory(to: SIMD16<UInt16>.self, capacity: capacity)
        columns = UnsafeMutableRawPointer(columnMemory.base)
            .bindMemory(to: Lanes.self, capacity: 2 * capacity)
    }

    func deallocate() {
        rowMemory.deallocate()
        columnMemory.deallocate()
    }

    /// Counts the symbols, which are below `alphabetSize`. Returns the number of groups.
    func fill(_ symbols: UnsafePointer<UInt8>, _ count: Int, alphabetSize: Int) -> Int {
        let groupCount = (count + Self.size - 1) / Self.size
        withUnsafeTemporaryAllocation(of: SIMD16<UInt8>.self, capacity: 16) { units in
            let units = units.baseAddress!
            for symbol in 0..<16 {
                var unit = SIMD16<UInt8>()
                unit[symbol] = 1
                (units + symbol).initialize(to: unit)
            }
            for group in 0..<groupCount {
                let start = symbols + Self.size &* group
                var counts = SIMD16<UInt8>()
                for place in 0..<min(Self.size, count &- Self.size &* group) {
                    counts &+= units[Int(start[place])]
                }
                rows[group] = SIMD16(truncatingIfNeeded: counts)
            }
        }
        let cells = UnsafeMutableRawPointer(columns)
            .assumingMemoryBound(to: Int16.self)
        let counts = UnsafeMutableRawPointer(rows).assumingMemoryBound(to: Int16.self)
        for batch in stride(from: 0, to: groupCount, by: 8) {
            for lane in 0..<8 {
                let group = batch &+ lane
                for symbol in 0..<alphabetSize {
                    let count = group < groupCount ? counts[16 &* group &+ symbol] : 0
                    cells[16 &* batch &+ 8 &* symbol &+ lane] = count
                }
            }
        }
        return groupCount
    }

    /// Counts of the symbols in all groups.
    func total(_ groupCount: Int) -> SIMD16<UInt32> {
        var total = SIMD16<UInt32>()
        for group in 0..<groupCount { total &+= SIMD16(truncatingIfNeeded: rows[group]) }
        return total
    }
}
