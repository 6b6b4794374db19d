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
    private let rests: Bool
    private let board: DeviceBoard?
    private let pool: Pool
    private let place: Int
    private let wake: EventDescriptor
    /// Signalled when the last of its threads is through.
    private let finished: EventDescriptor
    private let logger: Logger
    private let state: Mutex<State>

    private struct State: ~Copyable {
        var facts = SourceFacts()
        var stopping = false
        var retest = false
        var nudge = false
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
        rests = type(of: source).restsWithPool
        board = source.device
        self.pool = pool
        wake = try EventDescriptor()
        finished = try EventDescriptor()
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
        let shift = Shift(source, isOpen: alreadyOpen, share: cpuShare)
        // Born here, where threads have their full standing.
        _ = ThreadNursery.shared
        try NamedThread(threadName) { [self] in work(shift) }.detach()
    }

    private var threadName: String { "src-\(descriptor.name)" }

    /// Ends the thread; returns when it has ended. A source that sits in an uninterruptible read
    /// cannot exist: every wait of a source watches the wake descriptor.
    func stop() {
        state.withLock { $0.stopping = true }
        wake.signal()
        finished.wait(atMost: nil)
        pool.unregister(place, wake: wake)
    }

    /// Asks for a new start-up test, also of a retired source: the operator's word.
    func retest() {
        state.withLock { $0.retest = true }
        wake.signal()
    }

    /// Interrupts a wait for the device, for news that reached the source another way; one that failed
    /// opens it again at once. A retired source stays so.
    func nudge() {
        state.withLock { $0.nudge = true }
        wake.signal()
    }

    /// Devices came or went: a source that failed opens again at once. One at work is left alone, since
    /// its own steps of recovery make its device go and come.
    func noteDevices() {
        guard case .failed = state.withLock({ $0.facts.state }) else { return }
        nudge()
    }

    /// Of a source that speaks with a device.
    var device: DeviceFacts? { board?.facts }

    /// Whether only the operator can bring it back.
    var isRetired: Bool { state.withLock { $0.facts.state == .retired } }

    /// Whether it earns credit or may yet.
    var canEarn: Bool { policy.credit(samples: 1) > .zero && !isRetired }

    func status(_ pool: PoolFacts, now: Duration) -> StatusReport.Source {
        let facts = state.withLock { $0.facts }
        return facts.report(
            descriptor: descriptor,
            device: device,
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

    /// Until the end, or until another thread goes on.
    private func work(_ shift: Shift) {
        shift.courtesy.priority.apply()
        var clock = (wall: SystemClock.now, cpu: SystemClock.threadCPUTime)
        while !mustStop {
            if state.withLock({ $0.retest.take() }) {
                pool.discardPending(from: place)
                if !shift.monitor.requestStartUpTest() {
                    shift.monitor = HealthMonitor(descriptor: descriptor)
                }
            }
            if state.withLock({ $0.nudge.take() }), shift.monitor.retryAt != nil {
                pool.discardPending(from: place)
                shift.monitor.requestStartUpTest()
            }
            let now = SystemClock.now
            let gathering = (pool.isGathering || !rests) && !hasGivenAll
            guard gathering, shift.monitor.wantsSamples || shift.monitor.beginRetry(at: now) else {
                publish(shift, resting: !gathering)
                let retry = gathering ? shift.monitor.retryAt.map { max($0 - now, .zero) } : nil
                if wake.wait(atMost: retry) { wake.clear() }
                clock = (SystemClock.now, SystemClock.threadCPUTime)
                continue
            }
            do throws(NoiseSourceError) {
                if !shift.isOpen { try shift.source.open() }
                shift.isOpen = true
                try sample(shift.source, into: shift.memory, &shift.monitor)
            } catch {
                shift.source.close()
                shift.isOpen = false
                pool.discardPending(from: place)
                shift.monitor.sourceError(at: SystemClock.now)
                note(error)
            }
            let (wall, cpu) = (SystemClock.now, SystemClock.threadCPUTime)
            let (used, passed) = (cpu - clock.cpu, wall - clock.wall)
            let pause = shift.budget.pause(used: used, passed: passed)
            if shift.courtesy.note(used: used, passed: passed, share: share) {
                if changeStanding(shift) { return }
            }
            // A source that never rests cannot earn while nobody needs it.
            if pool.isGathering { state.withLock { $0.facts.running += wall - clock.wall } }
            clock = (wall, cpu)
            publish(shift, resting: false)
            // Short debts add up to one pause: each pause costs the caches that the next batch needs.
            if pause >= shortestPause, wake.wait(atMost: pause) { wake.clear() }
        }
        shift.source.close()
        finished.signal()
    }

    /// True: another thread goes on, since this one may not rise itself.
    private func changeStanding(_ shift: Shift) -> Bool {
        guard shift.courtesy.priority == .little, !ThreadPriority.canReturn else {
            shift.courtesy.priority.apply()
            return false
        }
        let cpu = SystemClock.threadCPUTime
        shift.earlierCPU += cpu
        if ThreadNursery.shared.start(threadName, body: { [self] in work(shift) }) { return true }
        shift.earlierCPU -= cpu
        return false
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
            let isDoubted = source.objection != nil
            let failure = monitor.judge(samples, at: SystemClock.now) { part, decision in
                pool.add(part, from: place, isDoubted ? .worthless : decision)
            }
            if isDoubted { monitor.withhold() }
            wipe(UnsafeMutableRawBufferPointer(rebasing: bytes[..<(count * 8)]))
            note(failure, from: before, to: monitor.state.name)
            state.withLock { state in
                state.facts.askedSince = nil
                state.facts.error = nil
                state.facts.taken += count
            }
        }
    }

    private func publish(_ shift: Shift, resting: Bool) {
        let cpu = shift.earlierCPU + SystemClock.threadCPUTime
        let (monitor, upstream) = (shift.monitor, shift.source.upstream)
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

/// What goes from thread to thread: the source and all that is known of it.
private final class Shift: @unchecked Sendable {
    // Unchecked: one thread uses it at a time, and the next begins when that ends.
    let source: any NoiseSource
    var isOpen: Bool
    var monitor: HealthMonitor
    var budget: CPUBudget
    var courtesy = Courtesy()
    let memory = SecretBytes(count: batchSamples * MemoryLayout<RawSample>.stride)
    /// CPU time of earlier threads.
    var earlierCPU = Duration.zero

    init(_ source: any NoiseSource, isOpen: Bool, share: Double) {
        self.source = source
        self.isOpen = isOpen
        monitor = HealthMonitor(descriptor: source.descriptor)
        budget = CPUBudget(share: share)
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
