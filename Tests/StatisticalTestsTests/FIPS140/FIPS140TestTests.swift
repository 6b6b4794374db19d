// Tests of the FIPS 140-2 tests (section 4.9.1) against Debian's rngtest, and against it put right.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import StatisticalTests
import Testing

@Suite("FIPS 140-2 test")
struct FIPS140TestTests {
    @Test(
        "counts what the standard asks for, and Debian's rngtest where it errs is explained",
        arguments: ["uniform", "counter", "biased", "sticky", "zeros"]
    )
    func shortVectors(name: String) throws {
        try expectAgreement(name)
    }

    @Test(
        "counts the same for a million bytes",
        .enabled(if: isOptimised, "needs a release build to finish in time"),
        arguments: ["long-counter", "long-uniform", "long-sticky"]
    )
    func longVectors(name: String) throws {
        try expectAgreement(name)
    }

    @Test("too little data has no block", arguments: [0, 1, 3, 4, 5, 2503])
    func tooShort(count: Int) {
        let statistics = FIPS140Statistics(of: [UInt8](repeating: 1, count: count))
        #expect(statistics == FIPS140Statistics())
        #expect(statistics.blocks == 0)
    }

    @Test("accepts exactly the numbers of ones within the bounds", arguments: [false, true])
    func monobit(isHigh: Bool) {
        let (inside, outside) = isHigh ? (10_274, 10_275) : (9_726, 9_725)
        #expect(judge(ones: inside) == [])
        #expect(judge(ones: outside) == .monobit)
    }

    @Test("accepts exactly the poker statistics between 2.16 and 46.17")
    func poker() {
        #expect(judge(squares: 1_563_175) == .poker)
        #expect(judge(squares: 1_563_176) == [])
        #expect(judge(squares: 1_576_928) == [])
        #expect(judge(squares: 1_576_929) == .poker)
        for squares in [1_563_175, 1_563_176, 1_576_928, 1_576_929] {
            let counts = counts(squares: squares)
            let isWithin = counts.poker > 2.16 + 1e-9 && counts.poker < 46.17
            #expect(isWithin == FIPS140Test.judge(counts).isEmpty)
        }
    }

    @Test("a run at each bound passes, one beyond fails", arguments: 0..<6)
    func runs(length: Int) {
        let bounds = [
            2_315...2_685, 1_114...1_386, 527...723, 240...384, 103...209, 103...209,
        ][length]
        for isOne in [false, true] {
            #expect(judge(length, bounds.lowerBound, isOne) == [])
            #expect(judge(length, bounds.upperBound, isOne) == [])
            #expect(judge(length, bounds.lowerBound - 1, isOne) == .runs)
            #expect(judge(length, bounds.upperBound + 1, isOne) == .runs)
        }
    }

    @Test("a run of 26 bits fails, one of 25 does not", arguments: [25, 26])
    func longRun(length: Int) {
        var bits = NaiveBlock.bits(of: SeededBytes.uniform(seed: 21, count: 2500))
        (bits[3001], bits[3002 + length]) = (0, 0)
        for index in 3002..<3002 + length { bits[index] = 1 }
        let bytes = stride(from: 0, to: 20_000, by: 8).map { start in
            bits[start..<start + 8].reduce(UInt8(0)) { $0 << 1 | $1 }
        }
        var test = FIPS140Test(initialWord: 0)
        let failures = bytes.withUnsafeBytes { test.test($0) }
        #expect(failures == (length == 26 ? .longRun : []))
    }

    @Test(
        "a word that equals the one before fails, at the start, within and across blocks",
        arguments: [0, 4, 16, 1200, 2496]
    )
    func continuous(offset: Int) {
        var bytes = SeededBytes.uniform(seed: 22, count: 2504)
        for index in 0..<4 { bytes[4 + offset + index] = bytes[offset + index] }
        #expect(FIPS140Statistics(of: bytes).continuousRunFailures == 1)
        #expect(FIPS140Statistics(of: bytes).failures == 1)
        // A byte later it is no repeated word.
        var shifted = SeededBytes.uniform(seed: 22, count: 2504)
        for index in 0..<4 { shifted[5 + index] = shifted[1 + index] }
        #expect(FIPS140Statistics(of: shifted).continuousRunFailures == 0)
    }

    @Test("the last word of a block is compared with the first of the next")
    func acrossBlocks() {
        var bytes = SeededBytes.uniform(seed: 23, count: 4 + 5000)
        for index in 0..<4 { bytes[2504 + index] = bytes[2500 + index] }
        let statistics = FIPS140Statistics(of: bytes)
        #expect(statistics.blocks == 2)
        #expect(statistics.continuousRunFailures == 1)
    }

    private func judge(ones: Int) -> FIPS140Failures {
        FIPS140Test.judge(counts(ones: ones))
    }

    private func judge(squares: Int) -> FIPS140Failures {
        FIPS140Test.judge(counts(squares: squares))
    }

    private func judge(_ length: Int, _ count: Int, _ isOne: Bool) -> FIPS140Failures {
        var changed = Self.typicalRuns
        changed[length] = count
        return FIPS140Test.judge(
            counts(
                runsOfZeros: isOne ? Self.typicalRuns : changed,
                runsOfOnes: isOne ? changed : Self.typicalRuns
            )
        )
    }

    private func counts(
        ones: Int = 10_000,
        squares: Int = 1_570_000,
        runsOfZeros: [Int] = typicalRuns,
        runsOfOnes: [Int] = typicalRuns
    ) -> BitBlockCounts {
        BitBlockCounts(
            ones: ones,
            pokerSquares: squares,
            runsOfZeros: RunCounts(runsOfZeros),
            runsOfOnes: RunCounts(runsOfOnes)
        )
    }

    private static let typicalRuns = [2500, 1250, 625, 312, 156, 156]

    private func expectAgreement(_ name: String) throws {
        let vector = try #require(try RngtestVector.all().first { $0.input == name })
        let bytes = try #require(vector.bytes)
        let statistics = FIPS140Statistics(of: bytes)
        #expect(statistics.numbers == vector.standard)

        // The same blocks with the miscounts give what Debian's program printed.
        var debian = FIPS140Statistics()
        var previousBit: UInt8 = 0
        var previousWord = Array(bytes[0..<4])
        for first in stride(from: 4, through: bytes.count - 2500, by: 2500) {
            let block = Array(bytes[first..<first + 2500])
            let naive = NaiveBlock(NaiveBlock.bits(of: block), asDebianAfter: previousBit)
            previousBit = naive.bits[19_999]
            var failures = FIPS140Test.judge(naive.counts)
            if naive.longestRun >= 26 { failures.insert(.longRun) }
            for word in stride(from: 0, to: 2500, by: 4) {
                let next = Array(block[word..<word + 4])
                if next == previousWord { failures.insert(.continuousRun) }
                previousWord = next
            }
            debian.add(failures)
        }
        #expect(debian.numbers == vector.debian)
    }
}

/// What was counted for one input; the numbers are successes, failures, monobit, poker, runs, long run,
/// continuous run.
private struct RngtestVector: Decodable {
    let input: String
    let byteCount: Int
    let standard: [Int]
    let debian: [Int]

    static func all() throws -> [RngtestVector] {
        let url = Bundle.module.bundleURL.appendingPathComponent("Vectors/rngtest.json")
        return try JSONDecoder().decode([RngtestVector].self, from: Data(contentsOf: url))
    }

    var bytes: [UInt8]? {
        switch input.split(separator: "-").last {
        case "uniform": SeededBytes.uniform(seed: 1, count: byteCount)
        case "counter": SeededBytes.counter(count: byteCount)
        case "biased": SeededBytes.biased(seed: 4, count: byteCount)
        case "sticky": SeededBytes.sticky(seed: 2, count: byteCount)
        case "zeros": [UInt8](repeating: 0, count: byteCount)
        default: nil
        }
    }
}

extension FIPS140Statistics {
    fileprivate var numbers: [Int] {
        [
            successes, failures, monobitFailures, pokerFailures, runsFailures, longRunFailures,
            continuousRunFailures,
        ]
    }
}

#if DEBUG
    private let isOptimised = false
#else
    private let isOptimised = true
#endif
