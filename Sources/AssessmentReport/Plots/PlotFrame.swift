// What all plots have in common: size, axes, grid, labels.
// SPDX-License-Identifier: Apache-2.0

/// The area of the data within a picture, and the axes around it.
struct PlotFrame {
    let width: Double
    let height: Double
    let area: Box

    /// A picture with room for the texts at the ticks of the y axis.
    init(areaHeight: Double, yTexts: [String]) {
        let longest = Double(yTexts.map(\.count).max() ?? 0)
        let leftMargin = Self.labelHeight + Self.characterWidth * longest
        // Even beside very long texts, two thirds of the picture are the plot's.
        let left = min(max(leftMargin, 62), Self.pictureWidth / 3)
        width = Self.pictureWidth
        area = Box(
            left: left,
            top: Self.topMargin,
            width: Self.pictureWidth - left - Self.rightMargin,
            height: areaHeight
        )
        height = area.bottom + Self.bottomMargin
    }

    /// Height of the area of bars and lines.
    static let flatHeight = 190.0
    /// Height of the area of a square matrix, about its width.
    static let squareHeight = 400.0
    /// Room per character, for the 15 units that text has on a phone and on paper.
    static let characterWidth = 8.5

    /// Few enough that text stays readable on a phone.
    private static let pictureWidth = 480.0
    /// The title of the y axis, and the gap to its ticks.
    private static let labelHeight = 32.0
    private static let topMargin = 30.0
    private static let rightMargin = 18.0
    private static let bottomMargin = 48.0
    /// Ticks wanted along x and y.
    static let xTicks = 6
    static let yTicks = 5

    func x(_ fraction: Double) -> Double { area.left + area.width * fraction }

    /// Fraction 0 is the bottom.
    func y(_ fraction: Double) -> Double { area.bottom - area.height * fraction }

    func drawXAxis(_ axis: Axis, label: String, hasGrid: Bool, on canvas: inout Canvas) {
        for tick in axis.ticks {
            let x = x(axis.fraction(of: tick.value))
            if hasGrid { canvas.line(from: (x, area.top), to: (x, area.bottom), style: "grid") }
            canvas.line(from: (x, area.bottom), to: (x, area.bottom + 4), style: "tick")
            canvas.text(tick.text, x: x, y: area.bottom + 18, anchor: .middle)
        }
        drawXLabel(label, on: &canvas)
    }

    /// `isDownwards`: the lower end of the axis is at the top.
    func drawYAxis(
        _ axis: Axis,
        label: String,
        hasGrid: Bool,
        isDownwards: Bool = false,
        on canvas: inout Canvas
    ) {
        for tick in axis.ticks {
            let fraction = axis.fraction(of: tick.value)
            let y = y(isDownwards ? 1 - fraction : fraction)
            if hasGrid { canvas.line(from: (area.left, y), to: (area.right, y), style: "grid") }
            drawYTick(tick.text, at: y, on: &canvas)
        }
        drawYLabel(label, on: &canvas)
    }

    func drawYTick(_ text: String, at y: Double, on canvas: inout Canvas) {
        canvas.line(from: (area.left - 4, y), to: (area.left, y), style: "tick")
        canvas.text(text, x: area.left - 7, y: y + 4, anchor: .end)
    }

    func drawYLabel(_ label: String, on canvas: inout Canvas) {
        let middle = area.top + area.height / 2
        canvas.text(label, x: 13, y: middle, anchor: .middle, style: "title", isVertical: true)
    }

    private func drawXLabel(_ label: String, on canvas: inout Canvas) {
        let middle = area.left + area.width / 2
        canvas.text(label, x: middle, y: height - 8, anchor: .middle, style: "title")
    }

    /// A note above the area, such as the smallest and the largest value.
    func drawNote(_ text: String, anchor: Canvas.Anchor, on canvas: inout Canvas) {
        let x = anchor == .start ? area.left : area.right
        canvas.text(text, x: x, y: area.top - 10, anchor: anchor)
    }

    func drawBorder(on canvas: inout Canvas) { canvas.rectangle(area, style: "border") }

    /// The finished picture; `description` is what a screen reader says.
    func picture(_ canvas: Canvas, description: String) -> String {
        """
        <svg class="plot" viewBox="0 0 \(Canvas.pair(width, height))" role="img" \
        aria-label="\(HTMLText.escape(description))">
        \(canvas.markup)</svg>

        """
    }
}
