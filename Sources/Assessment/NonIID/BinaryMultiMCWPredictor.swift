// Multi most common in window prediction of bit strings (SP 800-90B, section 6.3.7).
// SPDX-License-Identifier: Apache-2.0

/// The binary case of `MultiMCWPredictor`: a window predicts a 1 if more than half of it are ones.
/// The windows have odd lengths, so that there are no ties.
package enum BinaryMultiMCWPredictor {
    /// Needs more symbols than the longest window has.
    package static func run(_ symbols: SymbolView) -> PredictionTally {
        let base = symbols.base
        let count = symbols.count
        let lengths = Specification.windowLengths
        let blockLength = Scoreboard.blockLength
        var scoreboard = Scoreboard(count: lengths.count)
        defer { scoreboard.deallocate() }
        // Ones among the first symbols that each window sees.
        var ones = lengths.map { length in (0..<length).reduce(0) { $0 + Int(base[$1]) } }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: (blockLength + 1) * 4) { buffer in
            let gains = buffer.baseAddress!
            let hits = gains + 4
            var start = lengths[0]
            while start < count {
                // Blocks end where another window becomes full.
                let stop = lengths.first { $0 > start } ?? count
                let steps = min(blockLength, stop &- start)
                for window in 0..<4 {
                    let row = hits + window &* blockLength
                    gains[window] = 0
                    guard lengths[window] <= start else { continue }
                    gains[window] = slide(
                        base + start,
                        length: lengths[window],
                        steps: steps,
                        ones: &ones[window],
                        hits: row
                    )
                }
                let first = start
                scoreboard.advance(steps: steps, gains: gains) { window, step in
                    guard lengths[window] <= first else { return .silent }
                    return hits[window &* blockLength &+ step] == 1 ? .right : .wrong
                }
                start &+= steps
            }
        }
        return scoreboard.counter.tally(predictions: count - lengths[0])
    }

    /// Predicts `steps` symbols with one window, notes its hits and returns their number.
    @inline(__always)
    private static func slide(
        _ here: UnsafePointer<UInt8>,
        length: Int,
        steps: Int,
        ones: inout Int,
        hits: UnsafeMutablePointer<UInt8>
    ) -> UInt8 {
        let oldest = here - length
        var inWindow = ones
        var gain: UInt8 = 0
        for step in 0..<steps {
            let symbol = here[step]
            let prediction: UInt8 = inWindow &* 2 > length ? 1 : 0
            let hit = prediction ^ symbol ^ 1
            hits[step] = hit
            gain &+= hit
            inWindow = inWindow &+ Int(symbol) &- Int(oldest[step])
        }
        ones = inWindow
        return gain
    }
}
