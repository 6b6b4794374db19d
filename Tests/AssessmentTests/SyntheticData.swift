// Synthetic sample files of the reference results, made from splitmix64 in counter form.
// SPDX-License-Identifier: Apache-2.0

/// Makes the sample that a reference result was computed for.
enum SyntheticData {
    /// The sample with the name given, or nil if it is not synthetic.
    static func samples(_ name: String) -> [UInt8]? {
        switch name {
        case "sm_u8": return bytes(seed: 1, count: million)
        case "sm_u4": return bytes(seed: 2, count: million).map { $0 & 15 }
        case "sm_u1": return bytes(seed: 3, count: million).map { $0 & 1 }
        case "bias60": return biasedBits(seed: 4, count: million, ones: 3, of: 5)
        case "stuck_half":
            let half = bytes(seed: 9, count: million / 2)
            return half + [UInt8](repeating: 0x42, count: million / 2)
        case "stuck_all": return [UInt8](repeating: 0x42, count: million)
        case "counter_u8": return (0..<million).map { UInt8(truncatingIfNeeded: $0) }
        case "period5_u3": return period(seed: 10, count: million)
        default:
            // short_u1_17 and the like: the first symbols of one stream.
            let parts = name.split(separator: "_")
            guard parts.count == 3, parts[0] == "short", let count = Int(parts[2]) else {
                return nil
            }
            return parts[1] == "u1"
                ? bytes(seed: 15, count: count).map { $0 & 1 } : bytes(seed: 16, count: count)
        }
    }

    /// Little-endian bytes of the generator's values.
    static func bytes(seed: UInt64, count: Int) -> [UInt8] {
        (0..<count).map { index in
            let value = value(seed, UInt64(index / 8))
            return UInt8(truncatingIfNeeded: value >> UInt64(index % 8 * 8))
        }
    }

    /// Ones with the probability given: where the upper half is below that share of 2^32.
    static func biasedBits(seed: UInt64, count: Int, ones: UInt64, of all: UInt64) -> [UInt8] {
        let threshold = (1 << 32) * ones / all
        return (0..<count).map { value(seed, UInt64($0)) >> 32 < threshold ? 1 : 0 }
    }

    /// The period 3, 1, 4, 1, 5, in which one symbol of eight is replaced by a random one.
    private static func period(seed: UInt64, count: Int) -> [UInt8] {
        let digits: [UInt8] = [3, 1, 4, 1, 5]
        return (0..<count).map { index in
            let value = value(seed, UInt64(index))
            return value >> 61 == 0 ? UInt8(value & 7) : digits[index % 5]
        }
    }

    /// Value `index` of the stream with the seed given (splitmix64, Steele, Lea, Flood 2014).
    private static func value(_ seed: UInt64, _ index: UInt64) -> UInt64 {
        var z = seed &+ (index &+ 1) &* 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    private static let million = 1_000_000
}
