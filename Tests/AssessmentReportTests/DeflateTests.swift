// Tests of compression, checksums and Base64.
// SPDX-License-Identifier: Apache-2.0

import AssessmentReport
import Testing

@Suite("Deflate")
struct DeflateTests {
    @Test("is read back as it was", arguments: [0, 1, 2, 3, 257, 258, 259, 517, 4_000])
    func roundTrip(count: Int) {
        let noise = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* $0 &* 31 >> 3) }
        let period = (0..<count).map { UInt8($0 % 24) }
        for bytes in [noise, period, [UInt8](repeating: 200, count: count)] {
            #expect(inflate(Deflate.compress(bytes, distances: [1, 24])) == bytes)
        }
    }

    @Test(
        "reads back repeats at any distance it may use",
        arguments: [1, 4, 5, 700, 24_576, 32_768]
    )
    func distances(distance: Int) {
        let row = (0..<distance).map { UInt8(truncatingIfNeeded: $0 &* 7 >> 2) }
        let bytes = row + row
        let stream = Deflate.compress(bytes, distances: [distance, 0, -1, 40_000])
        #expect(inflate(stream) == bytes)
        #expect(distance < 16 || stream.count < bytes.count * 3 / 4)
    }

    @Test("shrinks even areas")
    func even() {
        #expect(Deflate.compress([UInt8](repeating: 0, count: 65_536), distances: [1]).count < 512)
    }
}

@Suite("Checksums")
struct ChecksumsTests {
    @Test("agree with published check values")
    func published() {
        #expect(Checksums.crc32("123456789".utf8) == 0xCBF4_3926)
        #expect(Checksums.crc32([]) == 0)
        #expect(Checksums.adler32("Wikipedia".utf8) == 0x11E6_0398)
        #expect(Checksums.adler32([]) == 1)
    }
}

@Suite("Base64")
struct Base64Tests {
    @Test(
        "agrees with RFC 4648, section 10",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
        ]
    )
    func vectors(text: String, encoded: String) {
        #expect(Base64.encode(Array(text.utf8)) == encoded)
    }

    @Test("uses all of its alphabet")
    func alphabet() {
        #expect(Base64.encode([0xFB, 0xFF, 0xBF]) == "+/+/")
    }
}
