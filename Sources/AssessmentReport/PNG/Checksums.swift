// Checksums of the PNG and zlib formats: CRC-32 (ISO 15948, annex D) and Adler-32 (RFC 1950).
// SPDX-License-Identifier: Apache-2.0

package enum Checksums {
    /// CRC-32 with the reflected polynomial 0xEDB88320, as PNG chunks carry it.
    package static func crc32(_ bytes: some Sequence<UInt8>) -> UInt32 {
        var remainder: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            remainder = crcTable[Int(UInt8(truncatingIfNeeded: remainder) ^ byte)] ^ remainder >> 8
        }
        return ~remainder
    }

    /// Two sums modulo the largest prime below 2^16, as a zlib stream ends with them.
    package static func adler32(_ bytes: some Sequence<UInt8>) -> UInt32 {
        let modulus: UInt32 = 65_521
        var low: UInt32 = 1
        var high: UInt32 = 0
        for byte in bytes {
            low = (low + UInt32(byte)) % modulus
            high = (high + low) % modulus
        }
        return high << 16 | low
    }

    /// Remainders of all single bytes.
    private static let crcTable: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { remainder, _ in
            remainder & 1 == 0 ? remainder >> 1 : 0xEDB8_8320 ^ remainder >> 1
        }
    }
}
