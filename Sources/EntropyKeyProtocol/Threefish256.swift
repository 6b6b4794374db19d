// Threefish-256 with the constants of October 2008 (The Skein Hash Function Family, versions 1.0 and 1.1).
// SPDX-License-Identifier: Apache-2.0

/// 256 bits as four words, whose bytes are little-endian: a key, a block or a chaining value.
package struct Words256: Sendable {
    var a: UInt64
    var b: UInt64
    var c: UInt64
    var d: UInt64

    static let zero = Words256(a: 0, b: 0, c: 0, d: 0)

    init(a: UInt64, b: UInt64, c: UInt64, d: UInt64) {
        (self.a, self.b, self.c, self.d) = (a, b, c, d)
    }

    /// The first 32 bytes from `offset` on; what is missing counts as zero.
    @inline(__always)
    package init(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        withUnsafeMutableBytes(of: &words) {
            $0.copyMemory(
                from: UnsafeRawBufferPointer(
                    rebasing: bytes[offset..<min(offset + 32, bytes.count)]
                )
            )
        }
        a = UInt64(littleEndian: words.0)
        b = UInt64(littleEndian: words.1)
        c = UInt64(littleEndian: words.2)
        d = UInt64(littleEndian: words.3)
    }

    /// Stores the 32 bytes at `bytes`.
    @inline(__always)
    package func store(to bytes: UnsafeMutableRawPointer) {
        bytes.storeBytes(of: a.littleEndian, as: UInt64.self)
        bytes.storeBytes(of: b.littleEndian, toByteOffset: 8, as: UInt64.self)
        bytes.storeBytes(of: c.littleEndian, toByteOffset: 16, as: UInt64.self)
        bytes.storeBytes(of: d.littleEndian, toByteOffset: 24, as: UInt64.self)
    }

    @inline(__always)
    package static func ^ (left: Words256, right: Words256) -> Words256 {
        Words256(
            a: left.a ^ right.a,
            b: left.b ^ right.b,
            c: left.c ^ right.c,
            d: left.d ^ right.d
        )
    }
}

enum Threefish256 {
    /// The block under `key` and the tweak (`t0`, `t1`): 72 rounds, a subkey before every fourth and after
    /// the last.
    @inline(__always)
    static func encrypt(
        _ block: Words256,
        key: Words256,
        tweak t0: UInt64,
        _ t1: UInt64
    ) -> Words256 {
        // The next subkey's words stand first; they move on by one with each.
        var k = (key.a, key.b, key.c, key.d, parity ^ key.a ^ key.b ^ key.c ^ key.d)
        var t = (t0, t1, t0 ^ t1)
        var x = block
        for pair in 0..<UInt64(roundCount / 8) {
            add(&x, &k, &t, 2 * pair)
            mix(&x, 5, 56)
            mix(&x, 36, 28)
            mix(&x, 13, 46)
            mix(&x, 58, 44)
            add(&x, &k, &t, 2 * pair + 1)
            mix(&x, 26, 20)
            mix(&x, 53, 35)
            mix(&x, 11, 42)
            mix(&x, 59, 50)
        }
        add(&x, &k, &t, UInt64(roundCount / 4))
        return x
    }

    /// One subkey: words s, s+1, s+2, s+3 of the key modulo 5, with the tweak and the number s.
    @inline(__always)
    private static func add(
        _ x: inout Words256,
        _ k: inout (UInt64, UInt64, UInt64, UInt64, UInt64),
        _ t: inout (UInt64, UInt64, UInt64),
        _ s: UInt64
    ) {
        x.a &+= k.0
        x.b &+= k.1 &+ t.0
        x.c &+= k.2 &+ t.1
        x.d &+= k.3 &+ s
        k = (k.1, k.2, k.3, k.4, k.0)
        t = (t.1, t.2, t.0)
    }

    /// One round: MIX on the pairs (0, 1) and (2, 3), then the words change places to (0, 3, 2, 1).
    @inline(__always)
    private static func mix(_ x: inout Words256, _ first: UInt64, _ second: UInt64) {
        x.a &+= x.b
        x.b = (x.b << first | x.b >> (64 - first)) ^ x.a
        x.c &+= x.d
        x.d = (x.d << second | x.d >> (64 - second)) ^ x.c
        swap(&x.b, &x.d)
    }

    private static let roundCount = 72
    /// C240 of the 2008 paper; version 1.3 has another.
    private static let parity: UInt64 = 0x5555_5555_5555_5555
}
