// The section of a report on the non-IID track of SP 800-90B, section 6.
// SPDX-License-Identifier: Apache-2.0

package import Assessment

extension ReportDocument.Section {
    /// The ten estimates of `assessment`, the smallest one marked.
    package init(nonIID assessment: NonIIDAssessment) {
        let width = Double(assessment.bitsPerSymbol)
        let weakest = assessment.weakest
        let bits = assessment.bitString?.outcomes
        let rows = assessment.literal.outcomes.enumerated().map { index, entry in
            let symbols = entry.outcome
            let bitString = bits.map { $0[index].outcome }
            let isWeakest = entry.estimator == weakest.estimator
            return ReportDocument.Table.Row(
                [
                    entry.estimator.rawValue, Self.text(symbols.minEntropy),
                    bitString.map { Self.text($0.minEntropy) } ?? Self.absent,
                    bitString.map { Self.text($0.minEntropy.map { $0 * width }) } ?? Self.absent,
                    isWeakest
                        ? "weakest, on the \(weakest.track.rawValue)"
                        : Self.remark(symbols, bitString),
                ],
                tone: isWeakest ? .caution : .neutral
            )
        }
        var facts = [
            ReportDocument.Fact(
                "H_original",
                "\(NumberText.fixed(assessment.literalMinEntropy, decimals: 6)) bit per sample"
            )
        ]
        if let perBit = assessment.bitStringMinEntropy {
            facts.append(
                ReportDocument.Fact(
                    "n x H_bitstring",
                    "\(assessment.bitsPerSymbol) x \(NumberText.fixed(perBit, decimals: 6)) = "
                        + "\(NumberText.fixed(perBit * width, decimals: 6)) bit per sample"
                )
            )
        }
        facts.append(
            ReportDocument.Fact(
                "assessed",
                "\(NumberText.fixed(assessment.assessedMinEntropy, decimals: 6)) bit per \(assessment.bitsPerSymbol)-bit sample"
            )
        )
        self.init(
            "Non-IID estimates (SP 800-90B, section 6)",
            [
                .table(
                    ReportDocument.Table(
                        caption:
                            "Min-entropy by each estimator. The assessed entropy is the smallest, "
                            + "min(H_original, n x H_bitstring).",
                        columns: [
                            .init("Estimator"), .init("symbols, bit/sample", isNumber: true),
                            .init("bit string, bit/bit", isNumber: true),
                            .init("bit string, bit/sample", isNumber: true), .init("Remark"),
                        ],
                        rows: rows
                    )
                ),
                .facts(facts),
            ]
        )
    }

    /// What a cell shows where an estimator has no value.
    private static let absent = "–"

    private static func text(_ minEntropy: Double?) -> String {
        minEntropy.map { NumberText.fixed($0, decimals: 6) } ?? absent
    }

    /// Why an estimator gave nothing anywhere; that some are for bits only needs no words.
    private static func remark(_ symbols: EstimatorOutcome, _ bits: EstimatorOutcome?) -> String {
        guard bits?.minEntropy == nil, symbols.minEntropy == nil else { return "" }
        let reason = (bits ?? symbols).reason
        return reason.map { "cannot run: \($0)" } ?? ""
    }
}
