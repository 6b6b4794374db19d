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
        var totals = BitCounts()
        for column in 0..<columns {
            let start = samples.count * column / columns
            let end = samples.count * (column + 1) / columns
            let ones = BitCounts(of: UnsafeBufferPointer(rebasing: samples[start..<end]))
            totals.add(ones)
            for row in 0..<width {
                let share = Float(ones[width - 1 - row]) / Float(end - start)
                intensities[row * columns + column] = share
            }
        }
        let labels = (0..<width).map { row in
            let bit = width - 1 - row
            let share = Double(totals[bit]) / Double(samples.count)
            return "bit \(bit): \(NumberText.fixed(share, decimals: 3))"
        }
        let block = (samples.count + columns - 1) / columns
        return ReportDocument.Figure(
            title: "The bits over time",
            explanation: """
                Each strip is one bit of the samples, with its share of ones; a column averages \
                up to \(count(block, "sample")). An even strip near one half is as it should be; a strip \
                at an end of the scale is stuck, and stripes or steps are drifts or periods.
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

    /// Columns of the map, about one per pixel.
    private static let mostBlocks = 400
    /// Samples that a column averages at least, so that the map shows means.
    private static let smallestBlock = 8
}

/// How many of some bytes have each of their eight bits set.
private struct BitCounts {
    private var counts: [8 of Int] = .init(repeating: 0)

    init() {}

    init(of bytes: UnsafeBufferPointer<UInt8>) {
        guard let base = bytes.baseAddress else { return }
        let lanes = SIMD32<UInt8>.scalarCount
        let vectorised = bytes.count / lanes * lanes
        var index = 0
        while index < vectorised {
            // A lane counts to 255 before it must be emptied.
            let end = min(vectorised, index + 255 * lanes)
            addVectors(UnsafeRawPointer(base), index..<end)
            index = end
        }
        for index in vectorised..<bytes.count {
            for bit in 0..<8 { counts[bit] += Int(bytes[index] >> UInt8(bit)) & 1 }
        }
    }

    private mutating func addVectors(_ base: UnsafeRawPointer, _ range: Range<Int>) {
        typealias Vector = SIMD32<UInt8>
        let one = Vector(repeating: 1)
        var (sum0, sum1, sum2, sum3) = (Vector.zero, Vector.zero, Vector.zero, Vector.zero)
        var (sum4, sum5, sum6, sum7) = (Vector.zero, Vector.zero, Vector.zero, Vector.zero)
        for offset in stride(from: range.lowerBound, to: range.upperBound, by: Vector.scalarCount) {
            let bytes = base.loadUnaligned(fromByteOffset: offset, as: Vector.self)
            sum0 &+= bytes & one
            sum1 &+= (bytes &>> 1) & one
            sum2 &+= (bytes &>> 2) & one
            sum3 &+= (bytes &>> 3) & one
            sum4 &+= (bytes &>> 4) & one
            sum5 &+= (bytes &>> 5) & one
            sum6 &+= (bytes &>> 6) & one
            sum7 &+= bytes &>> 7
        }
        for (bit, sum) in [sum0, sum1, sum2, sum3, sum4, sum5, sum6, sum7].enumerated() {
            for lane in 0..<Vector.scalarCount { counts[bit] += Int(sum[lane]) }
        }
    }

    mutating func add(_ other: BitCounts) {
        for bit in 0..<8 { counts[bit] += other.counts[bit] }
    }

    subscript(bit: Int) -> Int { counts[bit] }
}
