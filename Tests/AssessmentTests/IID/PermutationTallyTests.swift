// Tests of the decision of permutation testing (SP 800-90B, section 5.1).
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Assessment

@Suite("Permutation tally")
struct PermutationTallyTests {
    @Test(
        "a statistic passes once six permutations are no less and six no greater",
        arguments: [
            (6, 0, 6, true), (0, 6, 0, true), (5, 1, 5, true), (5, 0, 9_995, false),
            (9_995, 0, 5, false), (0, 5, 0, false), (10_000, 0, 0, false),
        ]
    )
    func rule(greater: Int, equal: Int, less: Int, passes: Bool) {
        let comparison = PermutationComparison(greater: greater, equal: equal, less: less)
        #expect(comparison.passes == passes)
    }

    @Test("stops to compare a statistic that has passed")
    func passed() throws {
        var tally = PermutationTally()
        let next = tally.nextTask(rounds: 12)
        let task = try #require(next)
        #expect(task.statistics == .all)
        tally.add(Self.counts(rounds: 12, extreme: [.compression]))
        #expect(tally.undecided == PermutationStatisticSet(.compression))
        let second = tally.nextTask()
        #expect(second?.statistics == PermutationStatisticSet(.compression))
        #expect(tally.result == nil)
    }

    @Test("is over as soon as all statistics have passed")
    func allPassed() throws {
        var tally = PermutationTally()
        tally.add(Self.counts(rounds: 12, extreme: []))
        #expect(tally.isOver)
        let next = tally.nextTask()
        #expect(next == nil)
        let result = try #require(tally.result)
        #expect(result.passes)
        #expect(result.rounds == 12)
    }

    @Test("deals out 10,000 permutations and no more, then a statistic fails")
    func failure() throws {
        var tally = PermutationTally()
        var dealt = 0
        while let task = tally.nextTask(rounds: 999) {
            dealt += task.rounds
            #expect(!tally.isOver)
            tally.add(Self.counts(rounds: task.rounds, extreme: [.excursion]))
        }
        #expect(dealt == 10_000)
        let result = try #require(tally.result)
        #expect(!result.passes)
        #expect(!result.passes(.excursion))
        #expect(result.passes(.compression))
        #expect(result.comparisons[PermutationStatistic.excursion.rawValue].greater == 10_000)
    }

    @Test("waits for what another worker still has to add")
    func outstanding() throws {
        var tally = PermutationTally()
        let tasks = [9_000, 9_000, 9_000].map { tally.nextTask(rounds: $0) }
        let first = try #require(tasks[0])
        let second = try #require(tasks[1])
        #expect(second.rounds == 1_000)
        #expect(tasks[2] == nil)
        tally.add(Self.counts(rounds: first.rounds, extreme: [.excursion]))
        #expect(tally.result == nil)
        tally.add(Self.counts(rounds: second.rounds, extreme: [.excursion]))
        #expect(tally.result?.passes == false)
    }

    @Test("names the statistics in JSON")
    func json() throws {
        var tally = PermutationTally()
        tally.add(Self.counts(rounds: 12, extreme: []))
        let result = try #require(tally.result)
        let json = String(decoding: try JSONEncoder().encode(result), as: UTF8.self)
        #expect(json.contains("\"passes\":true"))
        for statistic in PermutationStatistic.allCases {
            #expect(json.contains("\"\(statistic.name)\":{"))
        }
    }

    /// Permutations of which every second is greater, and all for extreme statistics.
    private static func counts(
        rounds: Int,
        extreme: Set<PermutationStatistic>
    ) -> PermutationCounts {
        var unpermuted = PermutationStatistics()
        unpermuted.excursion = extreme.contains(.excursion) ? 0 : 1
        unpermuted.compression = extreme.contains(.compression) ? 0 : 1
        var low = PermutationStatistics()
        low.excursion = 0.5
        var high = PermutationStatistics()
        (high.excursion, high.compression) = (1.5, 2)
        low.compression = extreme.contains(.compression) ? 1 : 0
        var counts = PermutationCounts()
        for round in 0..<rounds {
            counts.add(round % 2 == 0 ? low : high, against: unpermuted, .all)
        }
        return counts
    }
}
