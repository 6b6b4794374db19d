// Words for the tones of a report, so that no meaning is in colour alone.
// SPDX-License-Identifier: Apache-2.0

extension ReportDocument.Tone {
    /// What a reader sees. That nothing was found is not that all is good.
    var word: String {
        switch self {
        case .good: "No problem found"
        case .caution: "Caution"
        case .bad: "Problem found"
        case .neutral: "Result"
        }
    }

    /// Name in the style sheet.
    var name: String {
        switch self {
        case .good: "good"
        case .caution: "caution"
        case .bad: "bad"
        case .neutral: "neutral"
        }
    }
}
