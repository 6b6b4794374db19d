// Length of a sample as text that bzip2 has compressed (SP 800-90B, section 5.1.11).
// SPDX-License-Identifier: Apache-2.0

/// Computes the length in bytes that libbz2 (block size 5, work factor 0) compresses the text of a
/// sample to, without making the text or the output.
///
/// The length is exact. It follows from the order of the rotations of each block of about 500,000
/// bytes, which is found by numerals instead of bytes; the text has no four equal bytes in a row, so
/// that the encoder's first stage does nothing. All permutations of a sample have the same length of
/// text and the same alphabet, so that one object serves them all.
final class DecimalTextLength {
    private let textLength: Int
    private let order: NumeralOrder
    private let column: ScratchMemory<UInt8>
    private let code: BlockCode
    private let layout: TextColumn

    /// Prepares for the permutations of a sample, which is not empty.
    init(_ samples: UnsafeBufferPointer<UInt8>, alphabet: DecimalAlphabet) {
        textLength = alphabet.textLength(samples)
        layout = TextColumn(alphabet)
        let capacity = min(textLength, TextBlocks.capacity + 3)
        var counts = [Int](repeating: 0, count: 256)
        for sample in samples { counts[Int(sample)] += 1 }
        let shares = counts.map { Double($0) / Double(samples.count) }
        order = NumeralOrder(
            capacity: capacity / 2 + 2,
            alphabetSize: alphabet.count,
            collision: shares.reduce(0) { $0 + $1 * $1 }
        )
        column = ScratchMemory(count: capacity + capacity / 2 + 8)
        code = BlockCode(capacity: capacity)
    }

    deinit {
        order.deallocate()
        column.deallocate()
        code.deallocate()
    }

    /// Length in bytes for a permutation of the sample.
    func length(_ samples: UnsafeBufferPointer<UInt8>) -> Int {
        var blocks = TextBlocks(samples, alphabet: layout.alphabet, textLength: textLength)
        var bits = Self.streamBits
        while let block = blocks.next() {
            if block.length < Self.shortBlock {
                blocks.spell(block, into: column.base)
                bits += code.bitCount(Self.sortBytes(column.base, block.length))
            } else {
                bits += code.bitCount(sortWords(block, samples))
            }
        }
        return (bits + 7) / 8
    }

    /// Writes the column of a block of many numerals.
    private func sortWords(
        _ block: TextBlock,
        _ samples: UnsafeBufferPointer<UInt8>
    ) -> LastColumn {
        withUnsafeTemporaryAllocation(of: Int.self, capacity: 256) { counts in
            counts.initialize(repeating: 0)
            let alphabet = layout.alphabet
            var count = block.samples.count
            let words = order.words
            let first = block.samples.lowerBound
            alphabet.rank.withUnsafeBufferPointer { rank in
                for place in 0..<count {
                    let word = rank[Int(samples[first &+ place])]
                    words[place] = word
                    counts[Int(word)] &+= 1
                }
            }
            var stranger: Int?
            if let seam = block.seam {
                let below = alphabet.numerals.filter { $0.lexicographicallyPrecedes(seam) }.count
                if below < alphabet.count && alphabet.numerals[below] == seam {
                    counts[below] += 1
                } else {
                    stranger = below
                }
                words[count] = UInt8(min(below, alphabet.count - 1))
                count += 1
            }
            let sorted = order.sort(count: count, stranger: stranger)
            return layout.write(
                sorted,
                words: words,
                count: count,
                counts: counts.baseAddress!,
                stranger: stranger == nil ? nil : block.seam,
                into: column.base
            )
        }
    }

    /// Replaces a short text by the last column of its sorted rotations.
    private static func sortBytes(
        _ text: UnsafeMutablePointer<UInt8>,
        _ length: Int
    ) -> LastColumn {
        let cycle = (0..<2 * length).map { text[$0 % length] }
        let starts = (0..<length).sorted { left, right in
            cycle[left..<left + length].lexicographicallyPrecedes(cycle[right..<right + length])
        }
        var used: UInt16 = 0
        for (place, start) in starts.enumerated() {
            text[place] = cycle[start + length - 1]
            used |= 1 << UInt16(text[place])
        }
        return LastColumn(codes: text, count: length, used: used, blanks: [])
    }

    /// Shorter blocks, which may have fewer words than `NumeralOrder` needs, are sorted by bytes.
    private static let shortBlock = 512
    /// Header of the stream (32), magic (48) and CRC (32) of its end.
    private static let streamBits = 32 + 48 + 32
}
