// Data made from a seed for the tests of ENT, FIPS 140-2 and AIS 31.
// SPDX-License-Identifier: Apache-2.0

/// Byte sequences that the stored results speak of. The generator is splitmix64 (Steele, Lea, Flood 2014)
/// in counter form; a value gives eight bytes, the least significant first.
enum SeededBytes {
    static func uniform(seed: UInt64, count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 7)
        var index: UInt64 = 0
        while bytes.count < count {
            var z = seed &+ (index &+ 1) &* 0x9E37_79B9_7F4A_7C15
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            z ^= z >> 31
            for shift in stride(from: UInt64(0), to: 64, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: z >> shift))
            }
            index += 1
        }
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    /// 0, 1, ..., 255, 0, ...
    static func counter(count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0) }
    }

    /// Uniform bytes of which three in eight are replaced by the byte three places before.
    static func sticky(seed: UInt64, count: Int) -> [UInt8] {
        var bytes = uniform(seed: seed, count: count)
        for index in 3..<max(3, count) where bytes[index] & 7 < 3 {
            bytes[index] = bytes[index - 3]
        }
        return bytes
    }

    /// Uniform bytes, OR-ed with themselves shifted where the low five bits are zero: too many ones.
    static func biased(seed: UInt64, count: Int) -> [UInt8] {
        uniform(seed: seed, count: count).map { $0 & 31 == 0 ? $0 | $0 >> 3 | 1 : $0 }
    }
}
