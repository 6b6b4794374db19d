// LZ78Y prediction (SP 800-90B, section 6.3.10).
// SPDX-License-Identifier: Apache-2.0

/// Predicts with a dictionary of up to 65,536 contexts of 1 to 16 symbols.
package enum LZ78YPredictor {
    /// Runs on any alphabet; needs one prediction, or two for a binary sequence.
    package static func estimate(
        _ symbols: SymbolView,
        following reference: Reference = .nistTool
    ) -> Estimate<PredictionEstimate> {
        let needed = depthCount + 3
        guard symbols.count >= needed else {
            return .notApplicable(.tooShort(needed: needed, given: symbols.count))
        }
        let tally = symbols.isBinary ? BinaryLZ78YPredictor.run(symbols) : run(symbols)
        return .value(
            PredictionEstimate(
                tally,
                alphabetSize: symbols.alphabetSize,
                following: reference
            )
        )
    }

    /// The general case, for any alphabet.
    package static func run(_ symbols: SymbolView) -> PredictionTally {
        let base = symbols.base
        var table = ContextTable(
            alphabetSize: symbols.alphabetSize,
            capacity: ContextTable.capacity(for: depthCount * symbols.count, limit: slotLimit)
        )
        defer { table.deallocate() }

        var counter = SuccessCounter()
        var room = Specification.dictionaryContexts
        for index in depthCount..<symbols.count {
            let symbol = base[index]
            var slot = table.root
            var depth = 0
            var bestCount: UInt32 = 0
            var prediction = -1
            while depth < depthCount {
                let next = table.find(parent: slot, symbol: base[index &- 1 &- depth])
                if next < 0 { break }
                slot = next
                let count = table.bestCount(slot)
                if count > 0 {
                    // Ties go to the longer context.
                    if count >= bestCount {
                        bestCount = count
                        prediction = Int(table.bestSymbol(slot))
                    }
                    table.learn(slot, symbol, pairLimit: .max)
                }
                depth &+= 1
            }
            if index > depthCount { counter.record(prediction == Int(symbol)) }
            guard room > 0 else { continue }
            // Unknown contexts are added from the longest down, as far as there is room; shorter
            // ones then only lead to the longer.
            let firstMember = max(depth, depthCount &- room)
            while depth < depthCount {
                slot = table.findOrInsert(
                    parent: slot,
                    symbol: base[index &- 1 &- depth]
                )
                if depth >= firstMember {
                    table.learn(slot, symbol, pairLimit: .max)
                    room &-= 1
                }
                depth &+= 1
            }
        }
        return counter.tally(predictions: symbols.count - depthCount - 1)
    }

    private static let depthCount = Specification.dictionaryDepth
    /// Slots: the power of two that leaves half of them empty when the dictionary is full.
    private static let slotLimit = 1 << 17
}
