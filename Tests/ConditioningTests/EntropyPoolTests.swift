// The pool as a whole: no byte without credit, no credit twice.
// SPDX-License-Identifier: Apache-2.0

import Entropy
import Foundation
import Testing

@testable import Conditioning

@Suite("Entropy pool")
struct EntropyPoolTests {
    @Test("1,152 samples of half a bit make a block, one fewer does not")
    func criterion() {
        var pool = makePool([0.5])
        pool.add(samples(1151), creditable: 1151)
        #expect(pool.level == 0)
        #expect(pool.facts.creditedBits == Bits(575.5))
        pool.add(samples(1), creditable: 1)
        #expect(pool.level == 64)
        #expect(pool.facts.creditedBits == .zero)
    }

    @Test("samples wait for their health window, and no credit comes late")
    func waiting() {
        var pool = makePool([1])
        pool.add(samples(1000), creditable: 0)
        #expect(pool.facts.creditedBits == .zero)
        #expect(pool.facts.sources[0].samplesSeen == 1000)
        #expect(pool.facts.sources[0].samplesCredited == 0)
        pool.add([], creditable: 512)
        #expect(pool.facts.creditedBits == Bits(512))
        pool.add(samples(24), creditable: 64)
        #expect(pool.facts.blocksDrawn == 1)
        #expect(pool.facts.sources[0].samplesCredited == 576)
        // 448 samples wait; failing takes them back before they count.
        pool.discardPending(from: 0)
        pool.add([], creditable: 448)
        #expect(pool.facts.creditedBits == .zero)
        #expect(pool.facts.sources[0].samplesCredited == 576)
    }

    @Test("waiting samples are in no block before they are decided")
    func notMixedBefore() {
        var one = makePool([1, 1])
        var other = makePool([1, 1])
        one.add([1, 2, 3], from: 1, creditable: 0)
        other.add([4, 5, 6], from: 1, creditable: 0)
        one.add(samples(576), from: 0, creditable: 576)
        other.add(samples(576), from: 0, creditable: 576)
        #expect(one.take(64) == other.take(64))
        one.discardPending(from: 1)
        other.discardPending(from: 1)
        one.add(samples(576), from: 0, creditable: 576)
        other.add(samples(576), from: 0, creditable: 576)
        #expect(one.take(64) != other.take(64))
    }

    @Test("a batch longer than the staging room is credited in full when it has passed")
    func longBatch() {
        var pool = makePool([1])
        pool.add(samples(576 * 100), creditable: 576 * 100)
        #expect(pool.facts.blocksDrawn == 100)
        #expect(pool.facts.sources[0].bitsForgone == .zero)
    }

    @Test("samples that had to leave the staging room undecided are never credited")
    func evicted() {
        var pool = makePool([1])
        let count = SampleStaging.defaultCapacity + 300
        pool.add(samples(count), creditable: 0)
        pool.add([], creditable: 300)
        #expect(pool.facts.sources[0].samplesCredited == 0)
        pool.add([], creditable: count)
        #expect(pool.facts.sources[0].samplesCredited == UInt64(SampleStaging.defaultCapacity))
    }

    @Test("mixed bytes and sources without a claim never open a block")
    func uncredited() {
        var pool = makePool([0])
        pool.add(samples(100_000), creditable: 100_000)
        [UInt8](repeating: 7, count: 10_000).withUnsafeBytes { pool.mix($0) }
        #expect(pool.facts.creditedBits == .zero)
        #expect(pool.take(64).isEmpty)
    }

    @Test("a full reservoir keeps one block's credit, and room turns it into a block")
    func full() {
        var pool = makePool([1], capacity: 128)
        pool.add(samples(576 * 50), creditable: 576 * 50)
        #expect(pool.level == 128)
        #expect(pool.facts.creditedBits == Bits(576))
        #expect(pool.facts.sources[0].bitsCredited == Bits(3 * 576))
        #expect(pool.facts.sources[0].bitsForgone == Bits(47 * 576))
        #expect(pool.wantsRefill == false)
        #expect(pool.take(64).count == 64)
        #expect(pool.level == 128)
        #expect(pool.facts.creditedBits == .zero)
        // A long take gets all there is, and no more.
        #expect(pool.take(1000).count == 128)
    }

    @Test("with a minimum of two sources one alone opens nothing, and gives half at most")
    func minimumSources() {
        var pool = makePool([1, 1], minimumSources: 2)
        pool.add(samples(10_000), from: 0, creditable: 10_000)
        #expect(pool.level == 0)
        #expect(pool.facts.sources[0].bitsInBlock == Bits(288))
        pool.add(samples(287), from: 1, creditable: 287)
        #expect(pool.level == 0)
        pool.add(samples(1), from: 1, creditable: 1)
        #expect(pool.level == 64)
    }

    @Test("blocks, and all the same samples twice, are never the same")
    func distinct() {
        var pool = makePool([1])
        var seen: Set<[UInt8]> = []
        for _ in 0..<200 {
            pool.add([RawSample](repeating: 0, count: 576), creditable: 576)
            #expect(seen.insert(pool.take(64)).inserted)
        }
    }

    @Test("random use never gives out 64 bytes for less than 576 counted bits", arguments: 1...12)
    func invariant(seed: UInt64) {
        var random = SplitMix(state: seed)
        let rates = [0.0, 0.3, 1.0, 7.9]
        let minimum = Int.random(in: 1...3, using: &random)
        var pool = makePool(
            rates,
            minimumSources: minimum,
            capacity: 64 * Int.random(in: 1...20, using: &random)
        )
        var undecided = [0, 0, 0, 0]
        var offered = 0.0
        var bytesOut = 0
        for _ in 0..<400 {
            let source = Int.random(in: 0...3, using: &random)
            switch Int.random(in: 0...9, using: &random) {
            case 0...5:
                let count = Int.random(in: 0...3000, using: &random)
                undecided[source] += count
                let creditable = Int.random(in: 0...undecided[source], using: &random)
                pool.add(random.samples(count), from: source, creditable: creditable)
                undecided[source] -= creditable
                offered += rates[source] * Double(creditable)
            case 6:
                pool.discardPending(from: source)
                undecided[source] = 0
            case 7:
                random.bytes(50).withUnsafeBytes { pool.mix($0) }
            default:
                bytesOut += pool.take(Int.random(in: 0...500, using: &random)).count
            }
            let facts = pool.facts
            let counted = facts.sources.reduce(0) { $0 + $1.bitsCredited.count }
            let forgone = facts.sources.reduce(0) { $0 + $1.bitsForgone.count }
            let inBlock = facts.sources.reduce(0) { $0 + $1.bitsInBlock.count }
            #expect(bytesOut + facts.level == 64 * Int(facts.blocksDrawn))
            #expect(abs(counted - 576 * Double(facts.blocksDrawn) - inBlock) < 1e-3)
            #expect(abs(inBlock - facts.creditedBits.count) < 1e-6)
            // Evicted samples and rounding down make it less, nothing makes it more.
            #expect(counted + forgone <= offered + 1e-6)
            #expect(facts.level <= facts.capacity)
            #expect(facts.creditedBits <= Bits(576))
            #expect(facts.bytesTaken == UInt64(bytesOut))
            if facts.creditedBits == Bits(576) { #expect(facts.capacity - facts.level < 64) }
        }
        #expect(bytesOut > 0)
    }

    @Test("a forked child has no bytes, no credit and no waiting samples")
    func forked() async {
        await #expect(processExitsWith: .exitCode(20)) {
            let policy = CreditPolicy.crediting(1)
            var pool = EntropyPool(
                sources: [EntropyPool.Source(name: "a", sampleBits: 8, policy: policy)],
                reservoir: Reservoir()!
            )!
            pool.add([RawSample](repeating: 3, count: 2 * 576 - 1), creditable: 2 * 576 - 1)
            pool.add([RawSample](repeating: 3, count: 576), creditable: 0)
            let child = fork()
            if child == 0 {
                guard pool.take(64).isEmpty, pool.facts.creditedBits == .zero else { _exit(1) }
                pool.add([], creditable: 576)
                _exit(pool.facts.creditedBits == .zero ? 20 : 2)
            }
            var status: Int32 = 0
            waitpid(child, &status, 0)
            guard pool.take(64).count == 64, pool.facts.creditedBits == Bits(575) else { exit(3) }
            exit(status >> 8)
        }
    }

    private func samples(_ count: Int) -> [RawSample] {
        var random = SplitMix(state: 7)
        return random.samples(count)
    }

    private func makePool(
        _ rates: [Double],
        minimumSources: Int = 1,
        capacity: Int = 65_536
    ) -> EntropyPool {
        EntropyPool(
            sources: rates.enumerated().map { index, rate in
                EntropyPool.Source(
                    name: "source-\(index)",
                    sampleBits: 8,
                    policy: .crediting(rate)
                )
            },
            minimumSources: minimumSources,
            reservoir: Reservoir(capacity: capacity)!
        )!
    }
}
