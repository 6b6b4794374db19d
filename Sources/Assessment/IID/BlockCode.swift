// Length of a bzip2 block after its sort: moving to front, coding runs and Huffman tables.
// SPDX-License-Identifier: Apache-2.0

/// Counts the bits of a block whose last column (Burrows and Wheeler, 1994) is given, for texts of
/// blanks and digits. Reuses its memory from block to block; `deallocate` gives it back.
struct BlockCode {
    /// Occurrences of each of at most 16 symbols in the groups of 50 that share a table.
    private let groups: ScratchMemory<UInt16>
    private let positions: ScratchMemory<UInt8>
    private let tables: CodeTables

    /// Prepares for columns of at most `capacity` bytes.
    init(capacity: Int) {
        groups = ScratchMemory(count: (capacity / CodeTables.groupSize + 9) * 16)
        // A sentinel that is not 0 stands behind the last position.
        positions = ScratchMemory(count: capacity + 16)
        tables = CodeTables(groupCapacity: capacity / CodeTables.groupSize + 9)
    }

    func deallocate() {
        groups.deallocate()
        positions.deallocate()
        tables.deallocate()
    }

    /// Bits of the block with its header. The column holds codes of `DecimalAlphabet`, at least one.
    func bitCount(_ column: UnsafePointer<UInt8>, _ count: Int) -> Int {
        let used = usedCodes(column, count)
        return bitCount(column, count, used: used)
    }

    /// As above, with the set of codes that occur (bit c for code c).
    func bitCount(_ column: UnsafePointer<UInt8>, _ count: Int, used: UInt16) -> Int {
        moveToFront(column, count, used: used, into: positions.base)
        let alphabetSize = used.nonzeroBitCount + 2
        let symbols = codeRuns(count, endOfBlock: alphabetSize - 1)
        // Blank and digits lie in two of the sixteen ranges of sixteen byte values.
        let ranges = (used & 1 == 0 ? 0 : 1) + (used >> 1 == 0 ? 0 : 1)
        return Self.headerBits + 16 + 16 * ranges
            + tables.bitCount(
                groups: groups.base,
                symbolCount: symbols,
                alphabetSize: alphabetSize
            )
    }

    private func usedCodes(_ column: UnsafePointer<UInt8>, _ count: Int) -> UInt16 {
        var used: UInt16 = 0
        for place in 0..<count { used |= 1 &<< UInt16(column[place]) }
        return used
    }

    /// Replaces runs of zeros by their length in bijective base 2 and counts the symbols by group.
    /// Returns the number of symbols, the end of block included.
    private func codeRuns(_ count: Int, endOfBlock: Int) -> Int {
        positions[count] = 1
        var tally = GroupTally(groups.base)
        var place = 0
        while true {
            let position = positions[place]
            if position != 0 {
                if place == count { break }
                tally.add(Int(position) &+ 1)
                place &+= 1
                continue
            }
            let start = place
            place &+= 1
            while positions[place] == 0 {
                place &+= 1
                let ahead = UnsafeRawPointer(positions.base + place)
                if ahead.loadUnaligned(as: UInt64.self) == 0, place &+ 8 <= count { place &+= 7 }
            }
            var length = place &- start &+ 1
            while length > 1 {
                tally.add(length & 1)
                length &>>= 1
            }
        }
        tally.add(endOfBlock)
        return tally.finish()
    }

    /// Block magic, CRC, the randomisation flag and the index of the original rotation.
    private static let headerBits = 48 + 32 + 1 + 24
}

/// Counts symbols by groups of 50.
private struct GroupTally {
    private var group: UnsafeMutablePointer<UInt16>
    private var filled = 0
    private var fullGroups = 0

    init(_ groups: UnsafeMutablePointer<UInt16>) {
        group = groups
        group.update(repeating: 0, count: 16)
    }

    @inline(__always)
    mutating func add(_ symbol: Int) {
        group[symbol] &+= 1
        filled &+= 1
        if filled == CodeTables.groupSize {
            group += 16
            group.update(repeating: 0, count: 16)
            filled = 0
            fullGroups &+= 1
        }
    }

    /// Number of symbols.
    func finish() -> Int { fullGroups * CodeTables.groupSize + filled }
}
