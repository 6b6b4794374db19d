// Multi most common in window prediction (SP 800-90B, section 6.3.7).
// SPDX-License-Identifier: Apache-2.0

/// Predicts the most common symbol of the last 63, 255, 1,023 or 4,095 symbols.
package enum MultiMCWPredictor {
    /// Runs on any alphabet; needs one symbol more than the longest window has.
    package static func estimate(
        _ symbols: SymbolView,
        following reference: Reference = .nistTool
    ) -> Estimate<PredictionEstimate> {
        let needed = Specification.windowLengths[3] + 1
        guard symbols.count >= needed else {
            return .notApplicable(.tooShort(needed: needed, given: symbols.count))
        }
        let tally = symbols.isBinary ? BinaryMultiMCWPredictor.run(symbols) : run(symbols)
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
        let lengths = Specification.windowLengths
        var windows = lengths.map { Window(length: $0, alphabetSize: symbols.alphabetSize) }
        defer { for window in windows { window.deallocate() } }
        var scores = [Int](repeating: 0, count: windows.count)
        var winner = 0
        var counter = SuccessCounter()
        let base = symbols.base
        for index in 0..<symbols.count {
            let symbol = base[index]
            if index >= lengths[0] {
                counter.record(windows[winner].mode == symbol)
                for window in 0..<4 where index >= lengths[window] && windows[window].mode == symbol
                {
                    scores[window] &+= 1
                    // Ties go to the longer window.
                    if scores[window] >= scores[winner] { winner = window }
                }
            }
            for window in 0..<4 { windows[window].slide(to: index, of: base) }
        }
        return counter.tally(predictions: symbols.count - lengths[0])
    }
}

/// The counts of the symbols in a sliding window and the most common of them.
private struct Window {
    let length: Int
    /// Most common symbol; of several, the one seen last.
    private(set) var mode: UInt8 = 0
    private let alphabetSize: Int
    private let counts: UnsafeMutablePointer<Int32>
    /// Index of the last occurrence of each symbol.
    private let lastSeen: UnsafeMutablePointer<Int32>

    init(length: Int, alphabetSize: Int) {
        self.length = length
        self.alphabetSize = alphabetSize
        counts = .allocate(capacity: 256)
        counts.initialize(repeating: 0, count: 256)
        lastSeen = .allocate(capacity: 256)
        lastSeen.initialize(repeating: -1, count: 256)
    }

    func deallocate() {
        counts.deallocate()
        lastSeen.deallocate()
    }

    /// Takes in the symbol at `index` and drops the one that is `length` symbols older.
    @inline(__always)
    mutating func slide(to index: Int, of base: UnsafePointer<UInt8>) {
        let symbol = base[index]
        counts[Int(symbol)] &+= 1
        lastSeen[Int(symbol)] = Int32(truncatingIfNeeded: index)
        if index >= length {
            let old = base[index &- length]
            counts[Int(old)] &-= 1
            if old == mode, old != symbol {
                search()
                return
            }
        }
        if counts[Int(symbol)] >= counts[Int(mode)] { mode = symbol }
    }

    /// Finds the mode among all symbols, after the former one has lost an occurrence.
    private mutating func search() {
        var best = 0
        for symbol in 1..<alphabetSize {
            let (count, bestCount) = (counts[symbol], counts[best])
            if count > bestCount || count == bestCount && lastSeen[symbol] > lastSeen[best] {
                best = symbol
            }
        }
        mode = UInt8(truncatingIfNeeded: best)
    }
}
