// The section of a report on the restart tests of SP 800-90B, section 3.1.4.
// SPDX-License-Identifier: Apache-2.0

package import Assessment

extension ReportDocument.Section {
    /// The sanity check and the validation of a restart matrix.
    package init(restart assessment: RestartAssessment) {
        let verdict =
            switch assessment.verdict {
            case .passed:
                "Passed: each start looks like any other, and like none before."
            case .failedSanityCheck:
                "Failed the sanity check: one symbol occurs \(assessment.largestCount) times in "
                    + "\(assessment.place.line.rawValue) \(assessment.place.index + 1), more than "
                    + "\(assessment.cutoff). The source does not start afresh each time."
            case .failedValidation:
                "Failed the validation: the restart data have less than half of the initial estimate."
            }
        let half = assessment.initialEstimate / 2
        self.init(
            "Restart tests (SP 800-90B, section 3.1.4)",
            [
                .paragraph(verdict + Self.advice(assessment)),
                .facts([
                    .init(
                        "initial estimate",
                        "H_I = \(NumberText.fixed(assessment.initialEstimate, decimals: 6)) bit per sample"
                    ),
                    .init(
                        "sanity check",
                        "the most common symbol of any row or column occurs "
                            + "\(assessment.largestCount) times (\(assessment.place.line.rawValue) "
                            + "\(assessment.place.index + 1)); at most \(assessment.cutoff) may"
                    ),
                    .init("rows", Self.text(assessment.rows, atLeast: half)),
                    .init("columns", Self.text(assessment.columns, atLeast: half)),
                    .init(
                        "result",
                        assessment.minEntropy.map {
                            "min(H_r, H_c, H_I) = \(NumberText.fixed($0, decimals: 6)) bit per sample"
                        } ?? "none: no entropy is established"
                    ),
                ]),
            ]
        )
    }

    /// What to do about a failed test.
    private static func advice(_ assessment: RestartAssessment) -> String {
        guard let supported = assessment.supportedInitialEstimate else { return "" }
        guard supported > 0 else { return " No claim passes with these data." }
        return " With an initial estimate of at most "
            + "\(NumberText.fixed(supported, decimals: 2)) bit the same data pass: state it as the "
            + "submitter's (--claim), or find out why the starts are alike."
    }

    private static func text(_ order: RestartAssessment.Ordered, atLeast half: Double) -> String {
        "\(NumberText.fixed(order.minEntropy, decimals: 6)) bit per sample by \(order.weakest) "
            + "(at least \(NumberText.fixed(half, decimals: 6)), half of H_I)"
    }
}
