// What a report says, apart from how it looks: words, tables and figures in order.
// SPDX-License-Identifier: Apache-2.0

/// A report. The renderer knows nothing of entropy, and what is here nothing of HTML.
package struct ReportDocument: Sendable {
    package var title: String
    /// The verdict in words, shown first and large.
    package var verdict: String
    package var tone: Tone
    /// What a reader must know before trusting the verdict, each a sentence or two.
    package var warnings: [String]
    package var sections: [Section]
    /// Small print at the end: what a report of this kind does not say.
    package var remarks: [String]

    package init(
        title: String,
        verdict: String,
        tone: Tone,
        warnings: [String] = [],
        sections: [Section] = [],
        remarks: [String] = []
    ) {
        self.title = title
        self.verdict = verdict
        self.tone = tone
        self.warnings = warnings
        self.sections = sections
        self.remarks = remarks
    }

    /// How the verdict is coloured.
    package enum Tone: String, Sendable, Encodable { case good, caution, bad, neutral }

    package struct Section: Sendable {
        package var title: String
        package var blocks: [Block]

        package init(_ title: String, _ blocks: [Block]) {
            self.title = title
            self.blocks = blocks
        }
    }

    package enum Block: Sendable {
        case paragraph(String)
        case facts([Fact])
        case table(Table)
        case figure(Figure)
    }

    /// A name and its value, as in a list of settings.
    package struct Fact: Sendable {
        package var name: String
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package struct Table: Sendable {
        package var caption: String?
        package var columns: [Column]
        package var rows: [Row]

        package init(caption: String? = nil, columns: [Column], rows: [Row]) {
            self.caption = caption
            self.columns = columns
            self.rows = rows
        }

        package struct Column: Sendable {
            package var title: String
            package var isNumber: Bool

            package init(_ title: String, isNumber: Bool = false) {
                self.title = title
                self.isNumber = isNumber
            }
        }

        package struct Row: Sendable {
            package var cells: [String]
            /// Marks the row, such as the weakest estimator; neutral rows are not marked.
            package var tone: Tone
            /// Why the row is marked, in a word or two; shown beside the mark.
            package var note: String?

            package init(_ cells: [String], tone: Tone = .neutral, note: String? = nil) {
                self.cells = cells
                self.tone = tone
                self.note = note
            }
        }
    }

    /// A picture with a title and one sentence on what to look for in it.
    package struct Figure: Sendable {
        package var title: String
        package var explanation: String
        package var plot: Plot

        package init(title: String, explanation: String, plot: Plot) {
            self.title = title
            self.explanation = explanation
            self.plot = plot
        }
    }
}
