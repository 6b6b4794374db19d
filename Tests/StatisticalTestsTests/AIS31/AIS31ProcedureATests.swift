// Tests of procedure A (AIS 20/31 version 2.0, T0 to T5). Expected numbers come from an independent
// program: bit arrays, and a Fourier transform for T5.
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import StatisticalTests

@Suite("AIS 31 procedure A")
struct AIS31ProcedureATests {
    @Test("finds the same counts and the same shift as an independent program")
    func block() {
        // Bits 3,145,728 and following of the stream: the first block behind T0.
        let bytes = Array(SeededBytes.uniform(seed: 1, count: 393_216 + 2500)[393_216...])
        var block = BitBlock()
        bytes.withUnsafeBytes { block.load($0.baseAddress!) }
        let counts = block.counts()
        #expect(counts.ones == 10_139)
        #expect(counts.pokerSquares == 1_567_144)
        #expect(counts.runsOfZeros.all == [2455, 1314, 611, 279, 160, 148])
        #expect(counts.runsOfOnes.all == [2481, 1204, 616, 311, 176, 179])
        #expect(block.longestRun() == 14)
        var search = AIS31AutocorrelationSearch()
        let result = search.run(block)
        #expect(result.shift == 3248)
        #expect(result.searchedDifferences == 2377)
        #expect(result.testedDifferences == 2475)
        #expect(result.passed)
    }

    @Test("finds a period, and the smallest shift of several")
    func period() {
        // Period 35 bits: shift 35 has no differences, as have its multiples.
        let pattern = NaiveBlock.bits(of: SeededBytes.uniform(seed: 41, count: 5))
        var bits = BitSequence()
        for index in 0..<20_000 { bits.append(UInt64(pattern[index % 35]), width: 1) }
        var block = BitBlock()
        block.load(bits, from: 0)
        var search = AIS31AutocorrelationSearch()
        let result = search.run(block)
        #expect(result.shift == 35)
        #expect(result.searchedDifferences == 0)
        #expect(result.testedDifferences == 0)
        #expect(!result.passed)
    }

    @Test("T0 counts words of 48 bits that come again")
    func disjointness() {
        let bytes = SeededBytes.uniform(seed: 42, count: AIS31Disjointness.bitCount / 8 + 1)
        var repeated = bytes
        for index in 0..<6 { repeated[60_000 * 6 + index] = bytes[123 * 6 + index] }
        let bits = BitSequence(symbols: repeated)
        let result = AIS31Disjointness(bits, from: 0)
        #expect(result.repetitions == 1)
        #expect(!result.passed)
        // The same bits in words that begin elsewhere are different.
        #expect(AIS31Disjointness(bits, from: 8).passed)
    }

    @Test("bounds of T1 to T4 are those of the standard")
    func bounds() {
        func result(_ ones: Int, _ squares: Int, _ run: Int, first: Int = 2500) -> AIS31BlockResult
        {
            let runs = RunCounts([first, 1250, 625, 312, 156, 156])
            return AIS31BlockResult(
                counts: BitBlockCounts(
                    ones: ones,
                    pokerSquares: squares,
                    runsOfZeros: runs,
                    runsOfOnes: runs
                ),
                longestRun: run,
                autocorrelation: AIS31Autocorrelation(
                    shift: 1,
                    searchedDifferences: 2500,
                    testedDifferences: 2500
                )
            )
        }
        #expect(!result(9654, 1_570_000, 1).passesMonobit)
        #expect(result(9655, 1_570_000, 1).passesMonobit)
        #expect(result(10_345, 1_570_000, 1).passesMonobit)
        #expect(!result(10_346, 1_570_000, 1).passesMonobit)
        #expect(!result(1, 1_562_821, 1).passesPoker)
        #expect(result(1, 1_562_822, 1).passesPoker)
        #expect(result(1, 1_580_437, 1).passesPoker)
        #expect(!result(1, 1_580_438, 1).passesPoker)
        #expect(result(1, 1, 33).passesLongRun)
        #expect(!result(1, 1, 34).passesLongRun)
        #expect(result(1, 1, 1, first: 2733).passesRuns)
        #expect(!result(1, 1, 1, first: 2734).passesRuns)
        let autocorrelation = [2326, 2327, 2673, 2674].map { count in
            AIS31Autocorrelation(shift: 1, searchedDifferences: 0, testedDifferences: count).passed
        }
        #expect(autocorrelation == [false, true, true, false])
    }

    @Test("sequences that are too short are not judged", arguments: [0, 1, 2500, 1_035_715])
    func tooShort(bytes: Int) {
        let procedure = AIS31ProcedureA(
            BitSequence(symbols: [UInt8](repeating: 0x5A, count: bytes))
        )
        #expect(procedure.verdict == .notApplicable)
        #expect(
            procedure.first
                == .notApplicable(.tooShort(neededBits: 8_285_728, givenBits: 8 * bytes))
        )
        #expect(procedure.usedBits == 0)
    }

    @Test("places of the blocks follow the width of the words")
    func layout() {
        let consecutive = AIS31Layout.consecutive.places(from: 100)
        #expect(consecutive.end == 100 + 257 * 20_000)
        #expect(consecutive.blocks.map(\.first) == (0..<257).map { 100 + $0 * 20_000 })
        let bytes = AIS31Layout.positions(symbolWidth: 8).places(from: 3_145_728)
        #expect(bytes.blocks.count == 257)
        // One block in succession, then eight of one position each, 28 times; then five more.
        #expect(bytes.end == 3_145_728 + 29 * 180_000)
        #expect(bytes.blocks[0].step == 1)
        #expect(bytes.blocks[1...8].map(\.first) == (0..<8).map { 3_165_728 + $0 })
        #expect(bytes.blocks[1...8].allSatisfy { $0.step == 8 })
        #expect(bytes.blocks[9].first == 3_145_728 + 180_000)
        let odd = AIS31Layout.positions(symbolWidth: 7).places(from: 3_145_728)
        #expect(odd.blocks.allSatisfy { $0.step == 7 || $0.first % 7 == 0 })
    }

    @Test("the verdict follows from the numbers of failed tests")
    func verdicts() {
        #expect(AIS31Verdict.of(0, repetition: .none) == .passed)
        #expect(AIS31Verdict.of(1, repetition: .some(0)) == .passedAfterRepetition)
        #expect(AIS31Verdict.of(1, repetition: .some(1)) == .failed)
        #expect(AIS31Verdict.of(1, repetition: .some(nil)) == .repetitionNeeded)
        #expect(AIS31Verdict.of(2, repetition: .none) == .failed)
        #expect(AIS31Verdict.of(nil, repetition: .none) == .notApplicable)
    }

    @Test(
        "a single failure repeats the procedure on the bits that follow",
        .enabled(if: isOptimised, "needs a release build to finish in time")
    )
    func repetition() throws {
        let size = 8_285_728 / 8
        var bytes = SeededBytes.uniform(seed: 1, count: 2 * size)
        let whole = AIS31ProcedureA(BitSequence(symbols: bytes))
        #expect(whole.verdict == .passed)
        #expect(whole.usedBits == 8_285_728)
        #expect(whole.second == nil)
        // Bytes 0x0F, five of 0xFF and 0xF0 are a run of 48 ones.
        for (index, byte) in [UInt8(0x0F), 255, 255, 255, 255, 255, 0xF0].enumerated() {
            bytes[400_000 + index] = byte
        }
        let once = AIS31ProcedureA(BitSequence(symbols: bytes))
        #expect(once.first.value?.longRunFailures == 1)
        #expect(once.first.value?.failedTests == 1)
        #expect(once.verdict == .passedAfterRepetition)
        #expect(once.usedBits == 2 * 8_285_728)
        let short = AIS31ProcedureA(BitSequence(symbols: Array(bytes.dropLast())))
        #expect(short.verdict == .repetitionNeeded)
        for (index, byte) in [UInt8(0x0F), 255, 255, 255, 255, 255, 0xF0].enumerated() {
            bytes[size + 500_000 + index] = byte
        }
        #expect(AIS31ProcedureA(BitSequence(symbols: bytes)).verdict == .failed)
    }

    @Test(
        "constant data fails every test",
        .enabled(if: isOptimised, "needs a release build to finish in time")
    )
    func constant() throws {
        let procedure = AIS31ProcedureA(
            BitSequence(symbols: [UInt8](repeating: 0, count: 1_035_716))
        )
        #expect(procedure.verdict == .failed)
        #expect(try #require(procedure.first.value).failedTests == 1286)
    }
}

#if DEBUG
    private let isOptimised = false
#else
    private let isOptimised = true
#endif
