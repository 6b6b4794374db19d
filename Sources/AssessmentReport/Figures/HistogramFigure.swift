// Histogram of the symbols.
// SPDX-License-Identifier: Apache-2.0

extension SampleFigures {
    /// Occurrences of each of the 2^bits values; nil without samples.
    package static func histogram(
        of samples: UnsafeBufferPointer<UInt8>,
        bitsPerSymbol: Int
    ) -> ReportDocument.Figure? {
        guard !samples.isEmpty else { return nil }
        let valueCount = 1 << width(bitsPerSymbol, of: samples)
        let counts = Array(occurrences(in: samples).prefix(valueCount))
        let distinct = counts.count { $0 > 0 }
        let even = Double(samples.count) / Double(valueCount)
        return ReportDocument.Figure(
            title: "How often each value occurs",
            explanation: """
                \(distinct) of \(valueCount) values occur in \(count(samples.count, "sample")). \
                A few high bars are values that are easy to guess; gaps at regular distances \
                hint at a coarse clock or converter.
                """,
            plot: .bars(
                Plot.Series(
                    values: counts.map(Double.init),
                    xLabel: "value of the sample",
                    yLabel: "occurrences",
                    reference: Plot.Reference(even, "all equally likely")
                )
            )
        )
    }

    /// How often each byte value occurs.
    static func occurrences(in samples: UnsafeBufferPointer<UInt8>) -> [Int] {
        // Four tables, so that runs of one value do not wait for their own store.
        var tables = [Int](repeating: 0, count: 4 * 256)
        tables.withUnsafeMutableBufferPointer { counts in
            let rounds = samples.count & ~3
            for index in stride(from: 0, to: rounds, by: 4) {
                counts[Int(samples[index])] &+= 1
                counts[256 &+ Int(samples[index &+ 1])] &+= 1
                counts[512 &+ Int(samples[index &+ 2])] &+= 1
                counts[768 &+ Int(samples[index &+ 3])] &+= 1
            }
            for index in rounds..<samples.count { counts[Int(samples[index])] &+= 1 }
        }
        return (0..<256).map { value in
            tables[value] + tables[256 + value] + tables[512 + value] + tables[768 + value]
        }
    }
}
