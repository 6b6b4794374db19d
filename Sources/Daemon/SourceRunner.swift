// One noise source at work: its thread, its health chain, its budget.
// SPDX-License-Identifier: Apache-2.0

internal import Conditioning
internal import Entropy
internal import HealthTests
internal import LinuxSystem
internal import Logging
internal import NoiseSources
internal import Synchronization

/// Samples one source on a thread of its own while the pool gathers, and hands over what the health
/// chain has judged. Whatever the source does, the other sources do not notice.
final class SourceRunner: Sendable {
    let descriptor: NoiseSourceDescriptor
    private let policy: CreditPolicy
    private let share: Double
    private let sampleLimit: Int?
    private let pool: Pool
    private let place: Int
    private let wake: EventDescriptor
    private let logger: Logger
    private let state: Mutex<State>

    private struct State: ~Copyable {
        var facts = SourceFacts()
        var stopping = false
        var retest = false
        var thread: NamedThread?
    }

    /// `safetyFactor` is the operator's share of the claim that is credited.
    init(
        _ source: any NoiseSource,
        alreadyOpen: Bool,
        safetyFactor: Double,
        cpuShare: Double,
        pool: Pool,
        logger: Logger
    ) throws {
        descriptor = source.descriptor
        guard let policy = CreditPolicy(for: descriptor, safetyFactor: safetyFactor) else {
            preconditionFailure("a safety factor outside 0...1 passed the configuration")
        }
        self.policy = policy
        share = cpuShare
        sampleLimit = type(of: source).sampleLimit
        self.pool = pool
        wake = try EventDescriptor()
        place = pool.register(
            EntropyPool.Source(
                name: descriptor.name,
                sampleBits: descriptor.sampleBits,
                policy: policy
            ),
            wake: wake
        )
        var logger = logger
        logger[metadataKey: "source"] = "\(descriptor.name)"
        self.logger = logger
        state = Mutex(State())
        let box = SourceBox(source, isOpen: alreadyOpen)
        let thread = try NamedThread("src-\(descriptor.name)") { [self] in
            work(box.source, isOpen: box.isOpen)
        }
        var handle: NamedThread? = thread
        state.withLock { $0.thread = handle.take() }
    }

    /// Ends the thread; returns when it has ended. A source that sits in an uninterruptible read
    /// cannot exist: every wait of a source watches the wake descriptor.
    func stop() {
        let thread = state.withLock { state in
            state.stopping = true
            return state.thread.take()
        }
        wake.signal()
        thread?.join()
        pool.unregister(place, wake: wake)
    }

    /// Asks for a new start-up test, also of a retired source: the operator's word.
    func retest() {
        state.withLock { $0.retest = true }
        wake.signal()
    }

    /// Whether only the operator can bring it back.
    var isRetired: Bool { state.withLock { $0.facts.state == .retired } }

    /// Whether it earns credit or may yet.
    var canEarn: Bool { policy.credit(samples: 1) > .zero && !isRetired }

    func status(_ pool: PoolFacts, now: Duration) -> StatusReport.Source {
        let facts = state.withLock { $0.facts }
        return facts.report(
            descriptor: descriptor,
            account: pool.sources[place],
            perSample: policy.credit(samples: 1).bits.count,
            now: now
        )
    }

    /// Whether the source has given what it is wanted for.
    private var hasGivenAll: Bool {
        guard let sampleLimit else { return false }
        return state.withLock { $0.facts.taken } >= sampleLimit
    }

    // MARK: The thread

    private var mustStop: Bool { state.withLock { $0.stopping } }

    private func work(_ source: any NoiseSource, isOpen: Bool) {
        var courtesy = Courtesy(canReturn: ThreadPriority.canReturn)
        courtesy.priority.apply()
        var monitor = HealthMonitor(descriptor: descriptor)
        var budget = CPUBudget(share: share)
        var clock = (wall: SystemClock.now, cpu: SystemClock.threadCPUTime)
        let memory = SecretBytes(count: batchSamples * MemoryLayout<RawSample>.stride)
        var open = isOpen
        defer { source.close() }
        while !mustStop {
            if state.withLock({ $0.retest.take() }) {
                pool.discardPending(from: place)
                if !monitor.requestStartUpTest() { monitor = HealthMonitor(descriptor: descriptor) }
            }
            let now = SystemClock.now
            let gathering = pool.isGathering && !hasGivenAll
            guard gathering, monitor.wantsSamples || monitor.beginRetry(at: now) else {
                publish(monitor, source.upstream, resting: !gathering)
                let retry = gathering ? monitor.retryAt.map { max($0 - now, .zero) } : nil
                if wake.wait(atMost: retry) { wake.clear() }
                clock = (SystemClock.now, SystemClock.threadCPUTime)
                continue
            }
            do throws(NoiseSourceError) {
                if !open { try source.open() }
                open = true
                try sample(source, into: memory, &monitor)
            } catch {
                source.close()
                open = false
                pool.discardPending(from: place)
                monitor.sourceError(at: SystemClock.now)
                note(error)
            }
            let (wall, cpu) = (SystemClock.now, SystemClock.threadCPUTime)
            let (used, passed) = (cpu - clock.cpu, wall - clock.wall)
            let pause = budget.pause(used: used, passed: passed)
            if courtesy.note(used: used, passed: passed, share: share) {
                courtesy.priority.apply()
            }
            state.withLock { $0.facts.running += wall - clock.wall }
            clock = (wall, cpu)
            publish(monitor, source.upstream, resting: false)
            // Short debts add up to one pause: each pause costs the caches that the next batch needs.
            if pause >= shortestPause, wake.wait(atMost: pause) { wake.clear() }
        }
    }

    private func sample(
        _ source: any NoiseSource,
        into memory: borrowing SecretBytes,
        _ monitor: inout HealthMonitor
    ) throws(NoiseSourceError) {
        state.withLock { $0.facts.askedSince = $0.facts.askedSince ?? SystemClock.now }
        try memory.withMutableBytes {
            (bytes: UnsafeMutableRawBufferPointer) throws(NoiseSourceError) in
            let buffer = bytes.bindMemory(to: RawSample.self)
            let count = try source.sample(into: buffer, wake: wake.descriptor)
            guard count > 0 else { return wake.clear() }
            let samples = UnsafeBufferPointer(rebasing: buffer[..<count])
            let before = monitor.state.name
            let failure = monitor.judge(samples, at: SystemClock.now) { part, decision in
                pool.add(part, from: place, decision)
            }
            wipe(UnsafeMutableRawBufferPointer(rebasing: bytes[..<(count * 8)]))
            note(failure, from: before, to: monitor.state.name)
            state.withLock { state in
                state.facts.askedSince = nil
                state.facts.error = nil
                state.facts.taken += count
            }
        }
    }

    private func publish(
        _ monitor: HealthMonitor,
        _ upstream: UpstreamFacts?,
        resting: Bool
    ) {
        let cpu = SystemClock.threadCPUTime
        state.withLock { state in
            state.facts.resting = resting
            state.facts.upstream = upstream
            if resting { state.facts.askedSince = nil }
            state.facts.cpu = cpu
            state.facts.state = monitor.state
            state.facts.counts = monitor.counts
            state.facts.lastFailure = monitor.lastFailure
        }
    }

    private func note(_ error: NoiseSourceError) {
        let text = error.description
        let isNew = state.withLock { state in
            defer { state.facts.error = text }
            return state.facts.error != text
        }
        if isNew { logger.warning("\(text)") }
    }

    private func note(_ failure: HealthFailure?, from before: String, to after: String) {
        if let failure {
            logger.warning("health test failed", metadata: ["failure": "\(failure)"])
        }
        if before != after {
            logger.info("state changed", metadata: ["from": "\(before)", "to": "\(after)"])
        }
    }
}

/// Hands a source to the one thread that uses it from then on.
private final class SourceBox: @unchecked Sendable {
    // Unchecked: made before the thread, used by the thread alone.
    let source: any NoiseSource
    let isOpen: Bool

    init(_ source: any NoiseSource, isOpen: Bool) {
        self.source = source
        self.isOpen = isOpen
    }
}

extension Bool {
    /// The value, leaving false behind.
    fileprivate mutating func take() -> Bool {
        defer { self = false }
        return self
    }
}

/// Ten batches of the fastest source; still far below what a user could feel.
private let shortestPause = Duration.milliseconds(5)
/// Samples in one batch: one adaptive-proportion window, so that a verdict is never far.
private let batchSamples = 512
