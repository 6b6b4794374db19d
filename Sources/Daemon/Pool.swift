// The entropy pool shared by the sources' threads, the EGD server and the DRBG.
// SPDX-License-Identifier: Apache-2.0

internal import Conditioning
internal import Entropy
internal import HealthTests
internal import LinuxSystem
internal import Synchronization

/// One ``EntropyPool`` behind a lock, and the two signals around it: sources run while
/// ``isGathering``, waiting clients are woken when bytes have come.
final class Pool: Sendable {
    private let state: Mutex<State>

    private struct State: ~Copyable {
        var pool: EntropyPool
        var gathering: Bool
        /// Signalled when gathering begins or ends.
        var sources: [EventDescriptor] = []
        /// Called, outside the lock, when bytes came into an empty or waited-for pool.
        var arrival: ArrivalHandler?
    }

    struct ArrivalHandler: Sendable {
        let call: @Sendable () -> Void

        init(_ call: @escaping @Sendable () -> Void) { self.call = call }
    }

    init(_ pool: consuming EntropyPool) {
        let gathering = pool.wantsRefill
        state = Mutex(State(pool: pool, gathering: gathering))
    }

    /// Whether sources should run.
    var isGathering: Bool { state.withLock { $0.gathering } }

    var facts: PoolFacts { state.withLock { $0.pool.facts } }

    var level: Int { state.withLock { $0.pool.level } }

    func setArrivalHandler(_ handler: ArrivalHandler?) {
        state.withLock { $0.arrival = handler }
    }

    /// A new source's place in the pool; `wake` is signalled whenever gathering begins or ends.
    func register(_ source: EntropyPool.Source, wake: EventDescriptor) -> Int {
        state.withLock { state in
            state.sources.append(wake)
            return state.pool.register(source)
        }
    }

    func unregister(_ source: Int, wake: EventDescriptor) {
        state.withLock { $0.sources.removeAll { $0 === wake } }
        act { $0.unregister(source) }
    }

    /// Takes samples of a source and the health chain's decision about them.
    func add(
        _ samples: UnsafeBufferPointer<RawSample>,
        from source: Int,
        _ decision: HealthMonitor.Decision
    ) {
        act { pool in
            switch decision {
            case .wait(let creditable):
                pool.add(samples, from: source, creditable: creditable)
            case .worthless:
                pool.add(samples, from: source, creditable: 0)
                pool.discardPending(from: source)
            }
        }
    }

    /// Takes back what a source gave and nobody has vouched for yet.
    func discardPending(from source: Int) {
        act { $0.discardPending(from: source) }
    }

    /// Mixes bytes that never count.
    func mix(_ bytes: UnsafeRawBufferPointer) {
        act { $0.mix(bytes) }
    }

    /// Moves up to `buffer.count` full-entropy bytes out, each of them once.
    func take(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        act { $0.take(into: buffer) }
    }

    /// Changes the pool under the lock, then signals whom the change concerns.
    @discardableResult
    private func act<R>(_ change: (inout EntropyPool) -> R) -> R {
        let (result, sources, arrival) = state.withLock { state in
            let before = state.pool.level
            let result = change(&state.pool)
            let gathering = state.pool.wantsRefill
            let turned = gathering != state.gathering
            state.gathering = gathering
            return (
                result, turned ? state.sources : [],
                state.pool.level > before ? state.arrival : nil
            )
        }
        for source in sources { source.signal() }
        arrival?.call()
        return result
    }
}
