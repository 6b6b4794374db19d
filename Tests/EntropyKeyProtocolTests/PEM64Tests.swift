// The key's base64: every character, every length, every error.
// SPDX-License-Identifier: Apache-2.0

import EntropyKeyProtocol
import Testing

@Suite struct PEM64Tests {
    /// RFC 4648 section 10.
    @Test(
        "The standard's test vectors pass both ways",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
        ]
    )
    func vectors(plain: String, text: String) {
        #expect(decoded(text) == Array(plain.utf8))
        #expect(encoded(Array(plain.utf8)) == text)
    }

    @Test("Each of the 64 characters stands for its value, in each of eight places")
    func alphabet() {
        for (value, character) in Array(letters.utf8).enumerated() {
            for place in 0..<8 {
                var text = [UInt8](repeating: UInt8(ascii: "A"), count: 16)
                text[place] = character
                var bits = 0
                for byte in decoded(text)?[..<6] ?? [] { bits = bits << 8 | Int(byte) }
                #expect(bits == value << (42 - place * 6))
            }
        }
    }

    @Test("Any other byte is refused, in any place")
    func wrongCharacter() {
        for byte in UInt8.min...UInt8.max where !letters.utf8.contains(byte) {
            for count in [4, 8, 12, 16] {
                // `=` in the last place is filling.
                for place in 0..<count where byte != UInt8(ascii: "=") || place < count - 1 {
                    var text = [UInt8](repeating: UInt8(ascii: "A"), count: count)
                    text[place] = byte
                    #expect(decoded(text) == nil)
                }
            }
        }
    }

    @Test(
        "Wrong filling and lengths are refused",
        arguments: [
            "A", "AA", "AAA", "AAAAA", "=", "====", "A===", "AA=A", "=AAA", "AAAA=", "AAAA====",
            "AA==AAAA", "AAA=AAAAAAAA", "AAAA\n", "AAA A", " AAA",
        ]
    )
    func wrongFilling(text: String) {
        #expect(decoded(text) == nil)
    }

    @Test("Bits that the filling leaves over may be anything")
    func leftOverBits() {
        #expect(decoded("Zh==") == [0x66])
        #expect(decoded("Zm9=") == [0x66, 0x6F])
    }

    @Test("Bytes of every length up to 100 return")
    func roundTrip() {
        var generator = Pseudorandom(state: 0x9E37_79B9)
        for count in 0...100 {
            let bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next() >> 32) }
            let text = encoded(bytes)
            #expect(text.utf8.count == PEM64.characterCount(byteCount: count))
            #expect(decoded(text) == bytes)
        }
    }

    private let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
}

private func decoded(_ text: String) -> [UInt8]? { decoded(Array(text.utf8)) }

private func decoded(_ text: [UInt8]) -> [UInt8]? {
    // Exactly the room that the contract asks for: a byte more would be a write outside.
    var output = [UInt8](repeating: 0, count: text.count / 4 * 3)
    let count = text.withUnsafeBytes { text in
        output.withUnsafeMutableBytes { PEM64.decode(text, into: $0) }
    }
    return count.map { Array(output[..<$0]) }
}

private func encoded(_ bytes: [UInt8]) -> String {
    var output = [UInt8](repeating: 0, count: PEM64.characterCount(byteCount: bytes.count))
    bytes.withUnsafeBytes { bytes in
        _ = output.withUnsafeMutableBytes { PEM64.encode(bytes, into: $0) }
    }
    return String(decoding: output, as: UTF8.self)
}

/// A linear congruential generator (Knuth, MMIX): the same bytes in each run.
private struct Pseudorandom {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state
    }
}
