// The report as text for a terminal.
// SPDX-License-Identifier: Apache-2.0

/// Renders words, tables and facts; figures are left out.
package struct TextRenderer {
    /// Columns to wrap paragraphs and facts to, at least 20; nil does not wrap. Tables never wrap.
    private let width: Int?
    /// Whether headings, the verdict and marked rows are bold, by ANSI escape sequences (ECMA-48).
    private let isEmphasised: Bool
    private var lines: [String] = []

    /// The text, each line ended.
    package static func render(
        _ document: ReportDocument,
        width: Int? = nil,
        isEmphasised: Bool = false
    ) -> String {
        var renderer = TextRenderer(width: width, isEmphasised: isEmphasised)
        renderer.add(document)
        return renderer.lines.joined(separator: "\n") + "\n"
    }

    private init(width: Int?, isEmphasised: Bool) {
        self.width = width.map { max($0, 20) }
        self.isEmphasised = isEmphasised
    }

    private mutating func add(_ document: ReportDocument) {
        heading(document.title, underline: "=")
        let verdict = "\(document.tone.word): \(document.verdict)"
        lines += TextLayout.wrap(verdict, width: width).map(emphasise)
        for warning in document.warnings {
            lines.append("")
            lines += TextLayout.wrap(warning, width: width, first: "Warning: ", next: "  ")
        }
        for section in document.sections where section.blocks.contains(where: hasText) {
            lines.append("")
            heading(section.title, underline: "-")
            var isFirst = true
            for block in section.blocks {
                let text = self.lines(of: block)
                if !isFirst, !text.isEmpty { lines.append("") }
                if !text.isEmpty { isFirst = false }
                lines += text
            }
        }
        guard !document.remarks.isEmpty else { return }
        lines.append("")
        heading("Remarks", underline: "-")
        for remark in document.remarks {
            lines += TextLayout.wrap(remark, width: width, first: "- ", next: "  ")
        }
    }

    private mutating func heading(_ title: String, underline: Character) {
        let title = VisibleText.sanitise(title)
        lines.append(emphasise(title))
        lines.append(String(repeating: underline, count: min(title.count, width ?? title.count)))
    }

    private func hasText(_ block: ReportDocument.Block) -> Bool {
        if case .figure = block { false } else { true }
    }

    private func lines(of block: ReportDocument.Block) -> [String] {
        switch block {
        case .paragraph(let text): return TextLayout.wrap(text, width: width)
        case .facts(let facts):
            let longest = facts.map { VisibleText.sanitise($0.name).count }.max() ?? 0
            return facts.flatMap { fact in
                let name = TextLayout.pad(VisibleText.sanitise(fact.name), to: longest)
                let isNarrow = width.map { longest + 2 > $0 / 2 } ?? false
                let indent = String(repeating: " ", count: isNarrow ? 4 : longest + 2)
                return TextLayout.wrap(fact.value, width: width, first: name + "  ", next: indent)
            }
        case .table(let table):
            let text = TextTable.lines(of: table)
            return text.map { $0.isMarked ? emphasise($0.text) : $0.text }
        case .figure: return []
        }
    }

    private func emphasise(_ text: String) -> String {
        isEmphasised ? "\u{1B}[1m\(text)\u{1B}[0m" : text
    }
}
