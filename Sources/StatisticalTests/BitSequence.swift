// Packed bits, as the suites of SP 800-22 and AIS 31 take them.
// SPDX-License-Identifier: Apache-2.0

/// A sequence of bits; the first bit is the most significant of the first word.
package struct BitSequence: Sendable, Equatable {
    /// 64 bits each; what lies behind `count` in the last word is zero.
    package private(set) var words: [UInt64] = []
    /// Number of bits.
    package private(set) var count = 0

    package init() {}

    /// The low `width` (1...8) bits of each symbol, the most significant of them first: a file of bytes
    /// is its own bit string, and so is the bit string of SP 800-90B section 3.1.3.
    package init(symbols: some Sequence<UInt8>, width: Int = 8) {
        precondition((1...8).contains(width))
        words.reserveCapacity(symbols.underestimatedCount * width / 64 + 1)
        for symbol in symbols { append(UInt64(symbol) & (1 << UInt64(width) - 1), width: width) }
    }

    /// Appends the low `width` (1...64) bits of `bits`, the most significant of them first. The other
    /// bits must be zero.
    @inline(__always)
    package mutating func append(_ bits: UInt64, width: Int) {
        let used = count & 63
        if used == 0 {
            words.append(bits &<< UInt64(64 &- width))
        } else {
            let free = 64 &- used
            if width <= free {
                words[words.count &- 1] |= bits &<< UInt64(free &- width)
            } else {
                words[words.count &- 1] |= bits &>> UInt64(width &- free)
                words.append(bits &<< UInt64(64 &- (width &- free)))
            }
        }
        count &+= width
    }

    /// Bit `index`, 0 or 1.
    @inline(__always)
    package subscript(index: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: words[index &>> 6] &>> UInt64(63 &- index & 63)) & 1
    }
}
