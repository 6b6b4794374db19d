// Map of a restart matrix (SP 800-90B, section 3.1.4.1).
// SPDX-License-Identifier: Apache-2.0

extension SampleFigures {
    /// Rows are restarts, columns the samples after each; the colour is the mean of a block of
    /// cells, between the smallest and the largest mean. Nil if the matrix is empty or not full.
    package static func restartMap(
        of matrix: UnsafeBufferPointer<UInt8>,
        restarts: Int,
        samplesPerRestart: Int
    ) -> ReportDocument.Figure? {
        let (cells, overflow) = restarts.multipliedReportingOverflow(by: samplesPerRestart)
        guard !overflow, restarts > 0, samplesPerRestart > 0, matrix.count == cells else {
            return nil
        }
        let rows = min(max(restarts / 2, 1), mostCells)
        let columns = min(max(samplesPerRestart / 2, 1), mostCells)
        let blocks = BlockMeans(matrix, columns: samplesPerRestart, into: (rows, columns))
        let smallest = blocks.means.min() ?? 0
        let largest = blocks.means.max() ?? 0
        let isReduced = rows < restarts || columns < samplesPerRestart
        return ReportDocument.Figure(
            title: "Samples after each restart",
            explanation: """
                \(count(restarts, "restart")) of \(count(samplesPerRestart, "sample")) each\
                \(isReduced ? ", neighbours averaged" : ""). Even noise is as it should be; \
                upright stripes mean that every restart begins alike, level ones that restarts \
                differ.
                """,
            plot: .heatMap(
                Plot.HeatMap(
                    columns: columns,
                    rows: rows,
                    intensities: blocks.means.map {
                        // Equal means are neither low nor high.
                        largest > smallest ? ($0 - smallest) / (largest - smallest) : 0.5
                    },
                    xLabel: "sample after the restart",
                    yLabel: "restart",
                    xSpan: Plot.Span(0.5, Double(samplesPerRestart) + 0.5),
                    ySpan: Plot.Span(0.5, Double(restarts) + 0.5),
                    scale: Plot.Scale(
                        "value of the sample",
                        low: NumberText.short(Double(smallest)),
                        high: NumberText.short(Double(largest))
                    )
                )
            )
        )
    }

    /// Rows and columns of the map at most: blocks of 2 x 2 for the matrix of 1000 x 1000. Smaller
    /// matrices have blocks of 2 x 2, too, so that the map shows means.
    private static let mostCells = 500
}

/// A matrix reduced to the means of blocks of nearly equal size.
private struct BlockMeans {
    let means: [Float]

    /// The size wanted is nowhere larger than the matrix.
    init(
        _ matrix: UnsafeBufferPointer<UInt8>,
        columns: Int,
        into size: (rows: Int, columns: Int)
    ) {
        let rows = matrix.count / columns
        var means: [Float] = []
        means.reserveCapacity(size.rows * size.columns)
        for row in 0..<size.rows {
            let sourceRows = rows * row / size.rows..<rows * (row + 1) / size.rows
            for column in 0..<size.columns {
                let start = columns * column / size.columns
                let end = columns * (column + 1) / size.columns
                var sum = 0
                for sourceRow in sourceRows {
                    for cell in start..<end { sum += Int(matrix[sourceRow * columns + cell]) }
                }
                means.append(Float(sum) / Float(sourceRows.count * (end - start)))
            }
        }
        self.means = means
    }
}
