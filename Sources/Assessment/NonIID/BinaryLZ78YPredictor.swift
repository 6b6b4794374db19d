// LZ78Y prediction of bit strings (SP 800-90B, section 6.3.10).
// SPDX-License-Identifier: Apache-2.0

/// The binary case of `LZ78YPredictor`, with contexts as array indices, in mostly one or two
/// look-ups per symbol.
///
/// A context never has a higher count than its suffix. Once both successors have been counted
/// more often for the suffix, it can never win again, nor can its extensions: they need not be
/// counted any more.
package enum BinaryLZ78YPredictor {
    /// Needs one symbol more than the longest context has.
    package static func run(_ symbols: SymbolView) -> PredictionTally {
        let base = symbols.base
        // Successors 0 and 1 of the context of d bits with the value x stand at 2 (2^d + x).
        let counts = ScratchMemory<UInt32>(count: 4 << depthCount)
        defer { counts.deallocate() }
        var counter = SuccessCounter()
        var room = Specification.dictionaryContexts
        var history = 0
        for index in 0..<depthCount { history = history &<< 1 | Int(base[index]) }

        for index in depthCount..<symbols.count {
            let symbol = Int(base[index])
            let firstUnknown = room > 0 ? firstUnknownLength(history, counts.base) : depthCount &+ 1
            var prediction = -1
            var bestCount: UInt32 = 0
            // Counts of the longest known suffix.
            var (zeros, ones) = (UInt32(0), UInt32(0))
            var depth = 1
            while depth < firstUnknown {
                let pair = counts.base + 2 &* slot(history, depth)
                let (zerosHere, onesHere) = (pair[0], pair[1])
                depth &+= 1
                if zerosHere | onesHere == 0 { continue }
                if zerosHere < zeros, onesHere < ones { break }
                (zeros, ones) = (zerosHere, onesHere)
                // Ties go to the longer context, and in it to the 1.
                if max(zeros, ones) >= bestCount {
                    bestCount = max(zeros, ones)
                    prediction = ones >= zeros ? 1 : 0
                }
                pair[symbol] &+= 1
            }
            if index > depthCount { counter.record(prediction == symbol) }
            // Unknown contexts are added from the longest down, as far as there is room.
            depth = depthCount
            while depth >= firstUnknown, room > 0 {
                counts[2 &* slot(history, depth) &+ symbol] = 1
                room &-= 1
                depth &-= 1
            }
            history = history &<< 1 | symbol
        }
        return counter.tally(predictions: symbols.count - depthCount - 1)
    }

    /// Length of the shortest unknown context; all longer ones are unknown while there is room.
    @inline(__always)
    private static func firstUnknownLength(
        _ history: Int,
        _ counts: UnsafePointer<UInt32>
    ) -> Int {
        var length = depthCount &+ 1
        while length > 1 {
            let pair = counts + 2 &* slot(history, length &- 1)
            if pair[0] | pair[1] != 0 { break }
            length &-= 1
        }
        return length
    }

    @inline(__always)
    private static func slot(_ history: Int, _ depth: Int) -> Int {
        let bit = 1 &<< depth
        return bit | history & (bit &- 1)
    }

    private static let depthCount = Specification.dictionaryDepth
}
