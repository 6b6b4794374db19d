// The parts of a report in HTML: verdict, paragraphs, facts, tables and figures.
// SPDX-License-Identifier: Apache-2.0

enum HTMLBlocks {
    /// The verdict with its tone as colour, as icon and as word.
    static func verdict(_ verdict: String, tone: ReportDocument.Tone) -> String {
        """
        <div class="verdict \(tone.name)">
        \(icon(tone))
        <div>
        <p class="tone">\(tone.word)</p>
        <p class="words">\(HTMLText.escape(verdict))</p>
        </div>
        </div>

        """
    }

    /// Figures that follow each other stand side by side where there is room.
    static func render(_ blocks: [ReportDocument.Block], sectionTitle: String) -> String {
        var html = ""
        var isInFigures = false
        for block in blocks {
            if case .figure(let figure) = block {
                if !isInFigures { html += "<div class=\"figures\">\n" }
                isInFigures = true
                html += self.figure(figure)
                continue
            }
            if isInFigures { html += "</div>\n" }
            isInFigures = false
            switch block {
            case .paragraph(let text): html += "<p>\(HTMLText.escape(text))</p>\n"
            case .facts(let facts): html += self.facts(facts)
            case .table(let table): html += HTMLTable.render(table, sectionTitle: sectionTitle)
            case .figure: break
            }
        }
        return isInFigures ? html + "</div>\n" : html
    }

    private static func facts(_ facts: [ReportDocument.Fact]) -> String {
        guard !facts.isEmpty else { return "" }
        let items = facts.map { fact in
            """
            <div><dt>\(HTMLText.escape(fact.name))</dt>\
            <dd>\(HTMLText.escape(fact.value))</dd></div>

            """
        }
        return "<dl>\n\(items.joined())</dl>\n"
    }

    private static func figure(_ figure: ReportDocument.Figure) -> String {
        let picture =
            switch figure.plot {
            case .bars(let series): SeriesPicture.bars(series, title: figure.title)
            case .line(let series, let first, let step, let band):
                SeriesPicture.line(
                    series,
                    first: first,
                    step: step,
                    band: band,
                    title: figure.title
                )
            case .heatMap(let map): HeatMapPicture.picture(map, title: figure.title)
            }
        return """
            <figure>
            <h3>\(HTMLText.escape(figure.title))</h3>
            \(picture)<figcaption>\(HTMLText.escape(figure.explanation))</figcaption>
            </figure>

            """
    }

    /// A disc with a check, a triangle with a stroke, an octagon with a cross, a disc with an i.
    private static func icon(_ tone: ReportDocument.Tone) -> String {
        let paths =
            switch tone {
            case .good: ("M16 2a14 14 0 1 0 0 28a14 14 0 1 0 0-28z", "M9 16.5l5 5l9-10.5")
            case .caution: ("M16 3L31 29H1z", "M16 12v8M16 24.6v0.1")
            case .bad:
                ("M10.2 2h11.6L30 10.2v11.6L21.8 30H10.2L2 21.8V10.2z", "M11 11l10 10M21 11L11 21")
            case .neutral: ("M16 2a14 14 0 1 0 0 28a14 14 0 1 0 0-28z", "M16 15v8M16 9.4v0.1")
            }
        return """
            <svg class="icon" viewBox="0 0 32 32" aria-hidden="true">\
            <path class="shape" d="\(paths.0)"/><path class="mark" d="\(paths.1)"/></svg>
            """
    }
}
