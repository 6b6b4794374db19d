// Preparation of the data for SP 800-90B, section 3.1.3: width, alphabet and bit string.
// SPDX-License-Identifier: Apache-2.0

/// A sample that can be assessed: not empty, not constant, every symbol within its width.
package struct PreparedSample: Sendable {
    /// Bits per symbol, 1...8: as given, or the position of the highest bit that is ever set.
    package let bitsPerSymbol: Int
    /// Number of distinct symbols, 2...256.
    package let alphabetSize: Int
    /// The symbols renumbered 0..<alphabetSize in increasing order of their value.
    package let symbols: [UInt8]
    /// Value of the renumbered symbol i at index i.
    package let values: [UInt8]

    /// Parses one symbol per byte. Does not warn about short samples or a width larger than needed.
    package init(samples: [UInt8], bitsPerSymbol given: Int? = nil) throws(AssessmentError) {
        if let given, !(1...Specification.maximumSymbolWidth).contains(given) {
            throw AssessmentError(.invalidWidth(bitsPerSymbol: given))
        }
        guard let first = samples.first else { throw AssessmentError(.emptyInput) }
        var seen = [Bool](repeating: false, count: 256)
        for sample in samples { seen[Int(sample)] = true }
        let values = (0...255).filter { seen[$0] }.map { UInt8($0) }
        let union = values.reduce(0) { $0 | $1 }
        let needed = UInt8.bitWidth - union.leadingZeroBitCount
        if let given, needed > given {
            throw AssessmentError(.symbolTooWide(bitsNeeded: needed, bitsPerSymbol: given))
        }
        guard values.count > 1 else { throw AssessmentError(.constantData(value: first)) }

        bitsPerSymbol = given ?? needed
        alphabetSize = values.count
        self.values = values
        let bitCount = samples.count * bitsPerSymbol
        guard bitCount <= Self.maximumBitCount else {
            throw AssessmentError(.tooManyBits(count: bitCount, limit: Self.maximumBitCount))
        }
        if Int(values[values.count - 1]) == values.count - 1 {
            symbols = samples
        } else {
            var rank = [UInt8](repeating: 0, count: 256)
            for (index, value) in values.enumerated() { rank[Int(value)] = UInt8(index) }
            symbols = samples.map { rank[Int($0)] }
        }
    }

    /// The fewest bits that hold every value.
    package var neededBits: Int { UInt8.bitWidth - values.reduce(0, |).leadingZeroBitCount }

    /// Whether the bit string is assessed besides the symbols; a sample of two values is its own.
    package var hasBitString: Bool { alphabetSize > 2 }

    /// Lends the renumbered symbols.
    package func withSymbols<Result>(_ body: (SymbolView) -> Result) -> Result {
        symbols.withUnsafeBufferPointer {
            body(SymbolView(base: $0.baseAddress!, count: $0.count, alphabetSize: alphabetSize))
        }
    }

    /// Lends the bit string: the low `bitsPerSymbol` bits of each original value, highest first,
    /// one bit per byte. The memory is freed on return.
    package func withBitString<Result>(_ body: (SymbolView) -> Result) -> Result {
        let width = bitsPerSymbol
        let count = symbols.count * width
        let bits = ScratchMemory<UInt8>(count: count)
        defer { bits.deallocate() }
        var next = 0
        symbols.withUnsafeBufferPointer { symbols in
            values.withUnsafeBufferPointer { values in
                for symbol in symbols {
                    let value = values[Int(symbol)]
                    for position in 0..<width {
                        bits[next &+ position] = (value &>> UInt8(width &- 1 &- position)) & 1
                    }
                    next &+= width
                }
            }
        }
        return body(SymbolView(base: bits.base, count: count, alphabetSize: 2))
    }

    /// Most bits that can be assessed: contexts keep twice the difference of two counts in 32 bits.
    package static let maximumBitCount = 1 << 30 - 1
}
