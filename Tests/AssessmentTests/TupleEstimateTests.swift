// Tests of the t-tuple and the LRS estimates (SP 800-90B, sections 6.3.5 and 6.3.6).
// SPDX-License-Identifier: Apache-2.0

import Assessment
import Testing

@Suite("t-tuple estimate")
struct TupleEstimateTests {
    @Test("a symbol counts from 35 occurrences on", arguments: [34, 35, 36])
    func threshold(occurrences: Int) {
        // One symbol between others that occur once or twice.
        let symbols = (0..<2 * occurrences).map { index -> UInt8 in
            index % 2 == 0 ? 0 : UInt8(1 + index % 60)
        }
        let estimate = withSymbols(symbols) { TupleEstimate.estimate(RepeatStatistics($0)) }
        #expect(estimate.value?.longestTuple == (occurrences < 35 ? nil : 1))
        if occurrences >= 35 { #expect(estimate.value?.frequency == 0.5) }
    }

    @Test("the frequency is the largest root over all lengths")
    func largestRoot() throws {
        // 0 1 0 1 ...: a tuple of i symbols stands at half of the 201 - i places, rounded up, which
        // is 35 for i = 132; the i-th root of a half grows with i.
        let symbols = (0..<200).map { UInt8($0 % 2) }
        let estimate = try #require(
            withSymbols(symbols) { TupleEstimate.estimate(RepeatStatistics($0)) }.value
        )
        #expect(estimate.longestTuple == 132)
        #expect(estimate.frequency > 0.99)
    }
}

@Suite("Longest repeated substring estimate")
struct LongestRepeatedSubstringEstimateTests {
    @Test("one repeat of one symbol is one pair of all")
    func onePair() throws {
        let symbols: [UInt8] = [0, 1, 2, 3, 1, 4, 5, 6]
        let estimate = try #require(
            withSymbols(symbols) {
                LongestRepeatedSubstringEstimate.estimate(RepeatStatistics($0))
            }.value
        )
        #expect(estimate.shortest == 1)
        #expect(estimate.longest == 1)
        #expect(abs(estimate.frequency - 1.0 / 28) < 1e-16)
    }

    @Test("only lengths beyond the frequent tuples count")
    func noRareRepeat() throws {
        // 0 occurs 36 times, everything else once.
        let symbols = (0..<72).map { UInt8($0 % 2 == 0 ? 0 : $0) }
        let estimate = withSymbols(symbols) {
            LongestRepeatedSubstringEstimate.estimate(RepeatStatistics($0))
        }
        #expect(estimate == .notApplicable(.noRareRepeat))
    }
}
