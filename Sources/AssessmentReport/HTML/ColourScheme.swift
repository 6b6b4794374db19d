// The colours of a report, for light and for dark pages.
// SPDX-License-Identifier: Apache-2.0

/// A set of colours in which every text has contrast level AA on its background (WCAG 2.2, 1.4.3).
package struct ColourScheme: Sendable {
    package let page: Colour
    package let panel: Colour
    package let ink: Colour
    /// Text of less weight.
    package let muted: Colour
    /// Borders of tables and plots.
    package let rule: Colour
    /// Grid lines within plots.
    package let grid: Colour
    /// Data of plots, and links.
    package let accent: Colour
    /// Area within the limits of a plot.
    package let band: Colour
    package let good: Pair
    package let caution: Pair
    package let bad: Pair

    /// A text colour and its background.
    package struct Pair: Sendable {
        package let text: Colour
        package let tint: Colour
    }

    package static let light = ColourScheme(
        page: Colour(0xFFFFFF),
        panel: Colour(0xF4F6F8),
        ink: Colour(0x17212C),
        muted: Colour(0x526070),
        rule: Colour(0xC9D2DB),
        grid: Colour(0xE5EAEF),
        accent: Colour(0x1D5FA6),
        band: Colour(0xE1ECF7),
        good: Pair(text: Colour(0x17653A), tint: Colour(0xEAF5EE)),
        caution: Pair(text: Colour(0x7F5300), tint: Colour(0xFDF4E1)),
        bad: Pair(text: Colour(0xA11D1D), tint: Colour(0xFCECEC))
    )

    package static let dark = ColourScheme(
        page: Colour(0x11161C),
        panel: Colour(0x1A2129),
        ink: Colour(0xE5EAF0),
        muted: Colour(0xA3B0BD),
        rule: Colour(0x3B4754),
        grid: Colour(0x28313B),
        accent: Colour(0x82B9F5),
        band: Colour(0x1C3148),
        good: Pair(text: Colour(0x86D6A2), tint: Colour(0x15271C)),
        caution: Pair(text: Colour(0xF0C268), tint: Colour(0x2B2312)),
        bad: Pair(text: Colour(0xFF9F97), tint: Colour(0x311B1B))
    )

    /// The colours as CSS custom properties.
    var css: String {
        """
        --page: \(page.css); --panel: \(panel.css); --ink: \(ink.css); --muted: \(muted.css);
        --rule: \(rule.css); --grid: \(grid.css); --accent: \(accent.css); --band: \(band.css);
        --good: \(good.text.css); --good-tint: \(good.tint.css);
        --caution: \(caution.text.css); --caution-tint: \(caution.tint.css);
        --bad: \(bad.text.css); --bad-tint: \(bad.tint.css);
        """
    }
}
