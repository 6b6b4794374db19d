// A parent that restarts the feeding process when it crashes, because the daemon cannot: it has given its privileges up.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import Glibc
internal import LinuxSystem

/// Forks a worker and waits. Only deaths by a signal are repaired; an orderly end is passed on.
struct KeepAlive {
    private var report: EventReport

    init(report: EventReport) {
        self.report = report
    }

    /// Returns nil in the worker, every time one is started, and the exit status to end with in the
    /// parent. The calling process must have one thread and its signals blocked (``SignalInbox``).
    mutating func superviseOrWork() -> Int32? {
        var delay = Self.firstDelay
        let parent = getpid()
        while true {
            let startedAt = SystemClock.awake
            let worker = fork()
            if worker == 0 {
                ws_signal_on_parent_death(SIGKILL)
                // The parent may have died before the line above.
                if getppid() != parent { _exit(FeederExit.failure.rawValue) }
                return nil
            }
            guard worker > 0 else {
                report.say("No worker process can be started: \(errorText(errno)).")
                return FeederExit.failure.rawValue
            }
            ResidentMemory.releaseStartUpPages()
            let status = waitForEnd(of: worker)
            if ws_wait_exited(status) { return ws_wait_exit_code(status) }
            if isStopping { return FeederExit.ok.rawValue }
            if SystemClock.awake - startedAt > Self.longestDelay { delay = Self.firstDelay }
            let reason = "killed by signal \(ws_wait_signal(status))"
            report.say("The feeding process was \(reason); a new one starts in \(delay).")
            if stopsDuring(delay) { return FeederExit.ok.rawValue }
            report.event("worker-restarted", ("reason", reason))
            delay = min(delay * 2, Self.longestDelay)
        }
    }

    private var isStopping = false

    /// Hands the feeder's signals on; a worker that does not stop in time is killed.
    private mutating func waitForEnd(of worker: pid_t) -> Int32 {
        var status: Int32 = 0
        var killAt: Duration?
        while true {
            if waitpid(worker, &status, Int32(WNOHANG)) == worker { return status }
            let left = killAt.map { $0 - SystemClock.awake } ?? Self.longestDelay
            if killAt != nil && left <= .zero { kill(worker, SIGKILL) }
            switch nextSignal(within: left) {
            case SIGTERM, SIGINT:
                isStopping = true
                kill(worker, SIGTERM)
                killAt = killAt ?? SystemClock.awake + Self.stopLimit
            case SIGHUP, SIGUSR1: kill(worker, SIGHUP)
            default: break
            }
        }
    }

    private mutating func stopsDuring(_ delay: Duration) -> Bool {
        let end = SystemClock.awake + delay
        while SystemClock.awake < end {
            let signal = nextSignal(within: end - SystemClock.awake)
            if signal == SIGTERM || signal == SIGINT { return true }
        }
        return false
    }

    /// The next signal, or nil after that time.
    private func nextSignal(within limit: Duration) -> Int32? {
        var signals = SignalInbox.set
        sigaddset(&signals, SIGCHLD)
        let milliseconds = Int(limit.pollMilliseconds)
        var time = timespec(
            tv_sec: milliseconds / 1000,
            tv_nsec: milliseconds % 1000 * 1_000_000
        )
        let signal = sigtimedwait(&signals, nil, &time)
        return signal > 0 ? signal : nil
    }

    private static let firstDelay = Duration.seconds(1)
    private static let longestDelay = Duration.seconds(60)
    /// Leaves the rest of a second for the parent's own end.
    private static let stopLimit = Duration.milliseconds(700)
}
