// Autocorrelation of the symbols.
// SPDX-License-Identifier: Apache-2.0

internal import Assessment

extension SampleFigures {
    /// The correlation of the first million samples with those some places later, for up to 128
    /// lags; nil with fewer than 50 samples, or if all are equal.
    package static func autocorrelation(
        of samples: UnsafeBufferPointer<UInt8>
    ) -> ReportDocument.Figure? {
        guard samples.count >= fewestSamples else { return nil }
        let used = UnsafeBufferPointer(rebasing: samples.prefix(mostSamples))
        let lags = min(mostLags, used.count / 4)
        guard let values = autocorrelation(of: used, lags: lags) else { return nil }
        let limit = Specification.normalQuantile / Double(used.count).squareRoot()
        let length = NumberText.grouped(used.count)
        let part =
            used.count < samples.count
            ? "the first \(length) samples" : "the samples"
        return ReportDocument.Figure(
            title: "Autocorrelation",
            explanation: """
                Correlation of \(part) with those some places later. Of independent samples about \
                one value in a hundred leaves the shaded band (99\u{A0}%, ±2.576/√\(length)); \
                peaks at equal distances are a period, a slow fall from the left is a drift.
                """,
            plot: .line(
                Plot.Series(values: values, xLabel: "lag (samples)", yLabel: "correlation"),
                first: 1,
                step: 1,
                band: -limit...limit
            )
        )
    }

    /// r_k = sum (x_i - m)(x_(i+k) - m) / sum (x_i - m)^2 for k = 1...lags; nil for constant data.
    private static func autocorrelation(
        of samples: UnsafeBufferPointer<UInt8>,
        lags: Int
    ) -> [Double]? {
        let sum = samples.reduce(0) { $0 + Int($1) }
        let mean = Float(Double(sum) / Double(samples.count))
        return withUnsafeTemporaryAllocation(of: Float.self, capacity: samples.count) { centred in
            for index in samples.indices {
                centred.initializeElement(at: index, to: Float(samples[index]) - mean)
            }
            let values = UnsafeBufferPointer(centred)
            guard samples.contains(where: { $0 != samples[0] }) else { return nil }
            let variance = productSum(values, lag: 0)
            return (1...lags).map { productSum(values, lag: $0) / variance }
        }
    }

    /// Sum of the products of values `lag` places apart.
    private static func productSum(_ values: UnsafeBufferPointer<Float>, lag: Int) -> Double {
        typealias Vector = SIMD16<Float>
        let base = UnsafeRawPointer(values.baseAddress!)
        let count = values.count - lag
        let vectorised = count / Vector.scalarCount * Vector.scalarCount
        let size = MemoryLayout<Float>.stride
        var total = 0.0
        var index = 0
        while index < vectorised {
            // Short sums lose no digits of the 24 that a Float has.
            let end = min(index + 4_096, vectorised)
            var sum = Vector.zero
            for place in stride(from: index, to: end, by: Vector.scalarCount) {
                let first = base.loadUnaligned(fromByteOffset: place &* size, as: Vector.self)
                let second = base.loadUnaligned(
                    fromByteOffset: (place &+ lag) &* size,
                    as: Vector.self
                )
                sum += first * second
            }
            total += Double(sum.sum())
            index = end
        }
        for index in vectorised..<count { total += Double(values[index] * values[index + lag]) }
        return total
    }

    /// Fifty values at least, and lags up to a quarter of them (Box and Jenkins, Time Series
    /// Analysis, chapter 2).
    private static let fewestSamples = 50
    private static let mostLags = 128
    private static let mostSamples = 1_000_000
}
