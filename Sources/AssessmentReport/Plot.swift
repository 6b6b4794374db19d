// The kinds of pictures in a report, as numbers.
// SPDX-License-Identifier: Apache-2.0

/// Data of a figure, already reduced to what can be seen: a plot never holds the samples themselves.
package enum Plot: Sendable, Equatable {
    /// One bar per value.
    case bars(Series)
    /// One line over x = first, first + step, ...; `band` are limits drawn as a shaded band.
    case line(Series, first: Double, step: Double, band: ClosedRange<Double>?)
    /// A matrix of intensities 0...1, row by row from the top.
    case heatMap(HeatMap)

    package struct Series: Sendable, Equatable {
        package var values: [Double]
        package var xLabel: String
        package var yLabel: String

        package init(values: [Double], xLabel: String, yLabel: String) {
            self.values = values
            self.xLabel = xLabel
            self.yLabel = yLabel
        }
    }

    package struct HeatMap: Sendable, Equatable {
        package var columns: Int
        package var rows: Int
        /// columns x rows intensities, each 0...1.
        package var intensities: [Float]
        package var xLabel: String
        package var yLabel: String

        package init(
            columns: Int,
            rows: Int,
            intensities: [Float],
            xLabel: String,
            yLabel: String
        ) {
            precondition(intensities.count == columns * rows)
            self.columns = columns
            self.rows = rows
            self.intensities = intensities
            self.xLabel = xLabel
            self.yLabel = yLabel
        }
    }
}
