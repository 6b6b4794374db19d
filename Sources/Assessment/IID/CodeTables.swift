// Choice of Huffman tables by groups of 50 symbols, as bzip2 makes it.
// SPDX-License-Identifier: Apache-2.0

/// Counts the bits of a block's symbols with their tables and selectors.
///
/// What a group costs with a table depends only on how often each symbol occurs in the group, so the
/// symbols themselves are not needed any more.
struct CodeTables {
    /// Symbols that share a table.
    static let groupSize = 50
    private let selectors: ScratchMemory<UInt8>

    init(groupCapacity: Int) {
        selectors = ScratchMemory(count: groupCapacity + 8)
    }

    func deallocate() {
        selectors.deallocate()
    }

    /// Bits of number of tables, selectors, tables and data. `groups` holds 16 counts per group;
    /// only the first `alphabetSize` (3...16) of them may differ from 0.
    func bitCount(
        groups: UnsafeMutablePointer<UInt16>,
        symbolCount: Int,
        alphabetSize: Int
    ) -> Int {
        let groupCount = (symbolCount + Self.groupSize - 1) / Self.groupSize
        let tableCount = Self.tableCount(symbolCount)
        var lengths = [UInt16](repeating: 0, count: 6 * 16)
        var frequencies = [UInt32](repeating: 0, count: 6 * 16)
        var coder = CodeLengths()
        return lengths.withUnsafeMutableBufferPointer { lengths in
            frequencies.withUnsafeMutableBufferPointer { frequencies in
                let lengths = lengths.baseAddress!
                let frequencies = frequencies.baseAddress!
                add(groups, 0..<groupCount, to: frequencies)
                divide(frequencies, symbolCount, alphabetSize, tableCount, into: lengths)
                for _ in 0..<Self.rounds {
                    choose(groups, groupCount, lengths, alphabetSize, tableCount, frequencies)
                    for table in 0..<tableCount {
                        coder.make(
                            frequencies: frequencies + 16 * table,
                            count: alphabetSize,
                            into: lengths + 16 * table
                        )
                    }
                }
                var bits = 3 + 15 + selectorBits(groupCount, tableCount)
                for table in 0..<tableCount {
                    bits += Self.tableBits(lengths + 16 * table, alphabetSize)
                    for symbol in 16 * table..<16 * table + alphabetSize {
                        bits += Int(frequencies[symbol]) * Int(lengths[symbol])
                    }
                }
                return bits
            }
        }
    }

    /// Adds the counts of some groups to one table's frequencies.
    private func add(
        _ groups: UnsafeMutablePointer<UInt16>,
        _ range: Range<Int>,
        to frequencies: UnsafeMutablePointer<UInt32>
    ) {
        for group in range {
            for symbol in 0..<16 {
                frequencies[symbol] &+= UInt32(groups[16 &* group &+ symbol])
            }
        }
    }

    /// First guess: divides the symbols into ranges of about equal frequency, one per table. A table
    /// codes its own range for nothing and the rest at a price.
    private func divide(
        _ frequencies: UnsafePointer<UInt32>,
        _ symbolCount: Int,
        _ alphabetSize: Int,
        _ tableCount: Int,
        into lengths: UnsafeMutablePointer<UInt16>
    ) {
        var left = symbolCount
        var start = 0
        for part in stride(from: tableCount, through: 1, by: -1) {
            let share = left / part
            var end = start
            var sum = 0
            while sum < share && end < alphabetSize {
                sum += Int(frequencies[end])
                end += 1
            }
            // Every second range gives its last symbol back, so that rounding up does not add up.
            if end - start > 1 && part != tableCount && part != 1 && (tableCount - part) % 2 == 1 {
                end -= 1
                sum -= Int(frequencies[end])
            }
            for symbol in 0..<alphabetSize {
                let inside = start <= symbol && symbol < end
                lengths[16 * (part - 1) + symbol] = inside ? 0 : Self.outsidePrice
            }
            start = end
            left -= sum
        }
    }

    /// Chooses the cheapest table for each group, the first of equal ones, and counts the symbols
    /// that each table then codes.
    private func choose(
        _ groups: UnsafeMutablePointer<UInt16>,
        _ groupCount: Int,
        _ lengths: UnsafePointer<UInt16>,
        _ alphabetSize: Int,
        _ tableCount: Int,
        _ frequencies: UnsafeMutablePointer<UInt32>
    ) {
        frequencies.update(repeating: 0, count: 6 * 16)
        var columns = [SIMD8<UInt16>](repeating: SIMD8(repeating: Self.noTable), count: 16)
        for symbol in 0..<alphabetSize {
            for table in 0..<tableCount { columns[symbol][table] = lengths[16 * table + symbol] }
        }
        columns.withUnsafeBufferPointer { columns in
            for group in 0..<groupCount {
                let counts = groups + 16 &* group
                var cost = SIMD8<UInt16>()
                for symbol in 0..<alphabetSize {
                    cost &+= SIMD8(repeating: counts[symbol]) &* columns[symbol]
                }
                var best = 0
                for table in 1..<tableCount where cost[table] < cost[best] { best = table }
                selectors[group] = UInt8(truncatingIfNeeded: best)
                add(groups, group..<group &+ 1, to: frequencies + 16 &* best)
            }
        }
    }

    /// Bits of the selectors: their positions in a move-to-front list, in unary.
    private func selectorBits(_ groupCount: Int, _ tableCount: Int) -> Int {
        var list = Array(0..<UInt8(tableCount))
        var bits = 0
        for group in 0..<groupCount {
            let selector = selectors[group]
            if selector == list[0] {
                bits &+= 1
                continue
            }
            let position = list.firstIndex(of: selector)!
            list.remove(at: position)
            list.insert(selector, at: 0)
            bits &+= position &+ 1
        }
        return bits
    }

    /// Bits of a table: the first length, then steps of 2 bits and an end of 1 bit per symbol.
    private static func tableBits(_ lengths: UnsafePointer<UInt16>, _ alphabetSize: Int) -> Int {
        var bits = 5
        var current = Int(lengths[0])
        for symbol in 0..<alphabetSize {
            let length = Int(lengths[symbol])
            bits += 2 * abs(length - current) + 1
            current = length
        }
        return bits
    }

    /// More tables for more symbols.
    private static func tableCount(_ symbolCount: Int) -> Int {
        switch symbolCount {
        case ..<200: 2
        case ..<600: 3
        case ..<1_200: 4
        case ..<2_400: 5
        default: 6
        }
    }

    /// Times that tables are chosen and made anew.
    private static let rounds = 4
    /// First price in bits of a symbol outside a table's range.
    private static let outsidePrice: UInt16 = 15
    private static let noTable: UInt16 = 99
}
