// Sources for the tests: a seeded generator, descriptors, and defective sequences.
// SPDX-License-Identifier: Apache-2.0

import Entropy
import HealthTests
import Testing

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers for the same seed, everywhere.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

func h(_ value: Double) -> BitsPerSample { BitsPerSample(value)! }

func descriptor(
    claim: Double,
    bits: Int = 8,
    kind: NoiseSourceDescriptor.Kind = .timing
) -> NoiseSourceDescriptor {
    NoiseSourceDescriptor(
        name: "scripted",
        summary: "A sequence made for a test.",
        sampleBits: bits,
        kind: kind,
        claim: EntropyClaim(minEntropy: h(claim), origin: .operatorStated)
    )
}

/// Uniform samples; positive as time differences.
func good(_ count: Int, seed: UInt64 = 1) -> [RawSample] {
    var generator = SplitMix64(seed: seed)
    return (0..<count).map { _ in generator.next() >> 8 }
}

/// The sequences that a health chain for clocks has to refuse.
enum Defect: CustomTestStringConvertible, Sendable {
    case constant(RawSample)
    case alternating
    case period(Int)
    case counter
    case stride(RawSample)
    case strideModulo256(RawSample)
    case growingStride
    case mostlyZero

    static let all: [Defect] =
        [.constant(0), .constant(26), .alternating, .counter, .stride(1_000), .stride(26)]
        + [.strideModulo256(1_000), .growingStride, .mostlyZero] + (2...8).map { .period($0) }

    var testDescription: String { "\(self)" }

    func samples(_ count: Int) -> [RawSample] {
        var generator = SplitMix64(seed: 7)
        // Distinct, and not in even steps.
        let values: [RawSample] = [113, 7, 60, 231, 94, 18, 170, 205]
        return (0..<count).map { i in
            let n = RawSample(i)
            switch self {
            case .constant(let value): return value
            case .alternating: return i % 2 == 0 ? 40 : 45
            case .period(let length): return values[i % length]
            case .counter: return n
            case .stride(let step): return n * step
            case .strideModulo256(let step): return n * step % 256
            case .growingStride: return n * (n + 1) / 2 * 3
            case .mostlyZero: return generator.next() % 100 < 95 ? 0 : generator.next() >> 8
            }
        }
    }

    /// The tests that may be named: the one made for the defect, or those that see it as well.
    var namedTests: Set<HealthTestKind> {
        switch self {
        case .constant: [.repetitionCount]
        case .alternating, .period: [.lagPredictor]
        case .counter, .stride, .strideModulo256, .growingStride: [.stuck]
        case .mostlyZero: [.repetitionCount, .adaptiveProportion, .lagPredictor, .stuck, .clock]
        }
    }
}

extension HealthMonitor {
    mutating func examine(_ samples: [RawSample], at now: Duration = .zero) -> Examination {
        samples.withUnsafeBufferPointer { examine($0, at: now) }
    }
}

extension HealthReport {
    static func replay(
        _ samples: [RawSample],
        descriptor: NoiseSourceDescriptor
    ) -> HealthReport {
        samples.withUnsafeBufferPointer { replay($0, descriptor: descriptor) }
    }
}
