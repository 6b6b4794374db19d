// Density of successive pairs of symbols.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

extension SampleFigures {
    /// How often each value follows each value; nil with fewer than two samples.
    package static func lagPlot(
        of samples: UnsafeBufferPointer<UInt8>,
        bitsPerSymbol: Int
    ) -> ReportDocument.Figure? {
        guard samples.count >= 2 else { return nil }
        let width = width(bitsPerSymbol, of: samples)
        let size = 1 << width
        let counts = pairs(in: samples, width: width)
        let even = Double(samples.count - 1) / Double(size * size)
        let range = densityRange(largest: Double(counts.max() ?? 1) / even)
        let intensities = (0..<size * size).map { cell in
            // Upwards on the page are the larger values.
            let (next, value) = (size - 1 - cell / size, cell % size)
            let density = Double(counts[value << width | next]) / even
            return density > 0 ? Float(0.5 + 0.5 * log(density) / log(range)) : 0
        }
        let edge = Double(size) - 0.5
        return ReportDocument.Figure(
            title: "Each sample against the next",
            explanation: """
                Density of the \(count(samples.count - 1, "pair")) of successive samples. \
                Independent samples fill the square evenly, or in a pattern of rows crossed with \
                like columns; lines, diagonals or islands mean that a sample tells something about \
                the next.
                """,
            plot: .heatMap(
                Plot.HeatMap(
                    columns: size,
                    rows: size,
                    intensities: intensities.map { min(max($0, 0), 1) },
                    xLabel: "value of a sample",
                    yLabel: "value of the next sample",
                    xSpan: Plot.Span(-0.5, edge),
                    ySpan: Plot.Span(edge, -0.5),
                    scale: Plot.Scale(
                        "pairs, relative to even",
                        low: "≤ 1/\(NumberText.short(range))",
                        high: "≥ \(NumberText.short(range))"
                    )
                )
            )
        )
    }

    /// Colours go from 1/r to r times the even density on a logarithmic scale, so that the even
    /// density is in their middle: r is a power of two, at least 8, that leaves out no peak.
    private static func densityRange(largest: Double) -> Double {
        exp2(max(3, ceil(log2(largest))))
    }

    /// Occurrences of the pairs, at index first * 2^width + second.
    private static func pairs(in samples: UnsafeBufferPointer<UInt8>, width: Int) -> [Int] {
        // Even and odd pairs apart, so that runs of one pair do not wait for their own store.
        let size = 1 << (2 * width)
        var tables = [Int](repeating: 0, count: 2 * size)
        tables.withUnsafeMutableBufferPointer { counts in
            let shift = width
            let rounds = (samples.count - 1) & ~1
            var value = Int(samples[0])
            for index in stride(from: 0, to: rounds, by: 2) {
                let middle = Int(samples[index &+ 1])
                let next = Int(samples[index &+ 2])
                counts[value &<< shift | middle] &+= 1
                counts[size &+ (middle &<< shift | next)] &+= 1
                value = next
            }
            if rounds < samples.count - 1 {
                counts[value << shift | Int(samples[rounds + 1])] += 1
            }
        }
        return (0..<size).map { tables[$0] + tables[size + $0] }
    }
}
