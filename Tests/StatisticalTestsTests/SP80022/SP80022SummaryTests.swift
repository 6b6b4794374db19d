// Tests of SP 800-22's summary of many streams.
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import StatisticalTests

@Suite("SP 800-22 summary")
struct SP80022SummaryTests {
    @Test(
        "limits of the proportion are those of section 4.2.1",
        arguments: [
            // The reference prints 8, 96 and 980 of 10, 100 and 1000, rounded down.
            (1, 1...1), (10, 9...10), (55, 53...55), (100, 97...100), (1000, 981...999),
        ]
    )
    func limits(streams: Int, expected: ClosedRange<Int>) {
        #expect(SP80022.passCounts(streams) == expected)
    }

    @Test("the chance of failures is the binomial tail")
    func chance() {
        #expect(SP80022.chance(ofFailures: 0, of: 5) == 1)
        #expect(abs(SP80022.chance(ofFailures: 5, of: 5) - 1e-10) < 1e-20)
        #expect(abs(SP80022.chance(ofFailures: 1, of: 3) - 0.029701) < 1e-12)
        #expect(SP80022.chance(ofFailures: 6, of: 5) == 0)
        // 1 - (0.99^100 + 100 0.01 0.99^99 + 4950 0.01^2 0.99^98 + 161700 0.01^3 0.99^97)
        #expect(abs(SP80022.chance(ofFailures: 4, of: 100) - 0.018374) < 1e-6)
        #expect(abs(SP80022.chanceOutside(100) - 0.018374) < 1e-6)
        #expect(SP80022.chanceOutside(0) == 0)
    }

    @Test("a row counts its P-values")
    func row() {
        let values = (0..<100).map { Double($0) / 100 } + [1]
        let row = SP80022SummaryRow(test: .frequency, subtest: nil, pValues: values)
        #expect(row.histogram == [10, 10, 10, 10, 10, 10, 10, 10, 10, 11])
        #expect(row.passes == 100)
        #expect(row.streamsCounted == 101)
        #expect(row.smallestPValue == 0)
        #expect((row.uniformity ?? 0) > 0.999)
        #expect(row.isProportionAccepted && row.isUniformityAccepted)
    }

    @Test("uniformity is judged against equal frequencies")
    func uniformity() {
        // Frequencies 20, 0, 10, ...: a chi-square of 20 with 9 degrees of freedom.
        let values = (0..<100).map { $0 < 20 ? 0.05 : Double($0 / 10) / 10 + 0.05 }
        let row = SP80022SummaryRow(test: .runs, subtest: nil, pValues: values)
        #expect(row.histogram == [20, 0, 10, 10, 10, 10, 10, 10, 10, 10])
        #expect(abs((row.uniformity ?? 0) - 0.017912) < 1e-6)
    }

    @Test("good streams are within or near the limits, streams of a constant are not random")
    func verdicts() throws {
        let good = try summary(
            (0..<60).map { SP80022Generator.bits(seed: $0, count: 2_000).packed }
        )
        #expect(good.streamCount == 60)
        #expect(good.hasEnoughStreamsForUniformity)
        #expect(good.verdict == .withinLimits || good.verdict == .someOutsideLimits)
        // Seven P-values of six tests, and a row for each test that needs more bits
        #expect(good.rows.count == 16)
        #expect(good.rows.count { $0.streamsCounted == 60 } == 7)
        #expect(good.rows.allSatisfy { ($0.exclusion == nil) == ($0.streamsCounted > 0) })

        let bad = try summary([BitSequence(ascii: [UInt8](repeating: 0x30, count: 2_000))])
        #expect(!bad.hasEnoughStreamsForUniformity)
        #expect(bad.verdict == .notRandom)
        #expect(bad.proportionsOutside > 0)

        let none = SP80022Summary([])
        #expect(none.verdict == .notApplicable)
        #expect(none.rows.count == 15)
        #expect(none.expectedProportionsOutside == 0)
    }

    @Test("a single unlucky stream is no proof")
    func unlucky() {
        let row = SP80022SummaryRow(test: .frequency, subtest: nil, pValues: [0.009])
        #expect(SP80022Verdict([row], usesUniformity: false) == .someOutsideLimits)
        let worse = SP80022SummaryRow(test: .frequency, subtest: nil, pValues: [0.004])
        #expect(SP80022Verdict([worse], usesUniformity: false) == .notRandom)
    }

    private func summary(_ streams: [BitSequence]) throws -> SP80022Summary {
        SP80022Summary(streams.map { SP80022StreamResult($0) })
    }
}
