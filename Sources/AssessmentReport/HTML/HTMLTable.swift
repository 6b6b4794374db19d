// A table of a report in HTML.
// SPDX-License-Identifier: Apache-2.0

enum HTMLTable {
    /// A table that scrolls where it is too wide. Rows may have fewer or more cells than columns.
    static func render(_ table: ReportDocument.Table, sectionTitle: String) -> String {
        let hasMarks = table.rows.contains { $0.tone != .neutral || $0.note != nil }
        let count = max(table.columns.count, table.rows.map(\.cells.count).max() ?? 0)
        var head = (0..<count).map { index in
            let title = index < table.columns.count ? table.columns[index].title : ""
            return "<th scope=\"col\"\(style(table, index))>\(HTMLText.escape(title))</th>"
        }
        if hasMarks { head.append("<th scope=\"col\"><span class=\"unseen\">Mark</span></th>") }
        let rows = table.rows.map { row($0, of: table, count: count, hasMarks: hasMarks) }
        let caption = table.caption.map { "<caption>\(HTMLText.escape($0))</caption>\n" } ?? ""
        let name = HTMLText.escape(table.caption ?? sectionTitle)
        let length = table.rows.count <= 24 ? " class=\"short\"" : ""
        return """
            <div class="scroll" role="region" tabindex="0" aria-label="\(name)">
            <table\(length)>
            \(caption)<thead>
            <tr>\(head.joined())</tr>
            </thead>
            <tbody>
            \(rows.joined())</tbody>
            </table>
            </div>

            """
    }

    private static func row(
        _ row: ReportDocument.Table.Row,
        of table: ReportDocument.Table,
        count: Int,
        hasMarks: Bool
    ) -> String {
        var cells = (0..<count).map { index in
            let text = index < row.cells.count ? HTMLText.escape(row.cells[index]) : ""
            return index == 0
                ? "<th scope=\"row\"\(style(table, index))>\(text)</th>"
                : "<td\(style(table, index))>\(text)</td>"
        }
        if hasMarks { cells.append("<td class=\"mark\">\(mark(row))</td>") }
        let tone = row.tone == .neutral ? "" : " class=\"\(row.tone.name)\""
        return "<tr\(tone)>\(cells.joined())</tr>\n"
    }

    /// A sign, which a screen reader says as a word, and the note.
    private static func mark(_ row: ReportDocument.Table.Row) -> String {
        let note = row.note.map(HTMLText.escape)
        let sign: String? =
            switch row.tone {
            case .good: "✓"
            case .caution: "◀"
            case .bad: "✕"
            case .neutral: nil
            }
        guard let sign else { return note ?? "" }
        guard let note else {
            return "<span role=\"img\" aria-label=\"\(row.tone.word)\">\(sign)</span>"
        }
        return "<span aria-hidden=\"true\">\(sign)</span> \(note)"
    }

    private static func style(_ table: ReportDocument.Table, _ index: Int) -> String {
        index < table.columns.count && table.columns[index].isNumber ? " class=\"number\"" : ""
    }
}
