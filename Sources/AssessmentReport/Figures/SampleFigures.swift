// The figures of a report that show raw samples (SP 800-90B, section 3.1.1).
// SPDX-License-Identifier: Apache-2.0

/// Figures of raw samples, one symbol per byte. They hold counts and means, not the samples; of a
/// short capture some can be read back all the same (see `remark`).
package enum SampleFigures {
    /// All figures that the samples allow, in the order of a report; none for no samples.
    ///
    /// A symbol wider than `bitsPerSymbol` widens the figures. The time is linear in the number of
    /// samples, the memory is bounded.
    package static func all(
        of samples: UnsafeBufferPointer<UInt8>,
        bitsPerSymbol: Int
    ) -> [ReportDocument.Figure] {
        [
            histogram(of: samples, bitsPerSymbol: bitsPerSymbol),
            runningMinEntropy(of: samples, bitsPerSymbol: bitsPerSymbol),
            autocorrelation(of: samples),
            bitPlaneMap(of: samples, bitsPerSymbol: bitsPerSymbol),
            lagPlot(of: samples, bitsPerSymbol: bitsPerSymbol),
        ].compactMap { $0 }
    }

    /// For the report's small print.
    package static let remark = """
        The figures hold counts and means, but those of a short capture or of a restart matrix can \
        give samples away. Samples captured for an assessment must not be used for anything else.
        """

    /// The larger of the width given and the width needed, 1...8.
    static func width(_ given: Int, of samples: UnsafeBufferPointer<UInt8>) -> Int {
        var union: UInt8 = 0
        for sample in samples { union |= sample }
        return min(max(given, UInt8.bitWidth - union.leadingZeroBitCount, 1), 8)
    }

    /// "1 bit", "3 bits".
    static func count(_ count: Int, _ noun: String) -> String {
        "\(NumberText.grouped(count)) \(noun)\(count == 1 ? "" : "s")"
    }
}
