// Min-entropy over the time of the capture (SP 800-90B, section 6.3.1).
// SPDX-License-Identifier: Apache-2.0

internal import Assessment

extension SampleFigures {
    /// The most common value estimate of successive windows; nil if there is no room for two.
    package static func runningMinEntropy(
        of samples: UnsafeBufferPointer<UInt8>,
        bitsPerSymbol: Int
    ) -> ReportDocument.Figure? {
        let width = width(bitsPerSymbol, of: samples)
        let smallest = max(smallestWindow, 4 << width)
        let windows = min(mostWindows, samples.count / smallest)
        guard windows >= 2 else { return nil }
        let values = (0..<windows).map { window in
            let start = samples.count * window / windows
            let end = samples.count * (window + 1) / windows
            return minEntropy(of: UnsafeBufferPointer(rebasing: samples[start..<end]))
        }
        let size = samples.count / windows
        let most = mostMinEntropy(windowSize: size, width: width)
        return ReportDocument.Figure(
            title: "Min-entropy over the capture",
            explanation: """
                Most common value estimate (SP 800-90B, section 6.3.1) of \(windows) windows of \
                \(NumberText.grouped(size)) samples; its confidence bound keeps so short a window \
                at or below \(NumberText.fixed(most, decimals: 2)). Steps, dips or a slope mean \
                that the source changes while it runs. A level line is no lower bound: other \
                estimators see more.
                """,
            plot: .line(
                Plot.Series(
                    values: values,
                    xLabel: "position in the capture (samples)",
                    yLabel: "bits per sample",
                    xRange: 0...Double(samples.count),
                    yRange: 0...Double(width),
                    reference: Plot.Reference(most, "most for this window")
                ),
                first: Double(size) / 2,
                step: Double(samples.count) / Double(windows),
                band: nil
            )
        )
    }

    /// In bits per sample; the window is not empty.
    private static func minEntropy(of window: UnsafeBufferPointer<UInt8>) -> Double {
        // The estimate counts values, it does not ask how many there are.
        let view = SymbolView(base: window.baseAddress!, count: window.count, alphabetSize: 256)
        return MostCommonValueEstimate.estimate(view).minEntropy ?? 0
    }

    /// What the estimate gives for a window in which all values are as equally frequent as can be.
    private static func mostMinEntropy(windowSize: Int, width: Int) -> Double {
        let mask = UInt8(truncatingIfNeeded: 1 << width - 1)
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: windowSize) { window in
            for index in 0..<windowSize {
                window.initializeElement(at: index, to: UInt8(truncatingIfNeeded: index) & mask)
            }
            return minEntropy(of: UnsafeBufferPointer(window))
        }
    }

    /// Windows in the plot, about one per two pixels.
    private static let mostWindows = 200
    /// At 256 samples the bound adds 0.08 to a probability of one half; a window also holds four
    /// samples per value.
    private static let smallestWindow = 256
}
