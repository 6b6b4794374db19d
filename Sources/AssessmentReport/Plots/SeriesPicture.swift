// Bars and lines as pictures.
// SPDX-License-Identifier: Apache-2.0

/// Draws the plots whose data is a series of values.
struct SeriesPicture {
    private let series: Plot.Series
    private let yAxis: Axis
    private let frame: PlotFrame
    private let smallest: Double?
    private let largest: Double?
    private var canvas = Canvas()

    /// Makes room for the values, for what must be seen, and for the reference.
    private init(_ series: Plot.Series, including others: [Double?]) {
        self.series = series
        let finite = series.values.lazy.filter(\.isFinite)
        smallest = finite.min()
        largest = finite.max()
        let range = series.yRange
        let wanted =
            [smallest, largest, range?.lowerBound, range?.upperBound, series.reference?.value]
            + others
        let ends = wanted.compactMap { $0 }.filter(\.isFinite)
        yAxis = Axis.rounded(ends.min() ?? 0, ends.max() ?? 1, count: PlotFrame.yTicks)
        frame = PlotFrame(areaHeight: PlotFrame.flatHeight, yTexts: yAxis.ticks.map(\.text))
    }

    static func bars(_ series: Plot.Series, title: String) -> String {
        var picture = SeriesPicture(series, including: [0])
        let yAxis = picture.yAxis
        let last = Double(max(series.values.count, 1)) - 0.5
        let xAxis = Axis(-0.5, last, count: PlotFrame.xTicks, minimumStep: 1)
        picture.frame.drawYAxis(yAxis, label: series.yLabel, hasGrid: true, on: &picture.canvas)
        picture.frame.drawXAxis(xAxis, label: series.xLabel, hasGrid: false, on: &picture.canvas)
        picture.frame.drawBorder(on: &picture.canvas)
        picture.canvas.path(picture.barPath(), style: "bars")
        picture.drawReference()
        return picture.finished("Bar chart", title: title)
    }

    static func line(
        _ series: Plot.Series,
        first: Double,
        step: Double,
        band: ClosedRange<Double>?,
        title: String
    ) -> String {
        var picture = SeriesPicture(series, including: [band?.lowerBound, band?.upperBound])
        let (frame, yAxis) = (picture.frame, picture.yAxis)
        let last = first + step * Double(max(series.values.count - 1, 0))
        let xAxis = Axis(
            min(first, last, series.xRange?.lowerBound ?? first),
            max(first, last, series.xRange?.upperBound ?? last),
            count: PlotFrame.xTicks,
            minimumStep: step.magnitude
        )
        if let band {
            let top = frame.y(yAxis.fraction(of: band.upperBound))
            let height = frame.y(yAxis.fraction(of: band.lowerBound)) - top
            let box = Box(left: frame.area.left, top: top, width: frame.area.width, height: height)
            picture.canvas.rectangle(box, style: "band")
        }
        frame.drawYAxis(yAxis, label: series.yLabel, hasGrid: true, on: &picture.canvas)
        frame.drawXAxis(xAxis, label: series.xLabel, hasGrid: true, on: &picture.canvas)
        frame.drawBorder(on: &picture.canvas)
        picture.canvas.path(
            picture.linePath { xAxis.fraction(of: first + step * Double($0)) },
            style: "line"
        )
        picture.drawReference()
        return picture.finished("Line plot", title: title)
    }

    /// One outline per bar; where there are more bars than pixels, the largest of each pixel.
    private func barPath() -> String {
        let count = series.values.count
        let columns = min(count, Int(frame.area.width) * 2)
        let zero = frame.y(yAxis.fraction(of: 0))
        let pitch = frame.area.width / Double(max(columns, 1))
        let gap = pitch >= 4 ? min(pitch * 0.15, 6) : 0
        var path = ""
        for column in 0..<columns {
            let range = count * column / columns..<count * (column + 1) / columns
            let values = series.values[range].lazy.filter(\.isFinite)
            guard let value = values.max(by: { $0.magnitude < $1.magnitude }), value != 0 else {
                continue
            }
            let left = frame.area.left + pitch * Double(column) + gap / 2
            let right = left + pitch - gap
            let top = frame.y(yAxis.fraction(of: value))
            path += "M\(Canvas.pair(left, zero))V\(Canvas.number(top))"
            path += "H\(Canvas.number(right))V\(Canvas.number(zero))z"
        }
        return path
    }

    private func linePath(xFraction: (Int) -> Double) -> String {
        let reduction = LineReduction(series.values, columns: Int(frame.area.width) * 2)
        var path = ""
        for piece in reduction.pieces {
            for (position, point) in piece.enumerated() {
                let x = frame.x(xFraction(point.index))
                let y = frame.y(yAxis.fraction(of: point.value))
                path += (position == 0 ? "M" : "L") + Canvas.pair(x, y)
            }
            // A point without neighbours is a dot, by its round ends.
            if piece.count == 1 { path += "h0" }
        }
        return path
    }

    private mutating func drawReference() {
        guard let reference = series.reference, reference.value.isFinite else { return }
        let y = frame.y(yAxis.fraction(of: reference.value))
        // Within dark bars, too, the line must be seen.
        for style in ["halo", "reference"] {
            canvas.line(from: (frame.area.left, y), to: (frame.area.right, y), style: style)
        }
        let (left, middle) = (frame.area.left, frame.area.top - 14)
        canvas.line(from: (left, middle), to: (left + 24, middle), style: "reference")
        canvas.text(reference.label, x: left + 30, y: frame.area.top - 10, anchor: .start)
    }

    private mutating func finished(_ kind: String, title: String) -> String {
        guard let smallest, let largest else {
            frame.drawNote("no values", anchor: .end, on: &canvas)
            return frame.picture(canvas, description: "\(kind): \(title). There are no values.")
        }
        let low = NumberText.typeset(NumberText.short(smallest))
        let high = NumberText.typeset(NumberText.short(largest))
        frame.drawNote("min \(low), max \(high)", anchor: .end, on: &canvas)
        let reference = series.reference.map {
            ", to compare with \(NumberText.short($0.value)) (\($0.label))"
        }
        let description = """
            \(kind): \(title). \(series.yLabel) over \(series.xLabel), \
            \(series.values.count) values from \(low) to \(high)\(reference ?? "").
            """
        return frame.picture(canvas, description: description)
    }
}
