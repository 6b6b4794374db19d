// The conditioning component: separation, criterion, re-keying, wiping.
// SPDX-License-Identifier: Apache-2.0

import Entropy
import Testing

@testable import Conditioning

@Suite("Accumulator")
struct AccumulatorTests {
    @Test("a block is SHA-512 over all records and the ending, and the next starts from the key")
    func definition() {
        var accumulator = Accumulator()
        accumulator.mix([1, 2, 3])
        accumulator.mix(samples: [0x1ff, 0x102], sampleBits: 4, source: 258)
        let records: [UInt8] =
            [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3]
            + [2, 4, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0, 2, 15, 2]
        #expect(accumulator.drawFully() == sha512(records + ending(4)))
        let key = sha512(records + ending(5))
        #expect(
            accumulator.drawFully()
                == sha512([3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 64] + key + ending(4))
        )
    }

    @Test("credit opens a block at 576 bits and not one unit before")
    func criterion() {
        #expect(Accumulator.blockCriterionBits == 576)
        var accumulator = Accumulator()
        accumulator.mix([1])
        let before = chain(accumulator)
        #expect(accumulator.draw() == nil)
        accumulator.credit(CreditPolicy.crediting(1).credit(samples: 575))
        #expect(accumulator.draw() == nil)
        // One unit short: 2^24 - 1 samples of the smallest rate there is.
        accumulator.credit(CreditPolicy.crediting(0x1p-24).credit(samples: 1 << 24 - 1))
        #expect(accumulator.creditedUnits == Accumulator.blockCriterionUnits - 1)
        #expect(accumulator.draw() == nil)
        #expect(chain(accumulator) == before)
        accumulator.credit(CreditPolicy.crediting(0x1p-24).credit(samples: 1))
        #expect(accumulator.isBlockReady == true)
        #expect(accumulator.draw() != nil)
        #expect(chain(accumulator) != before)
    }

    @Test("a refused draw leaves the buffer alone")
    func refusedDraw() {
        var accumulator = Accumulator()
        var block = [UInt8](repeating: 0xaa, count: 64)
        #expect(!block.withUnsafeMutableBytes { accumulator.drawBlock(into: $0) })
        #expect(block == [UInt8](repeating: 0xaa, count: 64))
    }

    @Test("no credit carries over a draw, however much was given")
    func noCarry() {
        var accumulator = Accumulator()
        for _ in 0..<3 { accumulator.credit(CreditPolicy.crediting(8).credit(samples: 1 << 30)) }
        #expect(accumulator.creditedBits == Bits(576))
        #expect(accumulator.draw() != nil)
        #expect(accumulator.creditedBits == .zero)
        #expect(accumulator.draw() == nil)
    }

    @Test("the same samples from another source, width, kind or in other pieces give other blocks")
    func separation() {
        let samples: [RawSample] = [1, 2, 3, 4]
        var blocks: Set<[UInt8]> = []
        func variant(_ mix: (inout Accumulator) -> Void) {
            var accumulator = Accumulator()
            mix(&accumulator)
            blocks.insert(accumulator.drawFully())
        }
        variant { _ in }
        variant { $0.mix(samples: samples, sampleBits: 8, source: 0) }
        variant { $0.mix(samples: samples, sampleBits: 8, source: 1) }
        variant { $0.mix(samples: samples, sampleBits: 7, source: 0) }
        variant { $0.mix([1, 2, 3, 4]) }
        variant { $0.mix([1, 2, 3, 4, 0]) }
        variant {
            $0.mix([1, 2])
            $0.mix([3, 4])
        }
        variant {
            $0.mix(samples: [1, 2], sampleBits: 8, source: 0)
            $0.mix(samples: [3, 4], sampleBits: 8, source: 0)
        }
        variant {
            $0.mix(samples: samples, sampleBits: 8, source: 0)
            $0.mix([])
        }
        #expect(blocks.count == 9)
    }

    @Test("samples and the same samples as bytes are one record")
    func sampleBytes() {
        var one = Accumulator()
        one.mix(samples: [0x301, 0x102], sampleBits: 2, source: 9)
        var other = Accumulator()
        [UInt8]([1, 2]).withUnsafeBytes { other.mix(sampleBytes: $0, sampleBits: 2, source: 9) }
        #expect(one.drawFully() == other.drawFully())
    }

    @Test("drawing re-keys: blocks differ, and no block is found in the state")
    func rekeys() {
        var accumulator = Accumulator()
        accumulator.mix([5])
        var seen: Set<[UInt8]> = []
        for _ in 0..<20 {
            let block = accumulator.drawFully()
            #expect(seen.insert(block).inserted)
            let state = accumulator.withState { Array($0) + Array($1) + Array($2) }
            for start in 0...(state.count - 8) {
                #expect(Array(state[start..<(start + 8)]) != Array(block[..<8]))
            }
        }
    }

    @Test("after a draw the scratch computation, the key and the credit are wiped")
    func wiped() {
        var accumulator = Accumulator()
        accumulator.mix([9])
        let fresh = SHA512().withState { Array($0) }
        _ = accumulator.drawFully()
        accumulator.withState { _, ending, memory in
            #expect(Array(ending) == fresh)
            #expect(memory.allSatisfy { $0 == 0 })
        }
    }

    private func chain(_ accumulator: borrowing Accumulator) -> [UInt8] {
        accumulator.withState { chain, _, _ in Array(chain) }
    }

    private func ending(_ kind: UInt8) -> [UInt8] { [kind] + [UInt8](repeating: 0, count: 15) }

    private func sha512(_ input: [UInt8]) -> [UInt8] {
        var hash = SHA512()
        input.withUnsafeBytes { hash.update($0) }
        var digest = [UInt8](repeating: 0, count: 64)
        digest.withUnsafeMutableBytes { hash.finalize(into: $0) }
        return digest
    }
}
