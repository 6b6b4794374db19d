// A block of 20,000 bits and what FIPS 140-2 (section 4.9.1) and AIS 31 (T1 to T5) count in it.
// SPDX-License-Identifier: Apache-2.0

/// Memory for one block of 20,000 bits, which is filled again and again. The first bit is the most
/// significant of the first word; there are zeros on both sides.
package struct BitBlock: ~Copyable {
    /// Bits in a block, fixed by both standards.
    package static let bitCount = 20_000
    /// The same in bytes.
    package static let byteCount = bitCount / 8

    /// Words of a block that are used to the last bit.
    static let fullWords = bitCount / 64
    /// The bits of the word behind them that belong to the block.
    static let lastWordMask = ~UInt64(0) << 32
    /// Words of the block: 312 and a half, rounded up to the vectors of `onesCount`.
    static let wordCount = 320
    /// The first word, behind one word of zeros.
    let words: UnsafeMutablePointer<UInt64>
    private let memory: UnsafeMutablePointer<UInt64>
    /// Twelve masks of the block's size, in which runs are marked.
    let masks: UnsafeMutablePointer<UInt64>

    /// A block of zeros.
    package init() {
        memory = .allocate(capacity: Self.wordCount + 3)
        memory.initialize(repeating: 0, count: Self.wordCount + 3)
        words = memory + 1
        masks = .allocate(capacity: 12 * Self.wordCount)
        masks.initialize(repeating: 0, count: 12 * Self.wordCount)
    }

    deinit {
        memory.deallocate()
        masks.deallocate()
    }

    /// Takes 2,500 bytes, the most significant bit of each first.
    package mutating func load(_ bytes: UnsafeRawPointer) {
        for index in 0..<Self.fullWords {
            let word = bytes.loadUnaligned(fromByteOffset: index &* 8, as: UInt64.self)
            words[index] = UInt64(bigEndian: word)
        }
        let rest = bytes.loadUnaligned(fromByteOffset: Self.fullWords * 8, as: UInt32.self)
        words[Self.fullWords] = UInt64(UInt32(bigEndian: rest)) << 32
    }

    /// Takes the 20,000 bits from `first` on; they must exist.
    package mutating func load(_ bits: BitSequence, from first: Int) {
        precondition(first >= 0 && first + Self.bitCount <= bits.count)
        let (start, shift) = (first >> 6, UInt64(first & 63))
        bits.words.withUnsafeBufferPointer { source in
            for index in 0...Self.fullWords {
                var word = source[start &+ index] &<< shift
                if shift > 0, start &+ index &+ 1 < source.count {
                    word |= source[start &+ index &+ 1] &>> (64 &- shift)
                }
                words[index] = word
            }
        }
        words[Self.fullWords] &= Self.lastWordMask
    }

    /// Takes every `step`-th bit from `first` on; they must exist.
    package mutating func load(_ bits: BitSequence, from first: Int, step: Int) {
        precondition(step > 0 && first >= 0 && first + (Self.bitCount - 1) * step < bits.count)
        bits.words.withUnsafeBufferPointer { source in
            var position = first
            var word: UInt64 = 0
            for index in 0..<Self.bitCount {
                word = word &<< 1 | source[position &>> 6] &>> UInt64(63 &- position & 63) & 1
                if index & 63 == 63 { words[index &>> 6] = word }
                position &+= step
            }
            words[Self.fullWords] = word &<< 32
        }
    }
}
