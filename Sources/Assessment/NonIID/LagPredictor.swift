// Lag prediction (SP 800-90B, section 6.3.8).
// SPDX-License-Identifier: Apache-2.0

/// Predicts the symbol that stood 1 to 128 symbols before.
package enum LagPredictor {
    /// Runs on any alphabet; needs two predictions, which is three symbols.
    package static func estimate(
        _ symbols: SymbolView,
        following reference: Reference = .nistTool
    ) -> Estimate<PredictionEstimate> {
        guard symbols.count >= 3 else {
            return .notApplicable(.tooShort(needed: 3, given: symbols.count))
        }
        return .value(
            PredictionEstimate(
                run(symbols),
                alphabetSize: symbols.alphabetSize,
                following: reference
            )
        )
    }

    package static func run(_ symbols: SymbolView) -> PredictionTally {
        let base = symbols.base
        let count = symbols.count
        var scoreboard = Scoreboard(count: lagCount)
        defer { scoreboard.deallocate() }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: lagCount) { buffer in
            let gains = buffer.baseAddress!
            var start = 1
            while start < count {
                // The first steps have fewer lags and are taken one by one.
                let isFull = start >= lagCount
                let steps = isFull ? min(Scoreboard.blockLength, count &- start) : 1
                let here = base + start
                if isFull {
                    countMatches(here, steps: steps, into: gains)
                } else {
                    for lag in 1...lagCount {
                        gains[lag &- 1] = lag <= start && here[-lag] == here[0] ? 1 : 0
                    }
                }
                scoreboard.advance(steps: steps, gains: gains) { predictor, step in
                    let lag = predictor &+ 1
                    guard isFull || lag <= start else { return .silent }
                    return here[step] == here[step &- lag] ? .right : .wrong
                }
                start &+= steps
            }
        }
        return scoreboard.counter.tally(predictions: count - 1)
    }

    /// Counts for each lag, from 1 at index 0 on, how many of the `steps` symbols at `here` it
    /// predicts. Sixteen lags are compared at once; the counts stay below 256.
    @inline(__always)
    private static func countMatches(
        _ here: UnsafePointer<UInt8>,
        steps: Int,
        into gains: UnsafeMutablePointer<UInt8>
    ) {
        typealias Lags = SIMD16<UInt8>
        let one = Lags(repeating: 1)
        var (a, b, c, d) = (Lags(), Lags(), Lags(), Lags())
        var (e, f, g, h) = (Lags(), Lags(), Lags(), Lags())
        for step in 0..<steps {
            // Lane j of the group at offset o holds lag -(o + j).
            let symbol = Lags(repeating: here[step])
            let past = UnsafeRawPointer(here - lagCount + step)
            a &+= one.replacing(with: 0, where: past.loadUnaligned(as: Lags.self) .!= symbol)
            b &+= one.replacing(
                with: 0,
                where: past.loadUnaligned(fromByteOffset: 16, as: Lags.self) .!= symbol
            )
            c &+= one.replacing(
                with: 0,
                where: past.loadUnaligned(fromByteOffset: 32, as: Lags.self) .!= symbol
            )
            d &+= one.replacing(
                with: 0,
                where: past.loadUnaligned(fromByteOffset: 48, as: Lags.self) .!= symbol
            )
            e &+= one.replacing(
                with: 0,
                where: past.loadUnaligned(fromByteOffset: 64, as: Lags.self) .!= symbol
            )
            f &+= one.replacing(
                with: 0,
                where: past.loadUnaligned(fromByteOffset: 80, as: Lags.self) .!= symbol
            )
            g &+= one.replacing(
                with: 0,
                where: past.loadUnaligned(fromByteOffset: 96, as: Lags.self) .!= symbol
            )
            h &+= one.replacing(
                with: 0,
                where: past.loadUnaligned(fromByteOffset: 112, as: Lags.self) .!= symbol
            )
        }
        store(a, 0, gains)
        store(b, 16, gains)
        store(c, 32, gains)
        store(d, 48, gains)
        store(e, 64, gains)
        store(f, 80, gains)
        store(g, 96, gains)
        store(h, 112, gains)
    }

    /// Stores the counts of the group at `offset`, oldest lag first, in the order of the lags.
    @inline(__always)
    private static func store(
        _ group: SIMD16<UInt8>,
        _ offset: Int,
        _ gains: UnsafeMutablePointer<UInt8>
    ) {
        for lane in 0..<16 { gains[lagCount &- 1 &- offset &- lane] = group[lane] }
    }

    private static let lagCount = Specification.lagCount
}
