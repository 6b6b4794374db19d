// The feeder at work: the schedule's actions carried out with one poll(2) at a time.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import KernelRandom
internal import LinuxSystem

/// Runs until a signal, a refusal that time does not heal, or the end of the report's reader.
struct FeederLoop<Supply: BlockSupply, Device: RandomDevice & ~Copyable>: ~Copyable {
    private var feeding: Feeding<Supply, Device>
    private var schedule: FeedSchedule
    private var report: EventReport
    private let signals: SignalInbox
    private let clock = ClockWatch()
    private let kernelLog: KernelLog
    private let manager: ServiceManager
    private let className: String
    private var nextSignOfLife: Duration?
    private var isReady = false
    /// The last complaint, so that a lasting trouble is told once.
    private var trouble: String?

    init(
        feeding: consuming Feeding<Supply, Device>,
        settings: FeedSchedule.Settings,
        signals: consuming SignalInbox,
        kernelLog: consuming KernelLog,
        report: EventReport,
        manager: ServiceManager,
        className: String
    ) {
        self.feeding = feeding
        self.signals = signals
        self.kernelLog = kernelLog
        self.report = report
        self.manager = manager
        self.className = className
        schedule = FeedSchedule(settings: settings, now: SystemClock.awake)
        nextSignOfLife = manager.watchdogInterval.map { SystemClock.awake + $0 }
    }

    mutating func run() -> FeederExit {
        while true {
            let end: FeederExit?
            switch schedule.next(at: SystemClock.awake) {
            case .feed(let reason): end = feed(reason)
            case .wait(let until, let pollOut): end = wait(until: until, pollOut: pollOut)
            }
            if let end {
                manager.stopping()
                report.event("stopped", ("exit", "\(end.rawValue)"))
                return end
            }
        }
    }

    private mutating func feed(_ reason: FeedSchedule.Reason) -> FeederExit? {
        do {
            let outcome = try feeding.feed(reseed: reason.wantsReseed)
            schedule.fed(reason, creditedBits: outcome.creditedBits, at: SystemClock.awake)
            if trouble != nil {
                report.event("recovered")
                trouble = nil
            }
            report.fed(outcome, reason: reason.rawValue, total: feeding.totalBits, className)
            if !isReady {
                isReady = true
                manager.ready()
                // Start-up took 2 MiB of code that the loop does not need.
                ResidentMemory.releaseStartUpPages()
            }
            return nil
        } catch {
            schedule.failed(reason, at: SystemClock.awake)
            return handle(error)
        }
    }

    private mutating func handle(_ failure: FeedFailure) -> FeederExit? {
        switch failure {
        case .supply(let error) where error.code == .interrupted:
            return nil
        case .supply(let error) where error.code == .unhealthy:
            report.trouble("unhealthy", error.description)
            return .unhealthySource
        case .kernel(let error) where error.code == .notPermitted:
            report.trouble("not-permitted", error.description)
            return .notPermitted
        case .supply(let error):
            complain("upstream-lost", error.description)
        case .kernel(let error):
            complain("refused", error.description)
        }
        return nil
    }

    private mutating func complain(_ event: String, _ reason: String) {
        guard trouble != reason else { return }
        trouble = reason
        report.trouble(event, reason)
    }

    private mutating func wait(until: Duration, pollOut: Bool) -> FeederExit? {
        let end = min(until, nextSignOfLife ?? until)
        var descriptors = [
            pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: clock.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: kernelLog.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: pollOut ? feeding.descriptor : -1, events: Int16(POLLOUT), revents: 0),
            // No events asked for: only errors wake, which here means that nobody reads any more.
            pollfd(fd: report.descriptor ?? -1, events: 0, revents: 0),
        ]
        let ready = poll(
            &descriptors,
            nfds_t(descriptors.count),
            (end - SystemClock.awake).pollMilliseconds
        )
        if let due = nextSignOfLife, let interval = manager.watchdogInterval,
            SystemClock.awake >= due
        {
            manager.alive()
            nextSignOfLife = SystemClock.awake + interval
        }
        guard ready > 0 else { return nil }
        if descriptors[0].revents != 0 {
            while let message = signals.take() {
                switch message {
                case .stop: return .ok
                case .feedNow: schedule.note(.request)
                }
            }
        }
        if descriptors[1].revents != 0, clock.takesJump() { schedule.note(.clockJump) }
        if descriptors[2].revents != 0, kernelLog.takesForkNotice() {
            schedule.note(.virtualMachineFork)
        }
        if descriptors[3].revents & Int16(POLLOUT) != 0 { schedule.note(.poolBelowWatermark) }
        if descriptors[4].revents != 0 { return .ok }
        return nil
    }
}
