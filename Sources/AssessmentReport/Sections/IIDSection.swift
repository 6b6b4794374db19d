// Report section on the IID track (SP 800-90B, section 5).
// SPDX-License-Identifier: Apache-2.0

package import Assessment

extension ReportDocument.Section {
    /// What the tests of the IID track found, with the verdict first.
    /// - Parameter unpermuted: the statistics of the sample before any permutation.
    package init(
        iid assessment: IIDAssessment,
        unpermuted: PermutationStatistics,
        permutations: PermutationResult
    ) {
        self.init(
            "IID tests (SP 800-90B, section 5)",
            [
                .paragraph(Self.verdict(assessment, permutations)),
                .facts(Self.facts(assessment)),
                .table(Self.chiSquareTable(assessment)),
                .table(Self.permutationTable(unpermuted, permutations)),
            ]
        )
    }

    private static func verdict(
        _ assessment: IIDAssessment,
        _ permutations: PermutationResult
    ) -> String {
        if assessment.passes && permutations.passes {
            return "No test contradicts the assumption that the samples are independent and "
                + "identically distributed. That does not prove it: the claim needs reasons from the "
                + "design of the source (section 3.1.2)."
        }
        return "The samples are not independent and identically distributed: at least one test "
            + "fails. The entropy below must not be claimed; use the non-IID estimate."
    }

    private static func facts(_ assessment: IIDAssessment) -> [ReportDocument.Fact] {
        var facts = [
            ReportDocument.Fact("H_original", bits(assessment.literalMinEntropy, per: "symbol"))
        ]
        if let entropy = assessment.bitStringMinEntropy {
            facts.append(ReportDocument.Fact("H_bitstring", bits(entropy, per: "bit")))
        }
        facts.append(
            ReportDocument.Fact(
                "Min-entropy if IID",
                bits(assessment.assessedMinEntropy, per: "symbol")
            )
        )
        return facts
    }

    private static func chiSquareTable(_ assessment: IIDAssessment) -> ReportDocument.Table {
        let repeats = assessment.longestRepeat
        let independence = assessment.independence
        let fit = assessment.goodnessOfFit
        return ReportDocument.Table(
            caption: "Chi-square and longest repeated substring tests; each fails below 0.001.",
            columns: [
                .init("Test"), .init("Statistic", isNumber: true),
                .init("Degrees of freedom", isNumber: true),
                .init("Probability", isNumber: true), .init("Verdict"),
            ],
            rows: [
                row("Chi-square independence", independence),
                row("Chi-square goodness of fit", fit),
                .init(
                    [
                        "Longest repeated substring", "\(repeats.longestRepeat)", "",
                        number(repeats.probability), word(repeats.passes),
                    ],
                    tone: repeats.passes ? .neutral : .bad
                ),
            ]
        )
    }

    private static func row(_ name: String, _ test: ChiSquareTest) -> ReportDocument.Table.Row {
        .init(
            [
                name, number(test.statistic), "\(test.degreesOfFreedom)", number(test.pValue),
                word(test.passes),
            ],
            tone: test.passes ? .neutral : .bad
        )
    }

    private static func permutationTable(
        _ unpermuted: PermutationStatistics,
        _ result: PermutationResult
    ) -> ReportDocument.Table {
        ReportDocument.Table(
            caption: "Permutation testing, \(result.rounds) permutations. A statistic passes once "
                + "more than 5 permutations are no less and more than 5 no greater than the sample; "
                + "it fails if that does not happen within "
                + "\(PermutationTally.roundLimit) permutations.",
            columns: [
                .init("Statistic"), .init("Sample", isNumber: true),
                .init("Greater (C0)", isNumber: true), .init("Equal (C1)", isNumber: true),
                .init("Less (C2)", isNumber: true), .init("Verdict"),
            ],
            rows: PermutationStatistic.allCases.map { statistic in
                let comparison = result.comparisons[statistic.rawValue]
                return .init(
                    [
                        statistic.name, number(unpermuted[statistic]), "\(comparison.greater)",
                        "\(comparison.equal)", "\(comparison.less)", word(comparison.passes),
                    ],
                    tone: comparison.passes ? .neutral : .bad
                )
            }
        )
    }

    private static func bits(_ entropy: Double, per unit: String) -> String {
        "\(number(entropy)) bits per \(unit)"
    }

    private static func word(_ passes: Bool) -> String { passes ? "passes" : "fails" }

    /// Whole numbers without a fraction; others with six significant digits, very small ones as a bound.
    private static func number(_ value: Double) -> String {
        guard value != value.rounded() || abs(value) >= 1e15 else { return "\(Int(value))" }
        if abs(value) < 0.000_1 { return "< 0.0001" }
        var scale = 1.0
        while abs(value) * scale < 100_000 { scale *= 10 }
        return "\((value * scale).rounded() / scale)"
    }
}
