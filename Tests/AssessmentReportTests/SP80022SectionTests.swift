// Tests of the section on SP 800-22.
// SPDX-License-Identifier: Apache-2.0

import AssessmentReport
import StatisticalTests
import Testing

@Suite("SP 800-22 section")
struct SP80022SectionTests {
    @Test("has a line for every test, with values or the reason why there are none")
    func stream() throws {
        let result = SP80022StreamResult(alternating(2_000))
        let rows = try #require(firstTable(ReportDocument.Section.sp80022(result))).rows
        #expect(rows.count == 15)
        #expect(rows[0].cells == ["Frequency", "1.000000", "0 of 1", ""])
        #expect(rows[3].cells == ["Runs", "0.000000", "1 of 1", ""])
        #expect(rows[3].tone == .caution)
        #expect(rows[2].cells[3] == "backward" || rows[2].cells[3] == "forward")
        #expect(rows[9].cells[3] == "needs 387840 bits in a stream, but there are 2000")
    }

    @Test("folds the P-values of a test into a line that names the worst")
    func summary() throws {
        let summary = SP80022Summary([SP80022StreamResult(alternating(2_000))])
        let section = ReportDocument.Section.sp80022(summary)
        let table = try #require(firstTable(section))
        #expect(table.rows.count == 15)
        #expect(table.rows.allSatisfy { $0.cells.count == table.columns.count })
        #expect(table.rows[3].cells == ["Runs", "-", "0/1", "1", "1 of 1", ""])
        #expect(table.rows[2].cells[4] == "0 of 2")
        guard case .paragraph(let text) = section.blocks[0] else {
            Issue.record("no paragraph")
            return
        }
        #expect(text.hasPrefix("The data are not random"))
    }

    @Test("shows the uniformity of as many streams as it needs")
    func uniformity() throws {
        let result = SP80022StreamResult(alternating(2_000))
        let summary = SP80022Summary([SP80022StreamResult](repeating: result, count: 55))
        let rows = try #require(firstTable(ReportDocument.Section.sp80022(summary))).rows
        // All in one bin: a chi-square of 9 * 55.
        #expect(rows[0].cells == ["Frequency", "0.000000", "55/55", "53", "1 of 1", ""])
    }

    @Test("says so where no test applies")
    func nothing() throws {
        let section = ReportDocument.Section.sp80022(SP80022Summary([]))
        #expect(try #require(firstTable(section)).rows.count == 15)
        guard case .paragraph(let text) = section.blocks[0] else {
            Issue.record("no paragraph")
            return
        }
        #expect(text == "No test applies to these data.")
    }

    private func alternating(_ count: Int) -> BitSequence {
        BitSequence(symbols: [UInt8](repeating: 0x55, count: count / 8))
    }

    private func firstTable(_ section: ReportDocument.Section) -> ReportDocument.Table? {
        section.blocks.lazy.compactMap { block in
            if case .table(let table) = block { table } else { nil }
        }.first
    }
}
