// The report's section on ENT.
// SPDX-License-Identifier: Apache-2.0

package import StatisticalTests

extension ReportDocument.Section {
    /// What ENT says about bytes, and about their bits if given.
    package static func ent(bytes: ENTResult, bits: ENTResult? = nil) -> Self {
        let results = [bytes] + (bits.map { [$0] } ?? [])
        var columns = [ReportDocument.Table.Column("Statistic")]
        for result in results {
            columns.append(.init("\(result.unit.rawValue)s", isNumber: true))
        }
        columns.append(.init("Ideal"))
        func row(_ title: String, _ ideal: String, _ value: (ENTResult) -> String)
            -> ReportDocument.Table.Row
        {
            .init([title] + results.map(value) + [ideal])
        }
        var blocks: [ReportDocument.Block] = [
            .paragraph(
                "Fourmilab's ENT finds gross faults only: predictable data such as a counter passes most "
                    + "of it. None of these numbers is a min-entropy."
            ),
            .table(
                .init(
                    columns: columns,
                    rows: [
                        row("Count", "") { "\($0.count)" },
                        row("Shannon entropy of the values, bits", "8 per byte, 1 per bit") {
                            sixDigits($0.entropy)
                        },
                        row("Optimum compression, percent", "0") { "\($0.compressionPercent)" },
                        row("Chi-square", "255 for bytes, 1 for bits") { sixDigits($0.chiSquare) },
                        row("Probability to exceed it", "between .01 and .99") {
                            sixDigits($0.chiSquareProbability)
                        },
                        row("Mean", "127.5 for bytes, 0.5 for bits") { sixDigits($0.mean) },
                        row("Monte Carlo value of pi", "3.141593") { sixDigits($0.monteCarloPi) },
                        row("Serial correlation", "0") { sixDigits($0.serialCorrelation) },
                    ]
                )
            ),
        ]
        if bytes.count > 0, bytes.unit == .byte {
            blocks.append(
                .figure(
                    .init(
                        title: "Occurrences of each byte",
                        explanation: "Ideal data gives bars of about the same height.",
                        plot: .bars(
                            .init(
                                values: bytes.occurrences.map(Double.init),
                                xLabel: "byte value",
                                yLabel: "occurrences"
                            )
                        )
                    )
                )
            )
        }
        return Self("ENT", blocks)
    }
}

/// Six digits behind the point, as ENT's terse form has them.
private func sixDigits(_ value: Double?) -> String {
    guard let value else { return "undefined" }
    return NumberText.fixed(value, decimals: 6)
}
