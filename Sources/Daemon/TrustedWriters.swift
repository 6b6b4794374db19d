// What trusted clients write (EGD command 03), treated as a noise source of its own.
// SPDX-License-Identifier: Apache-2.0

internal import Conditioning
internal import Entropy
internal import HealthTests
internal import LinuxSystem
internal import Synchronization

/// Bytes of clients whom the operator trusts with a claim. They are samples like any other: they pass the
/// start-up test first, then count as far as the health chain lets them, at the configured claim times the
/// safety factor. A writer that claims less than that has only so many of its bytes counted; one that
/// claims more gains nothing.
final class TrustedWriters: Sendable {
    private let pool: Pool
    private let place: Int
    private let descriptor: NoiseSourceDescriptor
    private let policy: CreditPolicy
    private let state: Mutex<State>
    /// The pool tells it when sources shall run; writers come when they like.
    private let wake: EventDescriptor

    private struct State: ~Copyable {
        var monitor: HealthMonitor
        let memory = SecretBytes(count: longestWrite * MemoryLayout<RawSample>.stride)
    }

    init(pool: Pool, claim: BitsPerSample, safetyFactor: Double) throws {
        self.pool = pool
        descriptor = NoiseSourceDescriptor(
            name: "writers",
            summary: "What trusted clients write.",
            sampleBits: 8,
            kind: .symbols,
            claim: EntropyClaim(minEntropy: claim, origin: .operatorStated)
        )
        guard let policy = CreditPolicy(for: descriptor, safetyFactor: safetyFactor) else {
            preconditionFailure("a safety factor outside 0...1 passed the configuration")
        }
        self.policy = policy
        wake = try EventDescriptor()
        place = pool.register(
            EntropyPool.Source(name: descriptor.name, sampleBits: 8, policy: policy),
            wake: wake
        )
        state = Mutex(State(monitor: HealthMonitor(descriptor: descriptor)))
    }

    /// Of `byteCount` bytes with a claim of `claimedBits`, how many may count.
    func creditableCount(claimedBits: Int, byteCount: Int) -> Int {
        min(byteCount, Int(Double(claimedBits) / descriptor.claim.minEntropy.value))
    }

    /// Tests and mixes up to 255 bytes. From the server's threads.
    func contribute(_ bytes: UnsafeRawBufferPointer) {
        state.withLock { state in
            let now = SystemClock.now
            guard state.monitor.wantsSamples || state.monitor.beginRetry(at: now) else {
                return pool.mix(bytes)
            }
            state.memory.withMutableBytes { memory in
                let samples = memory.bindMemory(to: RawSample.self)
                for (index, byte) in bytes.enumerated() { samples[index] = RawSample(byte) }
                _ = state.monitor.judge(
                    UnsafeBufferPointer(rebasing: samples[..<bytes.count]),
                    at: now
                ) { part, decision in
                    pool.add(part, from: place, decision)
                }
                wipe(memory)
            }
        }
    }

    func status(_ facts: PoolFacts, now: Duration) -> StatusReport.Source {
        let source = state.withLock { state in
            var facts = SourceFacts()
            facts.state = state.monitor.state
            facts.counts = state.monitor.counts
            facts.lastFailure = state.monitor.lastFailure
            facts.resting = true
            return facts
        }
        return source.report(
            descriptor: descriptor,
            account: facts.sources[place],
            perSample: policy.credit(samples: 1).bits.count,
            now: now
        )
    }
}

/// Bytes of one command 03.
private let longestWrite = 255
