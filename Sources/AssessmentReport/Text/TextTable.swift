// A table of a report in columns of a terminal.
// SPDX-License-Identifier: Apache-2.0

enum TextTable {
    struct Line {
        let text: String
        /// Whether it is a row with a mark.
        let isMarked: Bool
    }

    /// Caption, heads, a rule and the rows. Rows may have fewer or more cells than columns.
    static func lines(of table: ReportDocument.Table) -> [Line] {
        let titles = table.columns.map { VisibleText.sanitise($0.title) }
        let rows = table.rows.map { row in row.cells.map(VisibleText.sanitise) }
        let count = max(titles.count, rows.map(\.count).max() ?? 0)
        let widths = (0..<count).map { index in
            ([titles] + rows).map { index < $0.count ? $0[index].count : 0 }.max() ?? 0
        }
        func join(_ cells: [String], mark: String = "") -> String {
            let padded = (0..<count).map { index in
                TextLayout.pad(
                    index < cells.count ? cells[index] : "",
                    to: widths[index],
                    isNumber: index < table.columns.count && table.columns[index].isNumber
                )
            }
            return TextLayout.trimmed((padded + [mark]).joined(separator: "  "))
        }
        var lines: [Line] = []
        if let caption = table.caption {
            lines.append(Line(text: VisibleText.sanitise(caption), isMarked: false))
        }
        lines.append(Line(text: join(titles), isMarked: false))
        let rule = widths.map { String(repeating: "-", count: $0) }
        lines.append(Line(text: rule.joined(separator: "  "), isMarked: false))
        for (row, cells) in zip(table.rows, rows) {
            let isMarked = row.tone == .caution || row.tone == .bad
            lines.append(Line(text: join(cells, mark: mark(row)), isMarked: isMarked))
        }
        return lines
    }

    /// A sign for the tone, then the note: "< weakest".
    private static func mark(_ row: ReportDocument.Table.Row) -> String {
        let sign =
            switch row.tone {
            case .good: "+"
            case .caution: "<"
            case .bad: "!"
            case .neutral: ""
            }
        let note = row.note.map(VisibleText.sanitise) ?? ""
        return sign + (sign.isEmpty || note.isEmpty ? "" : " ") + note
    }
}
