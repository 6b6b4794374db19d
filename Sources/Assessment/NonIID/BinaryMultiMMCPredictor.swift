// Multi Markov model with counting prediction of bit strings (SP 800-90B, section 6.3.9).
// SPDX-License-Identifier: Apache-2.0

/// The binary case of `MultiMMCPredictor`, with contexts as array indices.
///
/// Depths 1 to 15 have at most 65,536 pairs each, so that the limit of 100,000 never binds: one
/// number per context is enough, twice the excess of ones plus 1, or 0 for an unknown context.
/// Only depth 16 counts its pairs. A known context has known suffixes, so that the rule not to ask
/// longer contexts after an unknown one needs no code.
package enum BinaryMultiMMCPredictor {
    /// Needs one symbol more than the deepest context has.
    package static func run(
        _ symbols: SymbolView,
        following reference: Reference = .nistTool
    ) -> PredictionTally {
        let base = symbols.base
        let count = symbols.count
        var model = Model(base)
        defer { model.deallocate() }
        var scoreboard = Scoreboard(count: depthCount, countsSilence: reference.countsSilence)
        defer { scoreboard.deallocate() }
        let blockLength = Scoreboard.blockLength
        withUnsafeTemporaryAllocation(
            of: UInt8.self,
            capacity: (blockLength + 1) * depthCount
        ) { buffer in
            let gains = buffer.baseAddress!
            let outcomes = gains + depthCount
            var history = Int(base[0] &<< 1 | base[1])
            var start = 2
            while start < count {
                // In the first steps the deeper models do not take part yet.
                let depths = min(depthCount, start &- 1)
                let steps = depths < depthCount ? 1 : min(blockLength, count &- start)
                for step in 0..<steps {
                    let symbol = Int(base[start &+ step])
                    let row = outcomes + step &* depthCount
                    if depths < depthCount {
                        for depth in 1...depthCount {
                            row[depth &- 1] =
                                depth <= depths ? model.step(depth, history, symbol) : silent
                        }
                    } else {
                        for depth in 1..<depthCount {
                            row[depth &- 1] = model.step(depth, history, symbol)
                        }
                        row[depthCount &- 1] = model.deepStep(history, symbol)
                    }
                    history = history &<< 1 | symbol
                }
                var sum = SIMD16<UInt8>()
                for step in 0..<steps {
                    let row = UnsafeRawPointer(outcomes + step &* depthCount)
                    sum &+= row.loadUnaligned(as: SIMD16<UInt8>.self) & 1
                }
                UnsafeMutableRawPointer(gains).storeBytes(of: sum, as: SIMD16<UInt8>.self)
                scoreboard.advance(steps: steps, gains: gains) { depth, step in
                    switch outcomes[step &* depthCount &+ depth] {
                    case right: .right
                    case silent: .silent
                    default: .wrong
                    }
                }
                start &+= steps
            }
        }
        return scoreboard.counter.tally(predictions: count - 2)
    }

    fileprivate static let depthCount = Specification.markovModelDepth
    fileprivate static let right: UInt8 = 1
    fileprivate static let silent: UInt8 = 2
}

/// The contexts of all depths. The context of d bits with the value x stands at 2^d + x.
private struct Model {
    private let excess: ScratchMemory<Int32>
    /// Counts of the pairs of the greatest depth: successor 0 and 1 of each context.
    private let deepCounts: ScratchMemory<UInt32>
    private var deepPairs = 0

    private static var depthCount: Int { BinaryMultiMMCPredictor.depthCount }

    /// Every depth starts with its first context, even where that has not been reached yet.
    init(_ base: UnsafePointer<UInt8>) {
        excess = ScratchMemory(count: 1 << Self.depthCount)
        deepCounts = ScratchMemory(count: 2 << Self.depthCount)
        var history = 0
        for depth in 1...Self.depthCount {
            history = history &<< 1 | Int(base[depth - 1])
            let symbol = Int(base[depth])
            if depth < Self.depthCount {
                _ = step(depth, history, symbol)
            } else {
                _ = deepStep(history, symbol)
            }
        }
    }

    func deallocate() {
        excess.deallocate()
        deepCounts.deallocate()
    }

    /// Predicts a symbol at a depth below the greatest, learns it and returns the outcome.
    @inline(__always)
    func step(_ depth: Int, _ history: Int, _ symbol: Int) -> UInt8 {
        let bit = 1 &<< depth
        let context = bit | history & (bit &- 1)
        let value = excess[context]
        let isNew: Int32 = value == 0 ? 1 : 0
        // Ties go to the 1: an excess of 0 is stored as 1.
        let prediction = value > 0 ? 1 : 0
        excess[context] = value &+ Int32(truncatingIfNeeded: symbol &* 4 &- 2) &+ isNew
        let hit = UInt8(truncatingIfNeeded: prediction ^ symbol ^ 1)
        let fresh = UInt8(truncatingIfNeeded: isNew)
        return hit & (fresh ^ 1) | fresh &<< 1
    }

    /// The same at the greatest depth, where the number of pairs is limited.
    @inline(__always)
    mutating func deepStep(_ history: Int, _ symbol: Int) -> UInt8 {
        let mask = 1 &<< Self.depthCount &- 1
        let pair = deepCounts.base + (history & mask) &<< 1
        let (zeros, ones) = (pair[0], pair[1])
        if pair[symbol] > 0 {
            pair[symbol] &+= 1
        } else if deepPairs < Specification.markovModelPairs {
            pair[symbol] = 1
            deepPairs &+= 1
        }
        if zeros | ones == 0 { return BinaryMultiMMCPredictor.silent }
        let prediction = ones >= zeros ? 1 : 0
        return UInt8(truncatingIfNeeded: prediction ^ symbol ^ 1)
    }
}
