// Two assessments side by side: idle and loaded, two machines, two settings.
// SPDX-License-Identifier: Apache-2.0

internal import Assessment

/// What changed between two samples of a source. A source that collapses under load is the classic
/// failure of this field.
package struct Comparison: Sendable, Encodable {
    package let rows: [Row]
    /// Assessed entropy of each, in bits per sample.
    package let first: Double
    package let second: Double

    /// One estimator on one track.
    package struct Row: Sendable, Encodable {
        package let estimator: String
        /// `symbols` or `bit string`.
        package let track: String
        /// Bits per sample; nil where it could not run.
        package let first: Double?
        package let second: Double?
        /// second / first; nil unless both ran and the first is not 0.
        package let ratio: Double?
    }

    /// Compares two samples that the ten estimators were run on; nil if they were not.
    package init?(_ first: AssessedSample, _ second: AssessedSample) {
        guard let a = first.nonIID, let b = second.nonIID else { return nil }
        self.first = a.assessedMinEntropy
        self.second = b.assessedMinEntropy
        rows = Track.allCases.flatMap { track in
            zip(a.outcomes(track), b.outcomes(track)).compactMap { one, other in
                guard one.minEntropy != nil || other.minEntropy != nil else { return nil }
                let ratio: Double? =
                    if let x = one.minEntropy, let y = other.minEntropy, x > 0 { y / x } else {
                        nil
                    }
                return Row(
                    estimator: one.estimator.rawValue,
                    track: track.rawValue,
                    first: one.minEntropy,
                    second: other.minEntropy,
                    ratio: ratio
                )
            }
        }
    }

    /// The smaller of the two as a share of the larger; 1 where both are 0.
    package var share: Double {
        max(first, second) > 0 ? min(first, second) / max(first, second) : 1
    }

    /// Whether the smaller is so much smaller that a claim for both must rest on it alone.
    package var isCollapse: Bool { share < collapseShare }

    /// The comparison in a sentence or two, for recordings called `names`.
    package func sentence(_ names: (String, String)) -> String {
        let (low, high) = second < first ? (names.1, names.0) : (names.0, names.1)
        let least = NumberText.fixed(min(first, second), decimals: 2)
        let most = NumberText.fixed(max(first, second), decimals: 2)
        let percent = NumberText.fixed(share * 100, decimals: 0)
        return isCollapse
            ? "\(low) supports at most \(least) bit per sample, \(percent) % of the \(most) of \(high): the "
                + "source loses its entropy there. Claim no more than the smaller."
            : "\(low) supports at most \(least) bit per sample, \(percent) % of the \(most) of \(high). A "
                + "claim for both is at most the smaller."
    }

    package func section(_ names: (String, String)) -> ReportDocument.Section {
        ReportDocument.Section(
            "Side by side",
            [
                .table(
                    ReportDocument.Table(
                        caption: "Min-entropy in bits per sample.",
                        columns: [
                            .init("Estimator"), .init("on the"), .init(names.0, isNumber: true),
                            .init(names.1, isNumber: true), .init("ratio", isNumber: true),
                        ],
                        rows: rows.map { row in
                            ReportDocument.Table.Row(
                                [
                                    row.estimator, row.track,
                                    row.first.map { NumberText.fixed($0, decimals: 4) } ?? "–",
                                    row.second.map { NumberText.fixed($0, decimals: 4) } ?? "–",
                                    row.ratio.map { NumberText.fixed($0, decimals: 2) } ?? "–",
                                ],
                                tone: row.ratio.map { min($0, 1 / $0) < collapseShare } == true
                                    ? .bad : .neutral
                            )
                        }
                    )
                )
            ]
        )
    }
}

extension NonIIDAssessment {
    /// Each estimator's value on a track, in bits per symbol.
    fileprivate func outcomes(
        _ track: Track
    ) -> [(estimator: Estimator, minEntropy: Double?)] {
        let results = track == .symbols ? literal : bitString
        // A sample of two values has no bit string: its symbols are its bits.
        let scale = track == .symbols ? 1 : Double(bitsPerSymbol)
        return results?.outcomes.map { ($0.estimator, $0.outcome.minEntropy.map { $0 * scale }) }
            ?? Estimator.allCases.map { ($0, nil) }
    }
}

/// Half: what the safety factor of the credit policy covers.
private let collapseShare = 0.5
