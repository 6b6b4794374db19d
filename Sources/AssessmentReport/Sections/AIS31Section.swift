// The report's section on AIS 20/31.
// SPDX-License-Identifier: Apache-2.0

package import StatisticalTests

extension ReportDocument.Section {
    /// Procedures A and B of version 2.0, and the tests of version 3.0 if given.
    package static func ais31(
        procedureA: AIS31ProcedureA,
        procedureB: AIS31ProcedureB,
        version3: AIS31Version3? = nil
    ) -> Self {
        var blocks: [ReportDocument.Block] = [
            .paragraph(
                "Test procedures A and B of AIS 20/31 version 2.0 (2011). Procedure A is meant for internal "
                    + "random numbers, procedure B for raw bits. Ideal data passes A with probability .9987 "
                    + "and B with .9998. A test procedure alone is no evaluation."
            ),
            .facts([
                .init("Procedure A", procedureA.verdict.words),
                .init("Bits tested by A", "\(procedureA.usedBits) of \(procedureA.givenBits)"),
                .init("Procedure B", procedureB.verdict.words),
                .init("Bits tested by B", "\(procedureB.usedBits) of \(procedureB.givenBits)"),
            ]),
            table("Procedure A", procedureA.first),
        ]
        if let second = procedureA.second { blocks.append(table("Procedure A, repeated", second)) }
        blocks.append(table("Procedure B", procedureB.first))
        if let second = procedureB.second { blocks.append(table("Procedure B, repeated", second)) }
        if let version3 { blocks += self.blocks(version3) }
        return Self("AIS 20/31", blocks)
    }

    private static func table(
        _ caption: String,
        _ outcome: AIS31Outcome<AIS31RunA>
    ) -> ReportDocument.Block {
        guard case .value(let run) = outcome else {
            return .paragraph("\(caption): not applicable, \(outcome.reason).")
        }
        func row(_ test: String, _ bounds: String, _ failures: Int) -> ReportDocument.Table.Row {
            .init([test, bounds, "\(failures)"], tone: failures > 0 ? .bad : .neutral)
        }
        return .table(
            .init(
                caption: caption,
                columns: [.init("Test"), .init("Passes"), .init("Failures", isNumber: true)],
                rows: [
                    row(
                        "T0 disjointness",
                        "65,536 words of 48 bits, all different",
                        run.disjointness.passed ? 0 : 1
                    ),
                    row("T1 monobit", "9,654 < ones < 10,346", run.monobitFailures),
                    row("T2 poker", "1.03 < X < 57.4", run.pokerFailures),
                    row("T3 runs", "numbers of runs within the table", run.runsFailures),
                    row("T4 long run", "no run of 34 or more", run.longRunFailures),
                    row("T5 autocorrelation", "2,326 < Z < 2,674", run.autocorrelationFailures),
                ]
            )
        )
    }

    private static func table(_ caption: String, _ run: AIS31RunB) -> ReportDocument.Block {
        func row<Value>(
            _ test: String,
            _ bounds: String,
            _ outcome: AIS31Outcome<Value>,
            _ text: (Value) -> String,
            _ passed: (Value) -> Bool
        ) -> ReportDocument.Table.Row {
            guard let value = outcome.value else {
                return .init([test, bounds, "–", outcome.reason], tone: .caution)
            }
            return .init([test, bounds, text(value), ""], tone: passed(value) ? .neutral : .bad)
        }
        func homogeneity(
            _ test: String,
            _ outcome: AIS31Outcome<AIS31Homogeneity>
        ) -> ReportDocument.Table.Row {
            row(
                test,
                "at most 15.13 each",
                outcome,
                { $0.statistics.map { NumberText.fixed($0, decimals: 3) }.joined(separator: ", ") },
                { $0.passed }
            )
        }
        return .table(
            .init(
                caption: caption,
                columns: [
                    .init("Test"), .init("Passes"), .init("Found", isNumber: true), .init("Remark"),
                ],
                rows: [
                    row(
                        "T6a uniform distribution",
                        "|p(1) - 0.5| < 0.025",
                        run.uniformity,
                        { NumberText.fixed($0.deviation, decimals: 5) },
                        { $0.passed }
                    ),
                    row(
                        "T6b transitions",
                        "|p(01) - p(11)| < 0.02",
                        run.transitionShares,
                        { NumberText.fixed($0.difference, decimals: 5) },
                        { $0.passed }
                    ),
                    homogeneity("T7a homogeneity, two bits before", run.homogeneity2),
                    homogeneity("T7b homogeneity, three bits before", run.homogeneity3),
                    row(
                        "T8 entropy",
                        "> 7.976 bits per byte",
                        run.entropy,
                        { NumberText.fixed($0.bitsPerWord, decimals: 6) },
                        { $0.passed }
                    ),
                ]
            )
        )
    }

    private static func blocks(_ result: AIS31Version3) -> [ReportDocument.Block] {
        func row(
            _ test: String,
            _ bounds: String,
            _ outcome: AIS31Outcome<Int>
        ) -> ReportDocument.Table.Row {
            let text = outcome.value.map { "\($0) failed" } ?? "–"
            return .init(
                [test, bounds, text, outcome.reason],
                tone: outcome.value == 0 ? .neutral : .caution
            )
        }
        func row(_ test: String, _ outcome: AIS31Outcome<Double>) -> ReportDocument.Table.Row {
            let text = outcome.value.map { NumberText.fixed($0, decimals: 6) } ?? "–"
            let isGood = (outcome.value ?? 0) >= AIS31Version3.minEntropyBound
            return .init(
                [
                    test, "at least \(AIS31Version3.minEntropyBound) bit per bit", text,
                    outcome.reason,
                ],
                tone: isGood ? .neutral : .caution
            )
        }
        return [
            .paragraph(
                "The tests that version 3.0 (2024) names, in this program's own reading of them: sample sizes "
                    + "and bounds are not taken from the text of that version. Verdict: "
                    + result.verdict.words + "."
            ),
            .table(
                .init(
                    caption: "Version 3.0, own reading",
                    columns: [
                        .init("Test"), .init("Passes"), .init("Found", isNumber: true),
                        .init("Remark"),
                    ],
                    rows: [
                        row(
                            "T1 monobit, \(result.blocks) blocks",
                            "9,654 < ones < 10,346",
                            result.monobitFailures
                        ),
                        row(
                            "T2 poker, \(result.blocks) blocks",
                            "1.03 < X < 57.4",
                            result.pokerFailures
                        ),
                        row("T3 MultiMMC", result.multiMMCMinEntropy),
                        row("T4 LZ78Y", result.lz78yMinEntropy),
                    ]
                )
            ),
        ]
    }
}

extension AIS31Outcome {
    fileprivate var reason: String {
        if case .notApplicable(let reason) = self { reason.description } else { "" }
    }
}

extension AIS31Verdict {
    var words: String {
        switch self {
        case .passed: "passed"
        case .passedAfterRepetition: "passed when repeated after one failure"
        case .repetitionNeeded: "one failure, and too few bits to repeat the procedure"
        case .failed: "failed"
        case .notApplicable: "not applicable, too few bits"
        }
    }
}
