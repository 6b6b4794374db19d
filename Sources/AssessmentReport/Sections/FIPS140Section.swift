// The report's section on the tests of FIPS 140-2.
// SPDX-License-Identifier: Apache-2.0

package import StatisticalTests

extension ReportDocument.Section {
    /// How many blocks of 20,000 bits failed which test.
    package static func fips140(_ statistics: FIPS140Statistics) -> Self {
        let title = "FIPS 140-2"
        guard statistics.blocks > 0 else {
            return Self(
                title,
                [
                    .paragraph(
                        "Not applicable: the data has no whole block of 20,000 bits behind its first 32 bits."
                    )
                ]
            )
        }
        func row(_ test: String, _ bounds: String, _ failures: Int) -> ReportDocument.Table.Row {
            .init([test, bounds, "\(failures)"], tone: failures > 0 ? .caution : .neutral)
        }
        let share = Double(statistics.failures) / Double(statistics.blocks)
        return Self(
            title,
            [
                .paragraph(
                    "The statistical tests of FIPS 140-2, section 4.9.1 (change notice of 2001-10-10), on "
                        + "blocks of 20,000 bits. About 8 of 10,000 ideal blocks fail; the standard has dropped "
                        + "the first four tests since."
                ),
                .facts([
                    .init("Blocks", "\(statistics.blocks)"),
                    .init("Passed all tests", "\(statistics.successes)"),
                    .init(
                        "Failed a test",
                        "\(statistics.failures) (\(NumberText.fixed(100 * share, decimals: 3)) %)"
                    ),
                ]),
                .table(
                    .init(
                        columns: [
                            .init("Test"), .init("Passes"), .init("Failed blocks", isNumber: true),
                        ],
                        rows: [
                            row("Monobit", "9,725 < ones < 10,275", statistics.monobitFailures),
                            row("Poker", "2.16 < X < 46.17", statistics.pokerFailures),
                            row("Runs", "numbers of runs within table 3", statistics.runsFailures),
                            row("Long run", "no run of 26 or more", statistics.longRunFailures),
                            row(
                                "Continuous run",
                                "no 32-bit word equals the one before",
                                statistics.continuousRunFailures
                            ),
                        ]
                    )
                ),
            ]
        )
    }
}
