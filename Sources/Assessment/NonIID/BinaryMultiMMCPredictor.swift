// Multi Markov model with counting prediction of bit strings (SP 800-90B, section 6.3.9).
// SPDX-License-Identifier: Apache-2.0

/// The binary case of `MultiMMCPredictor`, with contexts as array indices.
///
/// Depths 1 to 15 have at most 65,536 pairs each, so that the limit of 100,000 never binds: one
/// number per context is enough, twice the excess of ones plus 1, or 0 for an unknown context.
/// Only depth 16 counts its pairs. A known context has known suffixes, so that the rule not to ask
/// longer contexts after an unknown one needs no code.
///
/// Each depth takes a block of 64 bits by itself and leaves two words: where it was right and where it
/// knew the context. The scoreboard then looks at the steps of those depths only that may lead.
package enum BinaryMultiMMCPredictor {
    /// Needs one symbol more than the deepest context has.
    package static func run(
        _ symbols: SymbolView,
        following reference: Reference = .nistTool
    ) -> PredictionTally {
        let count = symbols.count
        var model = Model(symbols.base)
        defer { model.deallocate() }
        var scoreboard = Scoreboard(
            count: depthCount,
            countsSilence: reference.countsSilence
        )
        defer { scoreboard.deallocate() }
        let block = Block()
        defer { block.deallocate() }
        var start = 2
        while start < count {
            // In the first steps the deeper models do not take part yet, and each is taken by itself.
            let depths = min(depthCount, start &- 1)
            let steps =
                depths < depthCount ? 1 : min(Scoreboard.blockLength, count &- start)
            block.load(symbols.base, from: start, steps: steps)
            model.advance(block, depths: depths)
            scoreboard.advance(steps: steps, gains: block.gains) { depth, step in
                let place = UInt64(truncatingIfNeeded: steps &- 1 &- step)
                if (block.known[depth] &>> place) & 1 == 0 { return .silent }
                return (block.right[depth] &>> place) & 1 == 0 ? .wrong : .right
            }
            start &+= steps
        }
        return scoreboard.counter.tally(predictions: count - 2)
    }

    fileprivate static let depthCount = Specification.markovModelDepth
}

/// Up to 64 bits in succession, and what each depth made of them.
private struct Block {
    /// For each bit the 16 bits before it, or as many as there are, and above them what the bit adds to the
    /// excess of its context: 2 or -2.
    let items: UnsafeMutablePointer<UInt32>
    /// The bits, the last one in the lowest place, and their number.
    private let facts: UnsafeMutablePointer<(bits: UInt64, count: Int)>
    /// By depth, from depth 1 at index 0 on: where the prediction was right, where there was one (both with
    /// the last bit in the lowest place), and how often it was right.
    let right: UnsafeMutablePointer<UInt64>
    let known: UnsafeMutablePointer<UInt64>
    let gains: UnsafeMutablePointer<UInt8>

    init() {
        items = .allocate(capacity: Scoreboard.blockLength)
        facts = .allocate(capacity: 1)
        right = .allocate(capacity: BinaryMultiMMCPredictor.depthCount)
        known = .allocate(capacity: BinaryMultiMMCPredictor.depthCount)
        gains = .allocate(capacity: BinaryMultiMMCPredictor.depthCount)
    }

    func deallocate() {
        items.deallocate()
        facts.deallocate()
        right.deallocate()
        known.deallocate()
        gains.deallocate()
    }

    var count: Int { facts.pointee.count }

    /// Takes `steps` bits from place `start` on, at least 2.
    func load(_ base: UnsafePointer<UInt8>, from start: Int, steps: Int) {
        var history: UInt32 = 0
        for place in max(0, start &- 16)..<start {
            history = history &<< 1 | UInt32(base[place])
        }
        var bits: UInt64 = 0
        for step in 0..<steps {
            let bit = UInt32(base[start &+ step])
            let change = (bit &* 4 &- 2) &<< 16
            items[step] = history & 0xffff | change
            bits = bits &<< 1 | UInt64(bit)
            history = history &<< 1 | bit
        }
        facts.pointee = (bits, steps)
    }

    /// Notes what a depth predicted, zeros in `zeros`, and where it knew the context.
    @inline(__always)
    func note(_ depth: Int, zeros: UInt64, known here: UInt64) {
        let hits = (zeros ^ facts.pointee.bits) & here
        right[depth &- 1] = hits
        known[depth &- 1] = here
        gains[depth &- 1] = UInt8(truncatingIfNeeded: hits.nonzeroBitCount)
    }
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
        var context = 0
        for depth in 1...Self.depthCount {
            context = context &<< 1 | Int(base[depth - 1])
            let symbol = Int(base[depth])
            if depth < Self.depthCount {
                excess[1 << depth + context] = Int32(symbol * 4 - 1)
            } else {
                deepCounts[2 * context + symbol] = 1
                deepPairs = 1
            }
        }
    }

    func deallocate() {
        excess.deallocate()
        deepCounts.deallocate()
    }

    /// Predicts and learns a block at the depths 1...`depths`; deeper ones are silent.
    mutating func advance(_ block: Block, depths: Int) {
        guard depths == Self.depthCount else {
            for depth in 1...Self.depthCount {
                if depth <= depths {
                    advance(block, depth)
                } else {
                    block.note(depth, zeros: 0, known: 0)
                }
            }
            return
        }
        advanceShortest(block)
        for depth in 5..<Self.depthCount { advance(block, depth) }
        advanceDeepest(block)
    }

    /// Predictions of a depth in one block, the last one in the lowest place.
    private struct Predictions {
        var zeros: UInt64 = 0
        var known: UInt64 = 0
        private let contexts: UnsafeMutablePointer<Int32>
        private let mask: UInt32

        @inline(__always)
        init(_ excess: UnsafeMutablePointer<Int32>, _ depth: Int) {
            contexts = excess + 1 &<< depth
            mask = UInt32(truncatingIfNeeded: 1 &<< depth &- 1)
        }

        /// Predicts, then learns. Ties go to the 1: an excess of 0 is stored as 1. An unknown context is
        /// 0, and odd from then on.
        @inline(__always)
        mutating func learn(_ item: UInt32) {
            let context = contexts + Int(item & mask)
            let value = context.pointee
            context.pointee = (value &+ Int32(bitPattern: item) &>> 16) | 1
            zeros = zeros &* 2 &+ UInt64(UInt32(bitPattern: value) &>> 31)
            known = known &* 2 &+ UInt64(UInt32(bitPattern: value) & 1)
        }
    }

    private func advance(_ block: Block, _ depth: Int) {
        var predictions = Predictions(excess.base, depth)
        for step in 0..<block.count { predictions.learn(block.items[step]) }
        block.note(depth, zeros: predictions.zeros, known: predictions.known)
    }

    /// The depths 1 to 4 side by side: their few contexts come again at once and must wait for their own
    /// store, which others can use.
    private func advanceShortest(_ block: Block) {
        var first = Predictions(excess.base, 1)
        var second = Predictions(excess.base, 2)
        var third = Predictions(excess.base, 3)
        var fourth = Predictions(excess.base, 4)
        for step in 0..<block.count {
            let item = block.items[step]
            first.learn(item)
            second.learn(item)
            third.learn(item)
            fourth.learn(item)
        }
        block.note(1, zeros: first.zeros, known: first.known)
        block.note(2, zeros: second.zeros, known: second.known)
        block.note(3, zeros: third.zeros, known: third.known)
        block.note(4, zeros: fourth.zeros, known: fourth.known)
    }

    /// The greatest depth, where the number of pairs is limited.
    private mutating func advanceDeepest(_ block: Block) {
        var (zeros, known): (UInt64, UInt64) = (0, 0)
        for step in 0..<block.count {
            let item = block.items[step]
            let pair = deepCounts.base + Int(item & 0xffff) &<< 1
            let (zeroCount, oneCount) = (pair[0], pair[1])
            let symbol = Int32(bitPattern: item) > 0 ? 1 : 0
            if pair[symbol] > 0 {
                pair[symbol] &+= 1
            } else if deepPairs < Specification.markovModelPairs {
                pair[symbol] = 1
                deepPairs &+= 1
            }
            zeros = zeros &* 2 &+ (oneCount >= zeroCount ? 0 : 1)
            known = known &* 2 &+ (zeroCount | oneCount == 0 ? 0 : 1)
        }
        block.note(Self.depthCount, zeros: zeros, known: known)
    }
}
