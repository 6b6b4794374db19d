// Heat maps as pictures.
// SPDX-License-Identifier: Apache-2.0

/// Draws a matrix of intensities, with axes and the meaning of its colours.
struct HeatMapPicture {
    private let map: Plot.HeatMap
    private let xAxis: Axis
    private let yAxis: Axis
    private let frame: PlotFrame
    private var canvas = Canvas()

    static func picture(_ map: Plot.HeatMap, title: String) -> String {
        var picture = HeatMapPicture(map)
        picture.drawCells()
        picture.drawAxes()
        picture.drawScale()
        picture.frame.drawBorder(on: &picture.canvas)
        let meaning = map.scale.map { " Colours show \($0.label), \($0.low) to \($0.high)." } ?? ""
        let description = """
            Heat map: \(title). \(map.yLabel) from top to bottom, \(map.xLabel) from left to \
            right, \(map.rows) by \(map.columns) cells.\(meaning)
            """
        return picture.frame.picture(picture.canvas, description: description)
    }

    private init(_ map: Plot.HeatMap) {
        self.map = map
        let isSquare =
            map.rowLabels.isEmpty && map.columns <= 2 * map.rows && map.rows <= 2 * map.columns
        xAxis = Self.axis(map.xSpan, cells: map.columns, count: PlotFrame.xTicks)
        yAxis = Self.axis(map.ySpan, cells: map.rows, count: PlotFrame.yTicks)
        frame = PlotFrame(
            areaHeight: isSquare ? PlotFrame.squareHeight : PlotFrame.flatHeight,
            yTexts: map.rowLabels.isEmpty ? yAxis.ticks.map(\.text) : map.rowLabels
        )
    }

    private mutating func drawCells() {
        let image = IndexedImage(
            width: map.columns,
            height: map.rows,
            pixels: map.intensities.map { HeatColours.level($0) },
            palette: HeatColours.palette
        )
        if let image {
            canvas.image(image, frame.area)
        } else {
            frame.drawNote("no values", anchor: .start, on: &canvas)
        }
    }

    private mutating func drawAxes() {
        frame.drawXAxis(xAxis, label: map.xLabel, hasGrid: false, on: &canvas)
        guard map.rowLabels.isEmpty else {
            for (row, label) in map.rowLabels.prefix(map.rows).enumerated() {
                let middle = (Double(row) + 0.5) / Double(map.rows)
                frame.drawYTick(label, at: frame.y(1 - middle), on: &canvas)
            }
            frame.drawYLabel(map.yLabel, on: &canvas)
            return
        }
        frame.drawYAxis(
            yAxis,
            label: map.yLabel,
            hasGrid: false,
            isDownwards: map.ySpan.map { $0.first < $0.last } ?? true,
            on: &canvas
        )
    }

    /// Cells are counted, so that ticks stand at whole numbers where there are several.
    private static func axis(_ span: Plot.Span?, cells: Int, count: Int) -> Axis {
        let span = span ?? Plot.Span(0, Double(cells))
        let width = (span.last - span.first).magnitude
        return Axis(span.first, span.last, count: count, minimumStep: width >= 2 ? 1 : 0)
    }

    /// At the top right: the text of intensity 0, all colours, the text of intensity 1.
    private mutating func drawScale() {
        guard let scale = map.scale else { return }
        let colours = IndexedImage(
            width: HeatColours.palette.count,
            height: 1,
            pixels: HeatColours.palette.indices.map { UInt8($0) },
            palette: HeatColours.palette
        )
        guard let colours else { return }
        let textWidth = PlotFrame.characterWidth * Double(scale.high.count)
        let right = frame.area.right - textWidth
        let bar = Box(left: right - 86, top: frame.area.top - 19, width: 80, height: 9)
        canvas.image(colours, bar)
        canvas.rectangle(bar, style: "border")
        frame.drawNote(scale.high, anchor: .end, on: &canvas)
        canvas.text(scale.low, x: bar.left - 6, y: frame.area.top - 10, anchor: .end)
        frame.drawNote(scale.label, anchor: .start, on: &canvas)
    }
}
