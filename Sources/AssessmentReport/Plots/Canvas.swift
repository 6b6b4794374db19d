// A picture under construction, in SVG 1.1 as HTML embeds it.
// SPDX-License-Identifier: Apache-2.0

/// Drawing commands; lengths in units of the view box. Colours come from the style sheet's classes.
struct Canvas {
    private(set) var markup = ""

    enum Anchor: String { case start, middle, end }

    mutating func line(
        from start: (x: Double, y: Double),
        to end: (x: Double, y: Double),
        style: String
    ) {
        path("M\(Self.pair(start.x, start.y))L\(Self.pair(end.x, end.y))", style: style)
    }

    mutating func path(_ commands: String, style: String) {
        guard !commands.isEmpty else { return }
        markup += "<path class=\"\(style)\" d=\"\(commands)\"/>\n"
    }

    mutating func rectangle(_ box: Box, style: String) {
        markup += "<rect class=\"\(style)\" \(Self.attributes(of: box))/>\n"
    }

    /// `isVertical` turns the text by a quarter to the left, around its anchor.
    mutating func text(
        _ text: String,
        x: Double,
        y: Double,
        anchor: Anchor,
        style: String = "label",
        isVertical: Bool = false
    ) {
        let turn = isVertical ? " transform=\"rotate(-90 \(Self.pair(x, y)))\"" : ""
        markup += """
            <text class="\(style)" x="\(Self.number(x))" y="\(Self.number(y))" \
            text-anchor="\(anchor.rawValue)"\(turn)>\(HTMLText.escape(text))</text>

            """
    }

    /// A picture stretched to the box, pixels kept sharp.
    mutating func image(_ image: IndexedImage, _ box: Box) {
        markup += """
            <image class="heat" \(Self.attributes(of: box)) preserveAspectRatio="none" \
            href="data:image/png;base64,\(Base64.encode(image.png()))"/>

            """
    }

    /// A length to a tenth of a unit; what is not finite becomes 0.
    static func number(_ value: Double) -> String {
        guard value.isFinite else { return "0" }
        let text = NumberText.fixed(value, decimals: 1)
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    static func pair(_ x: Double, _ y: Double) -> String { "\(number(x)) \(number(y))" }

    private static func attributes(of box: Box) -> String {
        """
        x="\(number(box.left))" y="\(number(box.top))" \
        width="\(number(box.width))" height="\(number(box.height))"
        """
    }
}

/// An upright rectangle, y pointing down.
struct Box {
    var left: Double
    var top: Double
    var width: Double
    var height: Double

    var right: Double { left + width }
    var bottom: Double { top + height }
}
