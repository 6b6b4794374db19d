// A bit string packed so that any 57 bits of it are one load (SP 800-90B, 6.3.5-6.3.6).
// SPDX-License-Identifier: Apache-2.0

/// Packed bits, the first in the highest bit of the first byte. The owner calls `deallocate` once.
struct BitWindows {
    /// Bits of a window: what remains of an aligned 64-bit word after a shift by up to 7 bits.
    static let width = 57

    let count: Int
    private let bytes: UnsafeMutableRawPointer

    /// Packs a binary sequence.
    init(_ bits: SymbolView) {
        count = bits.count
        // Eight more bytes, so that the windows at the end can be loaded.
        bytes = .allocate(byteCount: count / 8 + 9, alignment: 8)
        bytes.initializeMemory(as: UInt8.self, repeating: 0, count: count / 8 + 9)
        let source = UnsafeRawPointer(bits.base)
        for group in 0..<count / 8 {
            let spread = source.loadUnaligned(fromByteOffset: group &* 8, as: UInt64.self)
            // Moves bit 8i to bit 63 - i; no two partial products meet.
            let gathered = UInt64(littleEndian: spread) &* 0x8040_2010_0804_0201
            bytes.storeBytes(
                of: UInt8(truncatingIfNeeded: gathered &>> 56),
                toByteOffset: group,
                as: UInt8.self
            )
        }
        var last: UInt8 = 0
        for index in (count & ~7)..<count { last |= bits.base[index] << UInt8(7 - index & 7) }
        bytes.storeBytes(of: last, toByteOffset: count / 8, as: UInt8.self)
    }

    func deallocate() { bytes.deallocate() }

    /// The bits from `position` on in the highest 57 bits, and below the number of them that exist,
    /// at most 57. Numbers made so sort like the suffixes, as far as the window reaches.
    @inline(__always)
    func key(_ position: Int) -> UInt64 {
        let word = bytes.loadUnaligned(fromByteOffset: position &>> 3, as: UInt64.self)
        let window = UInt64(bigEndian: word) &<< UInt64(position & 7)
        let length = min(Self.width, count &- position)
        return window & ~127 | UInt64(truncatingIfNeeded: length)
    }

    /// Number of bits that two suffixes share, as far as the window reaches.
    @inline(__always)
    static func shared(_ a: UInt64, _ b: UInt64) -> Int {
        let equal = (a ^ b | 127).leadingZeroBitCount
        return min(equal, Int(truncatingIfNeeded: min(a & 127, b & 127)))
    }
}
