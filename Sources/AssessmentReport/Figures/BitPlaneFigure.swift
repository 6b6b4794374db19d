// Map of the bits of the symbols over time.
// SPDX-License-Identifier: Apache-2.0

extension SampleFigures {
    /// One strip per bit, highest on top; time runs from left to right, and the colour is the share
    /// of ones in a block of samples. Nil without samples.
    package static func bitPlaneMap(
        of samples: UnsafeBufferPointer<UInt8>,
        bitsPerSymbol: Int
    ) -> ReportDocument.Figure? {
        guard !samples.isEmpty else { return nil }
        let width = width(bitsPerSymbol, of: samples)
        let columns = min(max(samples.count / smallestBlock, 1), mostBlocks)
        var intensities = [Float](repeating: 0, count: columns * width)
        var totals = [Int](repeating: 0, count: width)
        for column in 0..<columns {
            let start = samples.count * column / columns
            let end = samples.count * (column + 1) / columns
            let ones = ones(in: UnsafeBufferPointer(rebasing: samples[start..<end]), width: width)
            for row in 0..<width {
                let share = Float(ones[width - 1 - row]) / Float(end - start)
                intensities[row * columns + column] = share
                totals[row] += ones[width - 1 - row]
            }
        }
        let labels = (0..<width).map { row in
            let share = Double(totals[row]) / Double(samples.count)
            return "bit \(width - 1 - row): \(NumberText.fixed(share, decimals: 3))"
        }
        let block = (samples.count + columns - 1) / columns
        return ReportDocument.Figure(
            title: "The bits over time",
            explanation: """
                Each strip is one bit of the samples, with its share of ones; a column averages \
                up to \(count(block, "sample")). An even strip near one half is as it should be; \
                a strip at an end of the scale is stuck, and stripes or steps are drifts or periods.
                """,
            plot: .heatMap(
                Plot.HeatMap(
                    columns: columns,
                    rows: width,
                    intensities: intensities,
                    xLabel: "position in the capture (samples)",
                    yLabel: "bit, and its share of ones",
                    xSpan: Plot.Span(0, Double(samples.count)),
                    rowLabels: labels,
                    scale: Plot.Scale("share of ones in a column", low: "0", high: "1")
                )
            )
        )
    }

    /// How many samples have each of the bits set, lowest bit first.
    private static func ones(in samples: UnsafeBufferPointer<UInt8>, width: Int) -> [Int] {
        var ones = [Int](repeating: 0, count: width)
        for (value, count) in occurrences(in: samples).enumerated() where count > 0 {
            for bit in 0..<width where value >> bit & 1 == 1 { ones[bit] += count }
        }
        return ones
    }

    /// Columns of the map, about one per pixel.
    private static let mostBlocks = 400
    /// Samples that a column averages at least, so that the map shows means.
    private static let smallestBlock = 8
}
