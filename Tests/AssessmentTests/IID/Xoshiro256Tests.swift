// Tests of the generator of permutations.
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Assessment

@Suite("Xoshiro256")
struct Xoshiro256Tests {
    @Test("gives the numbers of the authors' reference code for the state 1, 2, 3, 4")
    func published() {
        var generator = Xoshiro256(seed: PermutationSeed(1, 2, 3, 4))
        let numbers = (0..<6).map { _ in generator.next() }
        #expect(
            numbers == [
                11_520, 0, 1_509_978_240, 1_215_971_899_390_074_240, 1_216_172_134_540_287_360,
                607_988_272_756_665_600,
            ]
        )
    }

    @Test("leaves the state of zeros")
    func zeros() {
        var generator = Xoshiro256(seed: PermutationSeed(0, 0, 0, 0))
        let numbers = (0..<10).map { _ in generator.next() }
        #expect(numbers.contains { $0 != 0 })
    }

    @Test("keeps the symbols", arguments: [0, 1, 2, 3, 1_000])
    func sameSymbols(count: Int) {
        var generator = Xoshiro256(seed: PermutationSeed(1, 2, 3, 4))
        let symbols = SyntheticData.bytes(seed: 1, count: count)
        var shuffled = symbols
        shuffled.withUnsafeMutableBufferPointer {
            if let base = $0.baseAddress { generator.shuffle(base, count) }
        }
        #expect(shuffled.sorted() == symbols.sorted())
        #expect(count < 1_000 || shuffled != symbols)
    }

    /// The seed is fixed. For a random one, each of 24 counts of 24,000 would be off by more than
    /// 300, 9.6 standard deviations, with a probability below 24 * 2^-70.
    @Test("makes all orders of four symbols equally often")
    func uniform() {
        var generator = Xoshiro256(seed: PermutationSeed(5, 6, 7, 8))
        var symbols: [UInt8] = [0, 1, 2, 3]
        var counts: [[UInt8]: Int] = [:]
        for _ in 0..<24_000 {
            symbols.withUnsafeMutableBufferPointer { generator.shuffle($0.baseAddress!, 4) }
            counts[symbols, default: 0] += 1
        }
        #expect(counts.count == 24)
        #expect(counts.values.allSatisfy { abs($0 - 1_000) <= 300 })
    }
}
