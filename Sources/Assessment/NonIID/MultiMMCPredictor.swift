// Multi Markov model with counting prediction (SP 800-90B, section 6.3.9).
// SPDX-License-Identifier: Apache-2.0

/// Predicts the most frequent successor of the last 1 to 16 symbols.
package enum MultiMMCPredictor {
    /// Runs on any alphabet; every depth must have learned one successor, which needs 17 symbols.
    package static func estimate(
        _ symbols: SymbolView,
        following reference: Reference = .nistTool
    ) -> Estimate<PredictionEstimate> {
        let needed = depthCount + 1
        guard symbols.count >= needed else {
            return .notApplicable(.tooShort(needed: needed, given: symbols.count))
        }
        let tally =
            symbols.isBinary
            ? BinaryMultiMMCPredictor.run(symbols, following: reference)
            : run(symbols, following: reference)
        return .value(
            PredictionEstimate(
                tally,
                alphabetSize: symbols.alphabetSize,
                following: reference
            )
        )
    }

    /// The general case, for any alphabet.
    package static func run(
        _ symbols: SymbolView,
        following reference: Reference = .nistTool
    ) -> PredictionTally {
        let base = symbols.base
        let tables = UnsafeMutablePointer<ContextTable>.allocate(capacity: depthCount)
        for depth in 0..<depthCount {
            (tables + depth).initialize(
                to: ContextTable(
                    length: depth + 1,
                    alphabetSize: symbols.alphabetSize,
                    capacity: ContextTable.capacity(for: symbols.count, limit: slotLimit)
                )
            )
        }
        defer {
            for depth in 0..<depthCount { tables[depth].deallocate() }
            tables.deallocate()
        }
        // Every depth starts with its first context, even where that has not been reached yet.
        for depth in 0..<depthCount {
            var slot = 0
            for level in 0...depth {
                slot = tables[level].findOrInsert(parent: slot, symbol: base[depth - level])
            }
            tables[depth].learn(slot, base[depth + 1], pairLimit: pairLimit)
        }

        var depthScores = DepthScores()
        defer { depthScores.deallocate() }
        var counter = SuccessCounter()
        // Bit d is set while the table of depth d + 1 can take in another pair.
        var open = (UInt32(1) &<< UInt32(depthCount)) &- 1
        for index in 2..<symbols.count {
            let symbol = base[index]
            let winner = depthScores.winner
            var slot = 0
            var isKnown = true
            var isSilent = true
            for depth in 0..<min(depthCount, index &- 1) {
                let parent = slot
                let older = base[index &- 1 &- depth]
                slot = tables[depth].find(parent: parent, symbol: older)
                if isKnown, slot >= 0, tables[depth].bestCount(slot) > 0 {
                    let isRight = tables[depth].bestSymbol(slot) == symbol
                    if depth == winner {
                        counter.record(isRight)
                        isSilent = false
                    }
                    if isRight { depthScores.add(depth) }
                    tables[depth].learn(slot, symbol, pairLimit: pairLimit)
                } else {
                    // Longer contexts are not asked any more, but learn while there is room.
                    isKnown = false
                    if open &>> UInt32(depth) == 0 { break }
                    if slot < 0 { slot = tables[depth].findOrInsert(parent: parent, symbol: older) }
                    if tables[depth].pairCount < pairLimit {
                        tables[depth].learn(slot, symbol, pairLimit: pairLimit)
                    }
                }
                if tables[depth].pairCount == pairLimit { open &= ~(1 &<< UInt32(depth)) }
            }
            if isSilent, reference.countsSilence { counter.record(false) }
        }
        return counter.tally(predictions: symbols.count - 2)
    }

    private static let depthCount = Specification.markovModelDepth
    private static let pairLimit = Specification.markovModelPairs
    /// Slots per depth: the power of two that leaves more than half of them empty at the limit.
    private static let slotLimit = 1 << 18
}

/// Scores of the depths and the leader among them; ties go to the later one.
private struct DepthScores {
    private(set) var winner = 0
    private let scores: UnsafeMutablePointer<Int>

    init() {
        scores = .allocate(capacity: Specification.markovModelDepth)
        scores.initialize(repeating: 0, count: Specification.markovModelDepth)
    }

    func deallocate() { scores.deallocate() }

    @inline(__always)
    mutating func add(_ depth: Int) {
        scores[depth] &+= 1
        if scores[depth] >= scores[winner] { winner = depth }
    }
}
