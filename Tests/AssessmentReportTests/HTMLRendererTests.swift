// Tests of the report as HTML.
// SPDX-License-Identifier: Apache-2.0

import AssessmentReport
import Foundation
import Testing

#if canImport(FoundationXML)
    import FoundationXML
#endif

@Suite("HTML renderer")
struct HTMLRendererTests {
    @Test("is well-formed whatever it shows")
    func wellFormed() {
        for document in [
            SampleDocument.full, SampleDocument.hostile,
            ReportDocument(title: "", verdict: "", tone: .good),
        ] {
            let outline = Outline(of: HTMLRenderer.render(document))
            #expect(outline.error == nil)
            #expect(outline.count["html"] == 1)
            #expect(outline.count["script"] == nil)
        }
    }

    @Test("escapes hostile text and shows it")
    func hostile() {
        let html = HTMLRenderer.render(SampleDocument.hostile)
        #expect(!html.contains("<script"))
        #expect(html.components(separatedBy: "</style>").count == 2)
        #expect(html.components(separatedBy: "</title>").count == 2)
        #expect(!html.contains("\"onload"))
        #expect(
            html.contains(
                "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot;onload=&quot;x&amp;amp;"
            )
        )
        #expect(!html.unicodeScalars.contains { $0.properties.generalCategory == .format })
        // Text was kept where it belongs.
        #expect(Outline(of: html).texts["h1"]?.contains("<script>alert('1')</script>") == true)
    }

    @Test("needs nothing from elsewhere")
    func selfContained() {
        let html = HTMLRenderer.render(SampleDocument.full)
        for reference in ["http:", "https:", "//", "src=", "@import", "url("] {
            let withoutPictures = html.replacing(
                /data:image\/png;base64,[A-Za-z0-9+\/=]*/,
                with: ""
            )
            #expect(!withoutPictures.contains(reference), "\(reference)")
        }
        #expect(html.contains("default-src &#39;none&#39;"))
    }

    @Test("puts the verdict first, in words and with its tone as a word")
    func verdict() throws {
        let html = HTMLRenderer.render(SampleDocument.full)
        let verdict = try #require(html.range(of: "This source supports at most 0.41 bit"))
        let tone = try #require(html.range(of: "<p class=\"tone\">Caution</p>"))
        let warning = try #require(html.range(of: "One device at one temperature"))
        let section = try #require(html.range(of: "<h2 id=\"section-1\">"))
        #expect(tone.lowerBound < verdict.lowerBound)
        #expect(verdict.lowerBound < warning.lowerBound)
        #expect(warning.lowerBound < section.lowerBound)
    }

    @Test("names what a screen reader needs")
    func accessible() {
        let html = HTMLRenderer.render(SampleDocument.full)
        let outline = Outline(of: html)
        #expect(html.contains("<html lang=\"en\">"))
        #expect(outline.count["figure"] == SampleDocument.plots.count)
        #expect(outline.count["figcaption"] == SampleDocument.plots.count)
        let pictures = html.components(separatedBy: "<svg class=\"plot\"").dropFirst()
        #expect(
            pictures.allSatisfy {
                $0.contains(/^ viewBox="0 0 [0-9. ]+" role="img" aria-label="[^"]+"/)
            }
        )
        #expect(html.contains("<caption>Min-entropy by estimator</caption>"))
        #expect(html.contains("<th scope=\"col\" class=\"number\">Bits</th>"))
        #expect(html.contains("<tr class=\"caution\"><th scope=\"row\">Compression</th>"))
        #expect(html.contains("<span aria-hidden=\"true\">◀</span> weakest"))
        #expect(html.contains("<span role=\"img\" aria-label=\"Problem found\">✕</span>"))
    }

    @Test("draws no coordinate that is not a number", arguments: SampleDocument.plots.indices)
    func finite(index: Int) throws {
        let figure = SampleDocument.figure(SampleDocument.plots[index])
        let document = ReportDocument(
            title: "",
            verdict: "",
            tone: .good,
            sections: [.init("", [.figure(figure)])]
        )
        let html = HTMLRenderer.render(document)
        let picture = try #require(html.components(separatedBy: "<svg class=\"plot\"").last)
        let numbers = /(?:nan|inf|∞|[0-9]e[-+]?[0-9])/.ignoresCase()
        for match in picture.matches(of: /\ (?:d|x|y|width|height|viewBox|transform)="([^"]*)"/) {
            #expect(!match.1.contains(numbers), "\(match.1)")
        }
        #expect(picture.matches(of: /\ d="/).count >= 2)
    }

    @Test("draws bars, the line and its band where the numbers say")
    func geometry() {
        let html = HTMLRenderer.render(SampleDocument.full)
        // Three bars, one of them 0, on an axis from 0 to 5 that is 190 units high.
        #expect(
            html.contains(/class="bars" d="M65 220V106H[0-9.]+V220zM[0-9.]+ 220V30H[0-9.]+V220z"/)
        )
        // Ascending, so that every pixel column has a smallest and a largest value.
        let points = html.matches(of: /class="line" d="([^"]*)"/).map { $0.1.count { $0 == "L" } }
        #expect(points.first ?? 0 > 1_000)
        #expect(points.first ?? 0 < 1_700)
        #expect(html.contains("class=\"band\""))
    }

    @Test("stays small with large heat maps")
    func size() {
        let noise = (0..<62_500).map { Float(($0 &* 2_654_435_761) >> 7 & 1_023) / 1_023 }
        let map = Plot.HeatMap(
            columns: 250,
            rows: 250,
            intensities: noise,
            xLabel: "x",
            yLabel: "y"
        )
        let figures = (0..<2).map { _ in
            ReportDocument.Block.figure(SampleDocument.figure(.heatMap(map)))
        }
        let document = ReportDocument(
            title: "",
            verdict: "",
            tone: .good,
            sections: [.init("", figures)]
        )
        #expect(HTMLRenderer.render(document).utf8.count < 2 * 62_500 * 3 / 2)
    }
}

/// What an XML parser sees.
private final class Outline: NSObject, XMLParserDelegate {
    private(set) var count: [String: Int] = [:]
    private(set) var texts: [String: String] = [:]
    private(set) var error: String?
    private var element = ""

    init(of html: String) {
        super.init()
        let parser = XMLParser(data: Data(html.utf8))
        parser.delegate = self
        if !parser.parse() {
            error = "line \(parser.lineNumber): \(String(describing: parser.parserError))"
        }
    }

    func parser(
        _ parser: XMLParser,
        didStartElement name: String,
        namespaceURI: String?,
        qualifiedName: String?,
        attributes: [String: String]
    ) {
        count[name, default: 0] += 1
        element = name
    }

    func parser(_ parser: XMLParser, foundCharacters text: String) {
        texts[element, default: ""] += text
    }
}
