// The report as one HTML file.
// SPDX-License-Identifier: Apache-2.0

/// Renders a file that needs nothing else: no script, no font, no picture from elsewhere. It is
/// well-formed XML, too.
package enum HTMLRenderer {
    /// The whole file; write it as UTF-8.
    package static func render(_ document: ReportDocument) -> String {
        let title = HTMLText.escape(document.title)
        var body = ""
        body += "<header>\n<h1>\(title)</h1>\n"
        body += HTMLBlocks.verdict(document.verdict, tone: document.tone)
        body += warnings(document.warnings)
        body += contents(document.sections)
        body += "</header>\n<main>\n"
        for (index, section) in document.sections.enumerated() {
            let name = "section-\(index + 1)"
            body += "<section aria-labelledby=\"\(name)\">\n"
            body += "<h2 id=\"\(name)\">\(HTMLText.escape(section.title))</h2>\n"
            body += HTMLBlocks.render(section.blocks, sectionTitle: section.title)
            body += "</section>\n"
        }
        body += "</main>\n"
        body += remarks(document.remarks)
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8"/>
            <meta http-equiv="Content-Security-Policy" content="\(contentPolicy)"/>
            <meta name="viewport" content="width=device-width, initial-scale=1"/>
            <meta name="color-scheme" content="light dark"/>
            <title>\(title)</title>
            <style>
            \(StyleSheet.css(title: document.title))
            </style>
            </head>
            <body>
            \(body)</body>
            </html>

            """
    }

    /// Nothing may be loaded or run, whatever text found its way into the report.
    private static let contentPolicy =
        "default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;; img-src data:"

    private static func warnings(_ warnings: [String]) -> String {
        guard !warnings.isEmpty else { return "" }
        let items = warnings.map { "<li>\(HTMLText.escape($0))</li>\n" }.joined()
        return """
            <section class="warnings" aria-labelledby="warnings">
            <h2 id="warnings">Before you trust this verdict</h2>
            <ul>
            \(items)</ul>
            </section>

            """
    }

    /// Links to the sections, where there are several.
    private static func contents(_ sections: [ReportDocument.Section]) -> String {
        guard sections.count >= 3 else { return "" }
        let links = sections.enumerated().map { index, section in
            "<li><a href=\"#section-\(index + 1)\">\(HTMLText.escape(section.title))</a></li>\n"
        }
        return "<nav aria-label=\"Contents\">\n<ol>\n\(links.joined())</ol>\n</nav>\n"
    }

    private static func remarks(_ remarks: [String]) -> String {
        guard !remarks.isEmpty else { return "" }
        let items = remarks.map { "<p>\(HTMLText.escape($0))</p>\n" }.joined()
        return "<footer>\n<h2>Remarks</h2>\n\(items)</footer>\n"
    }
}
