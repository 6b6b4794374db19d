// The kinds of pictures in a report, as numbers.
// SPDX-License-Identifier: Apache-2.0

/// Data of a figure, already reduced to what can be seen: a plot never holds the samples
/// themselves.
package enum Plot: Sendable, Equatable {
    /// One bar per value, at x = 0, 1, ...
    case bars(Series)
    /// One line over x = first, first + step, ...; `band` are limits drawn as a shaded band.
    case line(Series, first: Double, step: Double, band: ClosedRange<Double>?)
    /// A matrix of intensities 0...1, row by row from the top.
    case heatMap(HeatMap)

    /// Values in order. One that is not finite is drawn as a gap.
    package struct Series: Sendable, Equatable {
        package var values: [Double]
        package var xLabel: String
        package var yLabel: String
        /// What the x axis of a line must show at least; nil leaves it to the values.
        package var xRange: ClosedRange<Double>?
        /// What the y axis must show at least; nil leaves it to the values.
        package var yRange: ClosedRange<Double>?
        /// A value to compare with, drawn as a dashed line.
        package var reference: Reference?

        package init(
            values: [Double],
            xLabel: String,
            yLabel: String,
            xRange: ClosedRange<Double>? = nil,
            yRange: ClosedRange<Double>? = nil,
            reference: Reference? = nil
        ) {
            self.values = values
            self.xLabel = xLabel
            self.yLabel = yLabel
            self.xRange = xRange
            self.yRange = yRange
            self.reference = reference
        }
    }

    /// A value and what it stands for.
    package struct Reference: Sendable, Equatable {
        package var value: Double
        package var label: String

        package init(_ value: Double, _ label: String) {
            self.value = value
            self.label = label
        }
    }

    package struct HeatMap: Sendable, Equatable {
        package var columns: Int
        package var rows: Int
        /// columns x rows intensities, each 0...1.
        package var intensities: [Float]
        package var xLabel: String
        package var yLabel: String
        /// Values at the left and right edge; nil counts columns.
        package var xSpan: Span?
        /// Values at the top and bottom edge; nil counts rows.
        package var ySpan: Span?
        /// One label per row instead of numbers; empty for numbers.
        package var rowLabels: [String]
        package var scale: Scale?

        package init(
            columns: Int,
            rows: Int,
            intensities: [Float],
            xLabel: String,
            yLabel: String,
            xSpan: Span? = nil,
            ySpan: Span? = nil,
            rowLabels: [String] = [],
            scale: Scale? = nil
        ) {
            precondition(intensities.count == columns * rows)
            self.columns = columns
            self.rows = rows
            self.intensities = intensities
            self.xLabel = xLabel
            self.yLabel = yLabel
            self.xSpan = xSpan
            self.ySpan = ySpan
            self.rowLabels = rowLabels
            self.scale = scale
        }
    }

    /// What the two ends of an axis stand for; the first may be the larger.
    package struct Span: Sendable, Equatable {
        package var first: Double
        package var last: Double

        package init(_ first: Double, _ last: Double) {
            self.first = first
            self.last = last
        }
    }

    /// What the colours of a heat map mean.
    package struct Scale: Sendable, Equatable {
        package var label: String
        /// Text at intensity 0.
        package var low: String
        /// Text at intensity 1.
        package var high: String

        package init(_ label: String, low: String, high: String) {
            self.label = label
            self.low = low
            self.high = high
        }
    }
}
