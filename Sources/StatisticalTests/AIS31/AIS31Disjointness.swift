// T0, disjointness (AIS 20/31 version 2.0, section 2.4.4.1).
// SPDX-License-Identifier: Apache-2.0

/// Whether 65,536 words of 48 bits in succession are all different.
package struct AIS31Disjointness: Sendable, Equatable, Encodable {
    /// Number of words that equal an earlier one.
    package let repetitions: Int
    package var passed: Bool { repetitions == 0 }

    /// Bits that the test takes.
    package static let bitCount = AIS31.disjointnessWords * AIS31.disjointnessWordBits

    /// Tests the bits from `first` on; they must exist.
    init(_ bits: BitSequence, from first: Int) {
        let width = AIS31.disjointnessWordBits
        var words = (0..<AIS31.disjointnessWords).map { bits.bits(at: first + $0 * width, width) }
        words.sort()
        repetitions = zip(words, words.dropFirst()).count { $0 == $1 }
    }
}

extension BitSequence {
    /// `width` (1...57) bits from `position` on as a number, the first of them most significant.
    @inline(__always)
    func bits(at position: Int, _ width: Int) -> UInt64 {
        let (index, offset) = (position &>> 6, UInt64(position & 63))
        var window = words[index] &<< offset
        if offset &+ UInt64(width) > 64 { window |= words[index &+ 1] &>> (64 &- offset) }
        return window &>> UInt64(64 &- width)
    }
}
