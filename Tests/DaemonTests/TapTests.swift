// The two qualities of listeners over a scripted pool.
// SPDX-License-Identifier: Apache-2.0

import Conditioning
import EGDService
import Entropy
import RandomBitGenerator
import Testing
import WellspringTesting

@testable import Daemon

@Suite(.serialized) struct TapTests {
    private func take(_ count: Int, from tap: some EntropyTap) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let taken = bytes.withUnsafeMutableBytes { tap.take(into: $0) }
        return Array(bytes[..<taken])
    }

    @Test("full entropy gives what the pool holds and no more")
    func fullEntropy() throws {
        let bench = try Bench(capacity: 4096, lowMark: 0)
        let tap = FullEntropyTap(bench.pool)
        #expect(tap.availableBits == 0)
        #expect(take(100, from: tap).isEmpty)
        // 1024 for the start-up test and 8 windows: 8192 bits, 14 blocks of 576.
        _ = try bench.run([.noise(count: 1024 + 4096), .block])
        #expect(eventually { tap.availableBits == 14 * 64 * 8 })
        #expect(take(1000, from: tap).count == 14 * 64)
        #expect(take(1, from: tap).isEmpty)
        #expect(tap.availableBits == 0)
    }

    @Test("mixed bytes never count")
    func mixing() throws {
        let pool = try makePool()
        let (full, generator) = (FullEntropyTap(pool), GeneratorTap(pool, policy: .init()))
        let bytes = [UInt8](repeating: 0xA5, count: 100_000)
        for tap in [full, generator] as [any EntropyTap] {
            bytes.withUnsafeBytes { tap.mix($0) }
            #expect(tap.availableBits == 0)
            #expect(take(10, from: tap).isEmpty)
        }
        #expect(pool.facts.creditedBits.count == 0)
    }

    @Test("the generator gives nothing before its seed and says no failure; then all that is asked")
    func seeding() throws {
        let bench = try Bench(capacity: 4096, lowMark: 0)
        let tap = GeneratorTap(bench.pool, policy: .init())
        #expect(take(100, from: tap).isEmpty)
        #expect(tap.facts == .init(seeded: false, reseeds: 0, generatedBytes: 0))
        #expect(tap.failure == nil)
        #expect(tap.availableBits == 0)
        _ = try bench.run([.noise(count: 1024 + 512), .block])
        // 512 samples are 1024 bits: one block, one seed of 48 bytes.
        #expect(eventually { bench.pool.level == 64 })
        #expect(take(100_000, from: tap).count == 100_000)
        #expect(tap.facts == .init(seeded: true, reseeds: 0, generatedBytes: 100_000))
        #expect(tap.availableBits == 32_768)
        #expect(bench.pool.level == 16)
    }

    @Test("it takes a new seed after the bytes that its policy names, and goes on without one")
    func reseeding() throws {
        let bench = try Bench(capacity: 4096, lowMark: 0)
        // 15 blocks and a half.
        _ = try bench.run([.noise(count: 1024 + 4608), .block])
        #expect(eventually { bench.pool.level == 16 * 64 })
        let policy = DRBGStream.ReseedPolicy(byteCount: 65_536, age: .seconds(86_400))
        let tap = GeneratorTap(bench.pool, policy: policy)
        // Each full piece is followed by a seed before the next one.
        for _ in 0..<5 { #expect(take(65_536, from: tap).count == 65_536) }
        #expect(tap.facts.reseeds == 4)
        #expect(bench.pool.level == 16 * 64 - 5 * 48)
        #expect(bench.take(4096).count == 16 * 64 - 5 * 48)
        #expect(take(200_000, from: tap).count == 200_000)
        #expect(tap.facts.reseeds == 4)
        #expect(tap.failure == nil)
    }

    @Test("two generators on one pool differ")
    func differ() throws {
        let bench = try Bench()
        _ = try bench.run([.flood])
        #expect(eventually { bench.pool.level == 4096 })
        let first = GeneratorTap(bench.pool, policy: .init())
        let second = GeneratorTap(bench.pool, policy: .init())
        #expect(take(64, from: first) != take(64, from: second))
    }
}
