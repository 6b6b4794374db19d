// Tests of the figures of raw samples.
// SPDX-License-Identifier: Apache-2.0

import AssessmentReport
import Foundation
import Testing

@Suite("Sample figures")
struct SampleFiguresTests {
    @Test("count each value")
    func histogram() throws {
        let figure = try #require(makeFigure([0, 1, 1, 3, 3, 3, 3], SampleFigures.histogram))
        guard case .bars(let series) = figure.plot else {
            Issue.record("no bars")
            return
        }
        #expect(series.values == [1, 2, 0, 4])
        #expect(series.reference?.value == 7.0 / 4)
        #expect(figure.explanation.hasPrefix("3 of 4 values occur in 7 samples."))
    }

    @Test("show a stuck, a slow and an even bit")
    func bitPlanes() throws {
        // Bit 2 is stuck at one, bit 1 rises in the middle, bit 0 alternates.
        let samples = (0..<6_400).map { UInt8(4 | ($0 < 3_200 ? 0 : 2) | $0 & 1) }
        let map = try #require(heatMap(samples, SampleFigures.bitPlaneMap))
        #expect(map.rows == 3)
        #expect(map.columns == 400)
        #expect(map.rowLabels == ["bit 2: 1.000", "bit 1: 0.500", "bit 0: 0.500"])
        #expect(map.intensities[..<400].allSatisfy { $0 == 1 })
        #expect(map.intensities[400..<600].allSatisfy { $0 == 0 })
        #expect(map.intensities[600..<800].allSatisfy { $0 == 1 })
        #expect(map.intensities[800...].allSatisfy { $0 == 0.5 })
    }

    @Test(
        "count bits in blocks of any length",
        arguments: [1, 7, 31, 32, 33, 799, 3_200]
    )
    func bitCounts(count: Int) throws {
        let samples = SampleFiguresTests.noise(count)
        let map = try #require(
            heatMap(samples) { samples, _ in
                SampleFigures.bitPlaneMap(of: samples, bitsPerSymbol: 8)
            }
        )
        for bit in 0..<8 {
            let ones = samples.count { $0 >> UInt8(bit) & 1 == 1 }
            let share = Double(ones) / Double(count)
            let row = map.intensities[(7 - bit) * map.columns..<(8 - bit) * map.columns]
            if count % map.columns == 0 {
                let mean = row.reduce(0.0) { $0 + Double($1) } / Double(map.columns)
                #expect(abs(mean - share) < 1e-6)
            }
            #expect(map.rowLabels[7 - bit] == "bit \(bit): \(NumberText.fixed(share, decimals: 3))")
        }
    }

    @Test("show how often each value follows each, the larger on top")
    func lagPlot() throws {
        // Pairs: 00 01 11 10 00 01 11 10 01, that is 2, 3, 2, 2.
        let map = try #require(heatMap([0, 0, 1, 1, 0, 0, 1, 1, 0, 1], SampleFigures.lagPlot))
        #expect(map.columns == 2 && map.rows == 2)
        // Colours span 1/8 to 8 of the even density, three octaves either way.
        #expect(map.scale?.low == "≤ 1/8")
        let even = 9.0 / 4
        let expected = [3.0, 2, 2, 2].map { Float(0.5 + log2($0 / even) / 6) }
        #expect(zip(map.intensities, expected).allSatisfy { abs($0 - $1) < 1e-6 })
    }

    @Test("leave white what never follows, and widen the scale for a peak")
    func lagPlotOfCounter() throws {
        let samples = (0..<25_601).map { UInt8(truncatingIfNeeded: $0) }
        let map = try #require(heatMap(samples, SampleFigures.lagPlot))
        #expect(map.scale?.high == "≥ 256")
        for row in 0..<256 {
            for column in 0..<256 {
                let follows = (column + 1) & 255 == 255 - row
                #expect(map.intensities[row * 256 + column] == (follows ? 1 : 0))
                if (map.intensities[row * 256 + column] == 1) != follows { return }
            }
        }
    }

    @Test("correlate samples with later ones")
    func autocorrelation() throws {
        let samples = (0..<1_000).map { UInt8($0 % 4 == 0 ? 9 : 1) }
        let figure = try #require(
            makeFigure(samples) { samples, _ in SampleFigures.autocorrelation(of: samples) }
        )
        guard case .line(let series, let first, let step, let band) = figure.plot else {
            Issue.record("no line")
            return
        }
        #expect(first == 1 && step == 1)
        #expect(series.values.count == 128)
        // With mean 3 the deviations are 6, -2, -2, -2: products -12 at odd lags, 48 at 4.
        #expect(abs(series.values[3] - 0.996) < 1e-6)
        #expect(abs(series.values[7] - 0.992) < 1e-6)
        #expect(series.values[0] < -0.33 && series.values[0] > -0.34)
        let limit = try #require(band?.upperBound)
        #expect(abs(limit - 2.5758 / 1_000.0.squareRoot()) < 1e-5)
    }

    @Test("find no correlation in even samples")
    func noCorrelation() throws {
        try expectNoCorrelation(count: 20_000)
    }

    @Test(
        "correlate no more than a million samples, and say so",
        .enabled(if: isOptimised, "needs a release build to finish in time")
    )
    func longAutocorrelation() throws {
        let explanation = try expectNoCorrelation(count: 1_000_001)
        #expect(explanation.contains("the first 1,000,000 samples"))
    }

    /// Eight standard errors: a false alarm has a probability below 128 x 2^-49. Returns the words.
    @discardableResult
    private func expectNoCorrelation(count: Int) throws -> String {
        let samples = SampleFiguresTests.noise(count)
        let figure = try #require(
            makeFigure(samples) { samples, _ in SampleFigures.autocorrelation(of: samples) }
        )
        guard case .line(let series, _, _, _) = figure.plot else {
            Issue.record("another plot")
            return ""
        }
        let limit = 8 / Double(min(count, 1_000_000)).squareRoot()
        #expect(series.values.allSatisfy { abs($0) < limit })
        return figure.explanation
    }

    @Test("show where the entropy falls")
    func runningMinEntropy() throws {
        let samples = (0..<51_200).map { UInt8($0 < 25_600 ? $0 & 1 : 1) }
        let figure = try #require(makeFigure(samples, SampleFigures.runningMinEntropy))
        guard case .line(let series, let first, let step, _) = figure.plot else {
            Issue.record("another plot")
            return
        }
        #expect(series.values.count == 200)
        #expect(first == 128 && step == 256)
        // p = 1/2 + 2.5758 sqrt(1/4 / 255) = 0.580652
        #expect(series.values[..<100].allSatisfy { abs($0 - 0.784253) < 1e-5 })
        #expect(series.values[100...].allSatisfy { $0 == 0 })
        #expect(series.reference.map { abs($0.value - 0.784253) < 1e-5 } == true)
    }

    @Test("have fewer windows where samples are few")
    func fewWindows() throws {
        let figure = try #require(
            makeFigure(SampleFiguresTests.noise(5_000), SampleFigures.runningMinEntropy)
        )
        guard case .line(let series, _, _, _) = figure.plot else {
            Issue.record("another plot")
            return
        }
        #expect(series.values.count == 4)
        #expect(
            makeFigure(SampleFiguresTests.noise(2_047), SampleFigures.runningMinEntropy) == nil
        )
    }

    @Test("average restarts in blocks")
    func smallRestartMap() throws {
        let matrix: [UInt8] = [
            0, 4, 8, 8,
            4, 8, 8, 8,
        ]
        let figure = try #require(makeRestartMap(matrix, 2, 4))
        guard case .heatMap(let map) = figure.plot else {
            Issue.record("another plot")
            return
        }
        #expect(map.rows == 1 && map.columns == 2)
        #expect(map.intensities == [0, 1])
        #expect(map.scale?.low == "4" && map.scale?.high == "8")
    }

    @Test("reduce a matrix of a thousand by a thousand")
    func largeRestartMap() throws {
        let matrix = (0..<1_000_000).map { UInt8($0 % 1_000 < 2 ? 200 : 100) }
        let figure = try #require(makeRestartMap(matrix, 1_000, 1_000))
        guard case .heatMap(let map) = figure.plot else {
            Issue.record("another plot")
            return
        }
        #expect(map.rows == 500 && map.columns == 500)
        #expect((0..<500).allSatisfy { map.intensities[$0 * 500] == 1 })
        #expect(map.intensities.count { $0 == 0 } == 499 * 500)
    }

    @Test(
        "refuse a matrix that is not full",
        arguments: [(0, 4), (4, 0), (2, 4), (-2, -4), (.max, 2)]
    )
    func ragged(restarts: Int, samples: Int) {
        #expect(makeRestartMap([1, 2, 3], restarts, samples) == nil)
        #expect(makeRestartMap([], restarts, samples) == nil)
    }

    @Test(
        "make sense of any samples and width",
        arguments: [
            [], [7], [7, 7], [0, 255], [UInt8](repeating: 0, count: 600),
            [UInt8](repeating: 255, count: 600), (0..<600).map { UInt8($0 % 2 * 255) },
            SampleFiguresTests.noise(60),
        ],
        [-1, 4, 99]
    )
    func edges(samples: [UInt8], bitsPerSymbol: Int) {
        let figures = samples.withUnsafeBufferPointer {
            SampleFigures.all(of: $0, bitsPerSymbol: bitsPerSymbol)
        }
        #expect(figures.isEmpty == samples.isEmpty)
        for figure in figures {
            switch figure.plot {
            case .bars(let series), .line(let series, _, _, _):
                #expect(!series.values.isEmpty && series.values.allSatisfy(\.isFinite))
            case .heatMap(let map):
                #expect(map.intensities.allSatisfy { $0 >= 0 && $0 <= 1 })
            }
            #expect(!figure.explanation.contains("nan") && !figure.explanation.contains("inf"))
        }
    }

    /// SplitMix64, its low byte.
    static func noise(_ count: Int) -> [UInt8] {
        (0..<UInt64(count)).map { index in
            var value = index &* 0x9E37_79B9_7F4A_7C15
            value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
            return UInt8(truncatingIfNeeded: value ^ value >> 31)
        }
    }
}

/// The figure of samples with the width that they need.
private func makeFigure(
    _ samples: [UInt8],
    _ make: (UnsafeBufferPointer<UInt8>, Int) -> ReportDocument.Figure?
) -> ReportDocument.Figure? {
    samples.withUnsafeBufferPointer { make($0, 1) }
}

private func heatMap(
    _ samples: [UInt8],
    _ make: (UnsafeBufferPointer<UInt8>, Int) -> ReportDocument.Figure?
) -> Plot.HeatMap? {
    guard case .heatMap(let map) = makeFigure(samples, make)?.plot else { return nil }
    return map
}

private func makeRestartMap(_ matrix: [UInt8], _ restarts: Int, _ samples: Int) -> ReportDocument
    .Figure?
{
    matrix.withUnsafeBufferPointer {
        SampleFigures.restartMap(of: $0, restarts: restarts, samplesPerRestart: samples)
    }
}

#if DEBUG
    private let isOptimised = false
#else
    private let isOptimised = true
#endif
