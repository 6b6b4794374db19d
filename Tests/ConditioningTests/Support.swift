// What the tests of this target share.
// SPDX-License-Identifier: Apache-2.0

import Entropy
import Foundation

@testable import Conditioning

/// A reproducible generator for test cases (SplitMix64, Steele, Lea and Flood 2014).
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z &>> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z &>> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z &>> 31)
    }

    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }

    mutating func samples(_ count: Int) -> [RawSample] { (0..<count).map { _ in next() } }
}

extension CreditPolicy {
    /// A policy that credits `rate` bits per sample.
    static func crediting(_ rate: Double) -> CreditPolicy {
        CreditPolicy(
            claim: EntropyClaim(minEntropy: BitsPerSample(rate)!, origin: .operatorStated),
            sampleBits: 64,
            safetyFactor: 1
        )!
    }
}

extension Accumulator {
    mutating func mix(_ bytes: [UInt8]) { bytes.withUnsafeBytes { mix($0) } }

    mutating func mix(samples: [RawSample], sampleBits: Int = 8, source: Int = 0) {
        samples.withUnsafeBufferPointer {
            mix(samples: $0, sampleBits: sampleBits, source: source)
        }
    }

    mutating func draw() -> [UInt8]? {
        var block = [UInt8](repeating: 0, count: 64)
        return block.withUnsafeMutableBytes { drawBlock(into: $0) } ? block : nil
    }

    /// Enough credit for one block, to see what it would be.
    mutating func drawFully() -> [UInt8] {
        credit(CreditPolicy.crediting(1).credit(samples: 576))
        return draw()!
    }
}

extension EntropyPool {
    mutating func add(_ samples: [RawSample], from source: Int = 0, creditable: Int) {
        samples.withUnsafeBufferPointer { add($0, from: source, creditable: creditable) }
    }

    mutating func take(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let taken = bytes.withUnsafeMutableBytes { take(into: $0) }
        return Array(bytes[..<taken])
    }
}

func hex(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { String(format: "%02x", $0) }.joined()
}

func bytes(hex: String) -> [UInt8] {
    let digits = Array(hex.utf8)
    return stride(from: 0, to: digits.count, by: 2).map {
        UInt8(String(decoding: digits[$0..<($0 + 2)], as: UTF8.self), radix: 16)!
    }
}

/// fork(2), which the Glibc overlay hides; for exit tests only, in whose process nothing else runs.
func fork() -> pid_t {
    typealias Fork = @convention(c) () -> pid_t
    return unsafeBitCast(dlsym(nil, "fork"), to: Fork.self)()
}
