// Tests of the counts of repeated tuples (SP 800-90B, sections 6.3.5 and 6.3.6).
// SPDX-License-Identifier: Apache-2.0

import Assessment
import Testing

@Suite("Repeat statistics")
struct RepeatStatisticsTests {
    @Test(
        "the suffix array counts every tuple",
        arguments: NamedSequence.binary(200) + NamedSequence.symbols(200)
    )
    func suffixes(sequence: NamedSequence) {
        let symbols = sequence.symbols
        let repeats = withSymbols(symbols) { RepeatStatistics(suffixesOf: $0) }
        let longest = repeats.longestRepeat
        #expect(repeats.symbolCount == symbols.count)
        for length in 1...longest + 1 {
            let counts = tuples(symbols, length)
            let most = counts.max() ?? 0
            if length > longest {
                #expect(most <= 1)
            } else {
                #expect(repeats.tupleCounts[length] == most)
                #expect(repeats.pairCounts[length] == counts.reduce(0) { $0 + $1 * ($1 - 1) / 2 })
            }
        }
    }

    @Test("windows count what the suffix array counts", arguments: [4_096, 5_003, 30_000])
    func windows(count: Int) throws {
        for ones in [1, 2, 3] as [UInt64] {
            let bits = SyntheticData.biasedBits(seed: 61, count: count, ones: ones, of: 4)
            try expectSameCounts(bits)
        }
    }

    @Test("windows count repeats at the end of the string", arguments: 0..<9)
    func windowsAtEnd(zeros: Int) throws {
        // The last bits repeat the first ones and are followed by what pads a window.
        let bits = SyntheticData.biasedBits(seed: 62, count: 5_000, ones: 1, of: 2)
        try expectSameCounts(bits + bits[..<20] + [UInt8](repeating: 0, count: zeros))
    }

    @Test(
        "windows follow repeats that are longer than they are, and give up at many or very long ones",
        arguments: [56, 57, 58, 113, 114, 200, 300, 1_100]
    )
    func longRepeats(length: Int) throws {
        let bits = SyntheticData.biasedBits(seed: 63, count: 6_000, ones: 1, of: 2)
        // Different neighbours on both sides bound the repeat to exactly this length.
        let copy = bits[1_000..<1_000 + length]
        let repeated = bits + [bits[999] ^ 1] + copy + [bits[1_000 + length] ^ 1] + bits[..<10]
        let windows = withSymbols(repeated) { RepeatStatistics(windowsOf: $0) }
        // A repeat of 300 bits is 244 pairs of places that share 57.
        #expect((windows == nil) == (length >= 300))
        if length < 300 { try expectSameCounts(repeated) }
        let longest = withSymbols(repeated) { RepeatStatistics($0) }.longestRepeat
        #expect(longest == length)
    }

    @Test("windows count three places that share more than a window")
    func threePlaces() throws {
        let bits = SyntheticData.biasedBits(seed: 64, count: 6_000, ones: 1, of: 2)
        let copy = bits[1_000..<1_070]
        try expectSameCounts(bits + [0] + copy + [1, 0] + bits[..<30] + copy + [0, 0, 1])
    }

    @Test("windows are for long binary sequences only")
    func otherSequences() {
        #expect(withSymbols([0, 1, 2]) { RepeatStatistics(windowsOf: $0) } == nil)
        #expect(withSymbols([0, 1, 1]) { RepeatStatistics(windowsOf: $0) } == nil)
    }

    @Test("a sequence without repeats has none")
    func noRepeats() {
        let repeats = withSymbols([0, 1, 2, 3]) { RepeatStatistics($0) }
        #expect(repeats.longestRepeat == 0)
        #expect(repeats.longestFrequentTuple == 0)
        #expect(TupleEstimate.estimate(repeats) == .notApplicable(.noFrequentTuple))
        #expect(LongestRepeatedSubstringEstimate.estimate(repeats) == .notApplicable(.noRepeat))
    }

    /// Compares all counts that matter: those of tuples only from the threshold on.
    private func expectSameCounts(_ bits: [UInt8]) throws {
        let expected = withSymbols(bits) { RepeatStatistics(suffixesOf: $0) }
        let found = try #require(withSymbols(bits) { RepeatStatistics(windowsOf: $0) })
        #expect(found.pairCounts == expected.pairCounts)
        let frequent = expected.longestFrequentTuple
        #expect(found.longestFrequentTuple == frequent)
        #expect(found.tupleCounts[...frequent] == expected.tupleCounts[...frequent])
    }

    private func tuples(_ symbols: [UInt8], _ length: Int) -> [Int] {
        var counts: [ArraySlice<UInt8>: Int] = [:]
        for start in stride(from: 0, through: symbols.count - length, by: 1) {
            counts[symbols[start..<start + length], default: 0] += 1
        }
        return Array(counts.values)
    }
}
