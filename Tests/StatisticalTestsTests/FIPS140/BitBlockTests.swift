// Tests of the counts of a block of 20,000 bits (FIPS 140-2, section 4.9.1; AIS 31).
// SPDX-License-Identifier: Apache-2.0

import StatisticalTests
import Testing

@Suite("Block of 20,000 bits")
struct BitBlockTests {
    @Test("counts as one does bit by bit", arguments: BlockSample.all)
    func counts(sample: BlockSample) {
        var block = BitBlock()
        sample.bytes.withUnsafeBytes { block.load($0.baseAddress!) }
        let naive = NaiveBlock(NaiveBlock.bits(of: sample.bytes))
        #expect(block.counts() == naive.counts)
        #expect(block.longestRun() == naive.longestRun)
        for length in [2, 7, 25, 26, 27, 34, 64] {
            #expect(block.hasRun(ofAtLeast: length) == (naive.longestRun >= length))
        }
    }

    @Test("takes any 20,000 bits of a sequence", arguments: [0, 1, 31, 32, 63, 64, 100])
    func offset(first: Int) {
        let bytes = SeededBytes.uniform(seed: 7, count: 2516)
        let bits = BitSequence(symbols: bytes)
        let all = NaiveBlock.bits(of: bytes)
        var block = BitBlock()
        block.load(bits, from: first)
        #expect(block.counts() == NaiveBlock(Array(all[first..<first + 20_000])).counts)
    }

    @Test("takes the bits up to the very end of a sequence")
    func end() {
        let bits = BitSequence(symbols: [1] + SeededBytes.uniform(seed: 8, count: 2500))
        let all = NaiveBlock.bits(of: SeededBytes.uniform(seed: 8, count: 2500))
        var block = BitBlock()
        block.load(bits, from: 8)
        #expect(block.counts() == NaiveBlock(all).counts)
    }

    @Test("takes one bit position of words")
    func step() {
        let bytes = SeededBytes.uniform(seed: 9, count: 7500)
        let bits = BitSequence(symbols: bytes)
        let all = NaiveBlock.bits(of: bytes)
        var block = BitBlock()
        block.load(bits, from: 2, step: 3)
        let picked = stride(from: 2, to: 60_000, by: 3).map { all[$0] }
        #expect(block.counts() == NaiveBlock(picked).counts)
    }

    @Test("forgets the block before")
    func reuse() {
        let bytes = SeededBytes.uniform(seed: 10, count: 2500)
        var block = BitBlock()
        [UInt8](repeating: 255, count: 2500).withUnsafeBytes { block.load($0.baseAddress!) }
        #expect(block.longestRun() == 20_000)
        bytes.withUnsafeBytes { block.load($0.baseAddress!) }
        #expect(block.counts() == NaiveBlock(NaiveBlock.bits(of: bytes)).counts)
    }
}

/// A block with a name, so that a failing test does not print all of it.
struct BlockSample: CustomTestStringConvertible {
    let testDescription: String
    let bytes: [UInt8]

    static let all: [BlockSample] = {
        let uniform = SeededBytes.uniform(seed: 5, count: 2500)
        var samples = [
            BlockSample(testDescription: "uniform", bytes: uniform),
            BlockSample(
                testDescription: "biased",
                bytes: SeededBytes.biased(seed: 6, count: 2500)
            ),
            BlockSample(testDescription: "zeros", bytes: [UInt8](repeating: 0, count: 2500)),
            BlockSample(testDescription: "ones", bytes: [UInt8](repeating: 255, count: 2500)),
            BlockSample(testDescription: "0101", bytes: [UInt8](repeating: 0x55, count: 2500)),
            BlockSample(testDescription: "0011", bytes: [UInt8](repeating: 0x33, count: 2500)),
        ]
        // Runs of 1 to 27 equal bits at the start, at the end, and across words in the middle.
        for length in [1, 2, 5, 6, 7, 25, 26, 27] {
            for bit in [UInt8(0), 1] {
                for first in [0, 20_000 - length, 52, 64 - length / 2, 19_968 - length / 2] {
                    var bits = NaiveBlock.bits(of: uniform)
                    if first > 0 { bits[first - 1] = 1 - bit }
                    for index in first..<first + length { bits[index] = bit }
                    if first + length < bits.count { bits[first + length] = 1 - bit }
                    guard length > 6 || first < 53 || first > 19_900 else { continue }
                    samples.append(
                        BlockSample(
                            testDescription: "\(length) times \(bit) at \(first)",
                            bytes: stride(from: 0, to: 20_000, by: 8).map { start in
                                bits[start..<start + 8].reduce(0) { $0 << 1 | $1 }
                            }
                        )
                    )
                }
            }
        }
        #if DEBUG
            // Every fifth of the runs is enough where a block takes long.
            return samples.enumerated().filter { $0.offset < 6 || $0.offset % 5 == 0 }.map(
                \.element
            )
        #else
            return samples
        #endif
    }()
}
