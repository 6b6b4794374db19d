// Choice of Huffman tables by groups of 50 symbols, as bzip2 makes it.
// SPDX-License-Identifier: Apache-2.0

/// Counts the bits of a block's symbols with their tables and selectors.
///
/// What a group costs with a table depends only on how often each symbol occurs in the group, so that
/// the symbols are counted once and not needed any more.
struct CodeTables {
    private let selectors: ScratchMemory<UInt8>
    private let groups: SymbolGroups

    /// Prepares for as many symbols in a block.
    init(capacity: Int) {
        groups = SymbolGroups(capacity: capacity)
        selectors = ScratchMemory(count: groups.capacity)
    }

    func deallocate() {
        selectors.deallocate()
        groups.deallocate()
    }

    /// Bits of the number of tables, selectors, tables and data, for symbols below `alphabetSize`,
    /// which is 3...16.
    func bitCount(_ symbols: UnsafePointer<UInt8>, _ count: Int, alphabetSize: Int) -> Int {
        let groupCount = groups.fill(symbols, count, alphabetSize: alphabetSize)
        let tableCount = Self.tableCount(count)
        return withUnsafeTemporaryAllocation(of: Int16.self, capacity: 6 * 16) { lengths in
            let lengths = lengths.baseAddress!
            lengths.initialize(repeating: 0, count: 6 * 16)
            var frequencies = [SIMD16<UInt32>](repeating: SIMD16(), count: 6)
            var coder = CodeLengths()
            divide(groups.total(groupCount), count, alphabetSize, tableCount, into: lengths)
            for _ in 0..<Self.rounds {
                choose(groupCount, lengths, alphabetSize, tableCount, &frequencies)
                for table in 0..<tableCount {
                    coder.make(frequencies[table], alphabetSize, into: lengths + 16 * table)
                }
            }
            var bits = 3 + 15 + selectorBits(groupCount, tableCount)
            for table in 0..<tableCount {
                bits += Self.tableBits(lengths + 16 * table, alphabetSize)
                for symbol in 0..<alphabetSize {
                    bits += Int(frequencies[table][symbol]) * Int(lengths[16 * table + symbol])
                }
            }
            return bits
        }
    }

    /// First guess: divides the symbols into ranges of about equal frequency, one per table. A table
    /// codes its own range for nothing and the rest at a price.
    private func divide(
        _ frequencies: SIMD16<UInt32>,
        _ symbolCount: Int,
        _ alphabetSize: Int,
        _ tableCount: Int,
        into lengths: UnsafeMutablePointer<Int16>
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
        _ groupCount: Int,
        _ lengths: UnsafePointer<Int16>,
        _ alphabetSize: Int,
        _ tableCount: Int,
        _ frequencies: inout [SIMD16<UInt32>]
    ) {
        typealias Lanes = SymbolGroups.Lanes
        for table in 0..<tableCount { frequencies[table] = SIMD16() }
        withUnsafeTemporaryAllocation(of: Lanes.self, capacity: 6 * 16) { prices in
            withUnsafeTemporaryAllocation(of: SIMD16<UInt16>.self, capacity: 6) { sums in
                let prices = prices.baseAddress!
                let sums = sums.baseAddress!
                for place in 0..<6 * 16 {
                    (prices + place).initialize(to: Lanes(repeating: lengths[place]))
                }
                sums.initialize(repeating: SIMD16(), count: 6)
                var group = 0
                var untilFull = Self.groupsPerSum
                while group < groupCount {
                    let counts = groups.columns + 2 &* group
                    var cheapest = Lanes(repeating: .max)
                    var best = Lanes()
                    for table in 0..<tableCount {
                        var price = Lanes()
                        let own = prices + 16 &* table
                        for symbol in 0..<alphabetSize { price &+= counts[symbol] &* own[symbol] }
                        let less = price .< cheapest
                        cheapest.replace(with: price, where: less)
                        best.replace(with: Int16(truncatingIfNeeded: table), where: less)
                    }
                    for lane in 0..<min(8, groupCount &- group) {
                        let table = Int(best[lane])
                        selectors[group] = UInt8(truncatingIfNeeded: table)
                        sums[table] &+= groups.rows[group]
                        group &+= 1
                    }
                    untilFull &-= 8
                    if untilFull == 0 || group == groupCount {
                        for table in 0..<tableCount {
                            frequencies[table] &+= SIMD16(truncatingIfNeeded: sums[table])
                            sums[table] = SIMD16()
                        }
                        untilFull = Self.groupsPerSum
                    }
                }
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
    private static func tableBits(_ lengths: UnsafePointer<Int16>, _ alphabetSize: Int) -> Int {
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
    private static let outsidePrice: Int16 = 15
    /// Groups of 50 whose counts fit in 16 bits, a multiple of 8.
    private static let groupsPerSum = 1_024
}
