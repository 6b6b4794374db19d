// Most common value estimate (SP 800-90B, section 6.3.1).
// SPDX-License-Identifier: Apache-2.0

/// The entropy of always guessing the most frequent symbol.
package struct MostCommonValueEstimate: EntropyEstimate {
    /// Occurrences of the most frequent symbol.
    package let modeCount: Int
    /// Its relative frequency (p-hat).
    package let frequency: Double
    /// Upper confidence bound of the frequency (p_u).
    package let upperBound: Double
    package let minEntropy: Double

    /// Runs on any alphabet; needs two symbols.
    package static func estimate(
        _ symbols: SymbolView,
        following reference: Reference = .nistTool
    ) -> Estimate<Self> {
        guard symbols.count >= 2 else {
            return .notApplicable(.tooShort(needed: 2, given: symbols.count))
        }
        let modeCount = SymbolHistogram(symbols).mode
        let frequency = PreciseProbability(modeCount, of: symbols.count)
        let bound = frequency.upperBound(count: symbols.count, following: reference)
        return .value(
            Self(
                modeCount: modeCount,
                frequency: frequency.value,
                upperBound: bound.value,
                minEntropy: bound.minEntropy
            )
        )
    }
}

/// Occurrences of every symbol value.
private struct SymbolHistogram {
    /// Occurrences of the most frequent symbol.
    let mode: Int

    init(_ symbols: SymbolView) {
        let base = symbols.base
        mode = withUnsafeTemporaryAllocation(of: Int.self, capacity: 4 * 256) { counts in
            counts.initialize(repeating: 0)
            // Four tables, so that runs of one symbol do not wait for their own store.
            let rounds = symbols.count & ~3
            for index in stride(from: 0, to: rounds, by: 4) {
                counts[Int(base[index])] &+= 1
                counts[256 &+ Int(base[index &+ 1])] &+= 1
                counts[512 &+ Int(base[index &+ 2])] &+= 1
                counts[768 &+ Int(base[index &+ 3])] &+= 1
            }
            for index in rounds..<symbols.count { counts[Int(base[index])] &+= 1 }
            var mode = 0
            for symbol in 0..<256 {
                let even = counts[symbol] + counts[512 + symbol]
                let odd = counts[256 + symbol] + counts[768 + symbol]
                mode = max(mode, even + odd)
            }
            return mode
        }
    }
}
