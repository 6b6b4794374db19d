// Length of a bzip2 block after its sort: moving to front, coding runs and Huffman tables.
// SPDX-License-Identifier: Apache-2.0

/// Counts the bits of a block whose last column (Burrows and Wheeler, 1994) is given, for texts of
/// blanks and digits. Reuses its memory from block to block; `deallocate` gives it back.
struct BlockCode {
    private let positions: ScratchMemory<UInt8>
    private let symbols: ScratchMemory<UInt8>
    private let tables: CodeTables

    /// Prepares for columns of at most `capacity` bytes.
    init(capacity: Int) {
        // What is read ahead lies behind the last position.
        positions = ScratchMemory(count: capacity + 64)
        symbols = ScratchMemory(count: capacity + 64)
        tables = CodeTables(capacity: capacity + 1)
    }

    func deallocate() {
        positions.deallocate()
        symbols.deallocate()
        tables.deallocate()
    }

    /// Bits of the block with its header. The column holds codes of `DecimalAlphabet`, at least one.
    func bitCount(_ column: LastColumn) -> Int {
        moveToFront(column.codes, column.count, used: column.used, into: positions.base)
        let alphabetSize = column.used.nonzeroBitCount + 2
        var coder = RunCoder(symbols.base)
        var start = 0
        for (place, length) in column.blanks {
            coder.add(positions.base, start..<place)
            coder.addZeros(length)
            start = place
        }
        coder.add(positions.base, start..<column.count)
        let symbolCount = coder.finish(endOfBlock: UInt8(alphabetSize - 1))
        // Blank and digits lie in two of the sixteen ranges of sixteen byte values.
        let ranges = (column.used & 1 == 0 ? 0 : 1) + (column.used >> 1 == 0 ? 0 : 1)
        return Self.headerBits + 16 + 16 * ranges
            + tables.bitCount(symbols.base, symbolCount, alphabetSize: alphabetSize)
    }

    /// Block magic, CRC, the randomisation flag and the index of the original rotation.
    private static let headerBits = 48 + 32 + 1 + 24
}

/// The last column of a block's sorted rotations.
struct LastColumn {
    /// Codes of `DecimalAlphabet`, apart from those in `blanks`.
    let codes: UnsafePointer<UInt8>
    let count: Int
    /// The codes that occur: bit c for code c.
    let used: UInt16
    /// Further blanks behind a blank: number of codes before them, in increasing order, and length.
    let blanks: [(place: Int, length: Int)]
}
