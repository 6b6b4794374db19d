// Staging, accumulator, ledger and reservoir in one: samples in, full-entropy bytes out.
// SPDX-License-Identifier: Apache-2.0

package import Entropy

/// The pool. Sources are known by their index, from ``register(_:)`` to ``unregister(_:)``.
///
/// Invariant: each 64 bytes that leave were preceded by at least 576 bits of credit for samples
/// that went into just that block. Blocks are drawn as soon as there is credit for one and room in
/// the reservoir; while there is no room, everything is still mixed, but credit stays at one
/// block's need. It knows no clock and no thread: the owner serialises.
package struct EntropyPool: ~Copyable {
    /// One source as the pool sees it.
    package struct Source: Sendable {
        package var name: String
        package var sampleBits: Int
        package var policy: CreditPolicy

        /// `sampleBits` in 1...8.
        package init(name: String, sampleBits: Int, policy: CreditPolicy) {
            precondition((1...8).contains(sampleBits))
            self.name = name
            self.sampleBits = sampleBits
            self.policy = policy
        }
    }

    private var staging: SampleStaging
    private var blocks: BlockMaker
    /// Indices that are free again.
    private var vacancies: [Int] = []

    /// Nil unless `minimumSources` is in 1...8.
    package init?(sources: [Source], minimumSources: Int = 1, reservoir: consuming Reservoir) {
        guard
            let ledger = Ledger(
                sourceNames: sources.map(\.name),
                minimumSources: minimumSources
            )
        else { return nil }
        staging = SampleStaging(sourceCount: sources.count)
        blocks = BlockMaker(sources: sources, ledger: ledger, reservoir: reservoir)
    }

    /// A place for one more source.
    package mutating func register(_ source: Source) -> Int {
        if let index = vacancies.popLast() {
            blocks.open(source, at: index)
            return index
        }
        staging.addSource()
        let index = staging.sourceCount - 1
        blocks.open(source, at: index)
        return index
    }

    /// The source is gone: what is undecided is mixed and never credited, its place is free for another.
    package mutating func unregister(_ source: Int) {
        discardPending(from: source)
        vacancies.append(source)
    }

    /// Takes new samples of a source, and word from its health tests that the oldest `creditable`
    /// of all its undecided samples, those of earlier calls included, have passed. The others wait.
    package mutating func add(
        _ samples: UnsafeBufferPointer<RawSample>,
        from source: Int,
        creditable: Int
    ) {
        blocks.ledger.see(samples: samples.count, from: source)
        let earlier = min(staging.pendingCount(of: source), max(creditable, 0))
        release(earlier, from: source)
        // What passed already need not wait. Only when nothing older waits can there be any such.
        let now = min(max(creditable, 0) - earlier, samples.count)
        for start in stride(from: 0, to: now, by: staging.capacity) {
            let end = min(start + staging.capacity, now)
            stage(UnsafeBufferPointer(rebasing: samples[start..<end]), from: source)
            release(end - start, from: source)
        }
        stage(UnsafeBufferPointer(rebasing: samples[now...]), from: source)
    }

    /// The source's undecided samples failed: they are mixed and never credited.
    package mutating func discardPending(from source: Int) {
        staging.discard(from: source) { blocks.mix($0, from: source) }
    }

    /// Mixes bytes that never count: seed files, network addresses, the kernel's generator.
    package mutating func mix(_ bytes: UnsafeRawBufferPointer) {
        blocks.accumulator.mix(bytes)
    }

    /// Moves up to `output.count` full-entropy bytes out; returns their number. Each is delivered
    /// once.
    package mutating func take(into output: UnsafeMutableRawBufferPointer) -> Int {
        blocks.take(into: output)
    }

    /// Bytes ready to be taken.
    package var level: Int { blocks.reservoir.level }

    /// Whether sources should run.
    package var wantsRefill: Bool { blocks.reservoir.wantsRefill }

    package var facts: PoolFacts { blocks.facts }

    private mutating func stage(_ samples: UnsafeBufferPointer<RawSample>, from source: Int) {
        let mask = (RawSample(1) << RawSample(blocks.sources[source].sampleBits)) - 1
        staging.stage(samples, mask: mask, from: source) { blocks.mix($0, from: source) }
    }

    private mutating func release(_ count: Int, from source: Int) {
        staging.release(count, from: source) { blocks.mixAndCredit($0, from: source) }
    }
}

/// What happens to decided samples.
private struct BlockMaker: ~Copyable {
    private(set) var sources: [EntropyPool.Source]
    var accumulator = Accumulator()
    var ledger: Ledger
    var reservoir: Reservoir
    private let block = SecretBytes(count: Accumulator.blockByteCount)
    private var blocksDrawn: UInt64 = 0
    private var bytesTaken: UInt64 = 0

    init(sources: [EntropyPool.Source], ledger: Ledger, reservoir: consuming Reservoir) {
        self.sources = sources
        self.ledger = ledger
        self.reservoir = reservoir
    }

    /// Gives place `index`, one of the present ones or the next, to `source`.
    mutating func open(_ source: EntropyPool.Source, at index: Int) {
        if index < sources.count { sources[index] = source } else { sources.append(source) }
        ledger.open(source.name, at: index)
    }

    mutating func mix(_ bytes: UnsafeRawBufferPointer, from source: Int) {
        accumulator.mix(
            sampleBytes: bytes,
            sampleBits: sources[source].sampleBits,
            source: source
        )
    }

    /// Mixes in pieces of just what the block still needs, so that no sample's credit is spent on a
    /// block that is full already.
    mutating func mixAndCredit(_ bytes: UnsafeRawBufferPointer, from source: Int) {
        let policy = sources[source].policy
        var next = 0
        while next < bytes.count {
            let room = Accumulator.blockCriterionUnits - accumulator.creditedUnits
            let needed = min(room, ledger.roomInShare(of: source))
            var piece = bytes.count - next
            if needed > 0, policy.unitsPerSample > 0 {
                let samples = (needed + policy.unitsPerSample - 1) / policy.unitsPerSample
                piece = Int(min(Int64(piece), samples))
            }
            mix(UnsafeRawBufferPointer(rebasing: bytes[next..<(next + piece)]), from: source)
            accumulator.credit(
                ledger.book(
                    policy.credit(samples: piece),
                    samples: piece,
                    from: source,
                    room: room
                )
            )
            next += piece
            drawIfPossible()
        }
    }

    mutating func take(into output: UnsafeMutableRawBufferPointer) -> Int {
        var taken = 0
        while taken < output.count {
            let more = reservoir.take(
                into: UnsafeMutableRawBufferPointer(rebasing: output[taken...])
            )
            guard more > 0 else { break }
            taken += more
            // There may be room now for the block that credit was waiting with.
            drawIfPossible()
        }
        bytesTaken += UInt64(taken)
        return taken
    }

    private mutating func drawIfPossible() {
        guard reservoir.hasRoom else { return }
        block.withMutableBytes { bytes in
            guard accumulator.drawBlock(into: bytes) else { return }
            _ = reservoir.append(UnsafeRawBufferPointer(bytes))
            wipe(bytes)
            ledger.closeBlock()
            blocksDrawn += 1
        }
    }

    var facts: PoolFacts {
        PoolFacts(
            sources: ledger.accounts,
            minimumSources: ledger.minimumSources,
            creditedBits: accumulator.creditedBits,
            blocksDrawn: blocksDrawn,
            bytesTaken: bytesTaken,
            level: reservoir.level,
            capacity: reservoir.capacity,
            lowMark: reservoir.lowMark,
            highMark: reservoir.highMark,
            wantsRefill: reservoir.wantsRefill
        )
    }
}

/// What may be told about a pool: amounts, never bytes.
package struct PoolFacts: Sendable {
    package var sources: [Ledger.Account]
    package var minimumSources: Int
    /// Counted towards the block being gathered, of ``Accumulator/blockCriterionBits``.
    package var creditedBits: Bits
    package var blocksDrawn: UInt64
    package var bytesTaken: UInt64
    /// Reservoir: bytes.
    package var level: Int
    package var capacity: Int
    package var lowMark: Int
    package var highMark: Int
    package var wantsRefill: Bool
}
