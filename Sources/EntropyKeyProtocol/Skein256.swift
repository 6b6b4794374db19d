// Skein-256-256 of October 2008, as the Entropy Key computes it: later versions of Skein give other values.
// SPDX-License-Identifier: Apache-2.0

/// Chaining values of Skein in UBI mode (The Skein Hash Function Family, version 1.1, section 3.4). Each
/// function takes a chaining value and whole bytes, and gives the next chaining value.
enum Skein256 {
    /// What a UBI call is for: the type field of its tweak.
    enum Purpose: UInt64 {
        case key = 0
        case configuration = 4
        case personalisation = 8
        case message = 48
        case output = 63
    }

    /// The state before a message: without a key when `key` is nil, else keyed with any number of bytes.
    static func state(key: UnsafeRawBufferPointer?) -> Words256 {
        let keyed = key.map { absorb($0, .key, into: .zero) } ?? .zero
        return withUnsafeBytes(of: configuration) { absorb($0, .configuration, into: keyed) }
    }

    /// UBI over the whole of `bytes`.
    @inline(__always)
    static func absorb(
        _ bytes: UnsafeRawBufferPointer,
        _ purpose: Purpose,
        into chain: Words256
    ) -> Words256 {
        var chain = chain
        var offset = 0
        repeat {
            let end = min(offset + blockByteCount, bytes.count)
            chain = absorb(
                Words256(bytes, at: offset),
                tweak: UInt64(end),
                purpose.rawValue << 56 | (offset == 0 ? first : 0)
                    | (end == bytes.count ? last : 0),
                into: chain
            )
            offset = end
        } while offset < bytes.count
        return chain
    }

    /// UBI over whole blocks, without an end: what the Entropy Key does with its personalisation.
    static func absorbUnfinished(
        _ bytes: UnsafeRawBufferPointer,
        _ purpose: Purpose,
        into chain: Words256
    ) -> Words256 {
        precondition(bytes.count % blockByteCount == 0)
        var chain = chain
        for offset in stride(from: 0, to: bytes.count, by: blockByteCount) {
            chain = absorb(
                Words256(bytes, at: offset),
                tweak: UInt64(offset + blockByteCount),
                purpose.rawValue << 56 | (offset == 0 ? first : 0),
                into: chain
            )
        }
        return chain
    }

    /// The output stage: the 32 bytes of the hash whose message ended with `chain`.
    @inline(__always)
    static func output(_ chain: Words256) -> Words256 {
        absorb(
            .zero,
            tweak: UInt64(MemoryLayout<UInt64>.size),
            Purpose.output.rawValue << 56 | first | last,
            into: chain
        )
    }

    @inline(__always)
    private static func absorb(
        _ block: Words256,
        tweak t0: UInt64,
        _ t1: UInt64,
        into chain: Words256
    ) -> Words256 {
        Threefish256.encrypt(block, key: chain, tweak: t0, t1) ^ block
    }

    static let blockByteCount = 32

    /// Bits 62 and 63 of a tweak's second word (table 6 of the paper).
    private static let first: UInt64 = 1 << 62
    private static let last: UInt64 = 1 << 63

    /// The configuration string (table 7): "SHA3", version 1, and an output of 256 bits; four words.
    private static let configuration: (UInt64, UInt64, UInt64, UInt64) = (
        UInt64(0x1_3341_4853).littleEndian, UInt64(256).littleEndian, 0, 0
    )
}
