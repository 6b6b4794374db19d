// Blocks from this processor's own noise sources, for boot and for boards without the daemon.
// SPDX-License-Identifier: Apache-2.0

internal import Conditioning
package import Entropy
internal import HealthTests
internal import LinuxSystem
package import NoiseSources

/// The daemon's path in small: noise sources, health chains, pool. What it returns was credited by the
/// same rules and is full entropy.
///
/// The sources take turns of one health window each, until the pool holds what is asked for. A source
/// that fails its tests is left out; when none is left, that is an error that names each and why.
package struct CPUBlockSupply: BlockSupply {
    private let gatherer: Gatherer

    package init() {
        self.init(sources: [
            JitterSource(NoiseSourceSettings()), CPUSource(NoiseSourceSettings()),
        ])
    }

    package init(sources: [any NoiseSource]) {
        gatherer = Gatherer(sources)
    }

    package mutating func fill(
        _ buffer: UnsafeMutableRawBufferPointer
    ) throws(SupplyError) -> Bits {
        try gatherer.fill(buffer)
        return Bits(Double(buffer.count * 8))
    }
}

/// The state behind the supply, which a copyable value cannot hold itself.
private final class Gatherer {
    private var members: [Member]
    private var pool: EntropyPool
    private let memory = SecretBytes(count: turnSamples * MemoryLayout<RawSample>.stride)

    private struct Member {
        let source: any NoiseSource
        var monitor: HealthMonitor
        var isOpen = false
        var problem: String?
    }

    init(_ sources: [any NoiseSource]) {
        members = sources.map {
            Member(source: $0, monitor: HealthMonitor(descriptor: $0.descriptor))
        }
        // One block is in the reservoir or none: nothing gathered early waits for hours to be used.
        guard let reservoir = Reservoir(capacity: reservoirByteCount),
            let pool = EntropyPool(
                sources: sources.map { source in
                    let descriptor = source.descriptor
                    guard let policy = CreditPolicy(for: descriptor) else {
                        preconditionFailure("the default safety factor is a possible one")
                    }
                    return EntropyPool.Source(
                        name: descriptor.name,
                        sampleBits: descriptor.sampleBits,
                        policy: policy
                    )
                },
                reservoir: reservoir
            )
        else { preconditionFailure("one source a block is a possible minimum") }
        self.pool = pool
    }

    deinit { for member in members { member.source.close() } }

    func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(SupplyError) {
        var filled = 0
        while filled < buffer.count {
            filled += pool.take(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
            if filled < buffer.count { try gather() }
        }
    }

    /// One turn of each source.
    private func gather() throws(SupplyError) {
        var working = false
        for index in members.indices {
            let now = SystemClock.now
            guard members[index].monitor.wantsSamples || members[index].monitor.beginRetry(at: now)
            else { continue }
            do throws(NoiseSourceError) {
                try takeTurn(index, now)
                working = true
            } catch {
                members[index].problem = error.description
                members[index].monitor.sourceError(at: now)
                members[index].source.close()
                members[index].isOpen = false
                pool.discardPending(from: index)
            }
        }
        guard working else { throw SupplyError(.unhealthy, complaint) }
    }

    private func takeTurn(_ index: Int, _ now: Duration) throws(NoiseSourceError) {
        if !members[index].isOpen { try members[index].source.open() }
        members[index].isOpen = true
        try memory.withMutableBytes {
            (bytes: UnsafeMutableRawBufferPointer) throws(NoiseSourceError) in
            defer { wipe(bytes) }
            let buffer = bytes.bindMemory(to: RawSample.self)
            let count = try members[index].source.sample(into: buffer, wake: -1)
            let samples = UnsafeBufferPointer(rebasing: buffer[..<count])
            let failure = members[index].monitor.judge(samples, at: now) { part, decision in
                pool.add(part, from: index, decision)
            }
            guard let failure else { return }
            members[index].problem = "\(members[index].source.descriptor.name): \(failure)."
        }
    }

    private var complaint: String {
        let reasons = members.map { $0.problem ?? "\($0.source.descriptor.name) gives nothing." }
        return "No noise source of this processor can be used. " + reasons.joined(separator: " ")
    }
}

extension EntropyPool {
    mutating func add(
        _ samples: UnsafeBufferPointer<RawSample>,
        from source: Int,
        _ decision: HealthMonitor.Decision
    ) {
        switch decision {
        case .wait(let creditable):
            add(samples, from: source, creditable: creditable)
        case .worthless:
            add(samples, from: source, creditable: 0)
            discardPending(from: source)
        }
    }
}

/// Samples: one window of the adaptive proportion test.
private let turnSamples = 512
/// Bytes: the most that one feeding asks for.
private let reservoirByteCount = 512
