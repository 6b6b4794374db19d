// Tests of the report section on the IID track.
// SPDX-License-Identifier: Apache-2.0

import Assessment
import AssessmentReport
import Testing

@Suite("IID section")
struct IIDSectionTests {
    @Test("shows every statistic and marks those that fail")
    func rows() throws {
        let samples = (0..<2_000).map { UInt8($0 % 200) }
        let sample = try PreparedSample(samples: samples)
        let assessment = IIDAssessment(sample)
        let test = PermutationTest(sample)
        var tally = PermutationTally()
        // As if every permutation were made: only the first is.
        let worker = PermutationWorker(test, seed: PermutationSeed(1, 2, 3, 4))
        let next = tally.nextTask(rounds: 1)
        let task = try #require(next)
        let counts = worker.run(task)
        for _ in 0..<PermutationTally.roundLimit { tally.add(counts) }
        let section = ReportDocument.Section(
            iid: assessment,
            unpermuted: test.unpermuted,
            permutations: try #require(tally.result)
        )
        var tables: [ReportDocument.Table] = []
        for case .table(let table) in section.blocks { tables.append(table) }
        try #require(tables.count == 2)
        #expect(tables[1].rows.map(\.cells[0]) == PermutationStatistic.allCases.map(\.name))
        let marked = tables[1].rows.filter { $0.tone == .bad }.map(\.cells[0])
        #expect(marked.contains("compression"))
        #expect(tables[0].rows.allSatisfy { $0.cells.count == tables[0].columns.count })
        guard case .paragraph(let verdict) = section.blocks[0] else {
            Issue.record("The section does not start with the verdict.")
            return
        }
        #expect(verdict.contains("not independent"))
    }
}
