// Tests of the report's sections on ENT, FIPS 140-2 and AIS 31.
// SPDX-License-Identifier: Apache-2.0

import AssessmentReport
import StatisticalTests
import Testing

@Suite("Sections on ENT, FIPS 140-2 and AIS 31")
struct BitTestSectionsTests {
    private let samples: [[UInt8]] = [
        [], [7], [UInt8](repeating: 0, count: 3000),
        (0..<3000).map { UInt8(truncatingIfNeeded: $0 * $0 >> 5) },
    ]

    @Test("every sample, down to an empty one, yields words and whole tables")
    func sections() {
        for sample in samples {
            var statistics = ENTStatistics()
            sample.withUnsafeBytes { statistics.update($0) }
            let bits = BitSequence(symbols: sample)
            let sections: [ReportDocument.Section] = [
                .ent(bytes: statistics.finish(), bits: statistics.finish(.bit)),
                .fips140(FIPS140Statistics(of: sample)),
                .ais31(
                    procedureA: AIS31ProcedureA(bits),
                    procedureB: AIS31ProcedureB(bits),
                    version3: AIS31Version3(bits)
                ),
            ]
            for section in sections {
                #expect(!section.blocks.isEmpty)
                for case .table(let table) in section.blocks {
                    #expect(!table.rows.isEmpty)
                    #expect(table.rows.allSatisfy { $0.cells.count == table.columns.count })
                    #expect(table.rows.allSatisfy { !$0.cells.contains { $0.contains("nan") } })
                }
            }
        }
    }

    @Test("a failed test is marked and counted")
    func failures() throws {
        let zeros = [UInt8](repeating: 0, count: 2504)
        let section = ReportDocument.Section.fips140(FIPS140Statistics(of: zeros))
        let rows = section.blocks.flatMap { block -> [ReportDocument.Table.Row] in
            if case .table(let table) = block { table.rows } else { [] }
        }
        #expect(rows.map { $0.cells[2] } == ["1", "1", "1", "1", "1"])
        #expect(rows.allSatisfy { $0.tone == .caution })
    }
}
