// Signals as a descriptor, so that they are taken between feeds and never in the middle of one (signalfd(2)).
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import Glibc

/// The signals the feeder understands, blocked and queued for ``take()``.
struct SignalInbox: ~Copyable {
    enum Message {
        case stop
        case feedNow
    }

    let descriptor: Int32

    /// Expects ``block()`` to have been called.
    init() {
        var signals = Self.set
        descriptor = signalfd(-1, &signals, Int32(SFD_NONBLOCK) | Int32(SFD_CLOEXEC))
    }

    deinit {
        close(descriptor)
    }

    /// The next waiting message, if any.
    func take() -> Message? {
        var info = signalfd_siginfo()
        let size = MemoryLayout<signalfd_siginfo>.size
        guard read(descriptor, &info, size) == size else { return nil }
        return switch Int32(info.ssi_signo) {
        case SIGHUP, SIGUSR1: .feedNow
        default: .stop
        }
    }

    /// Blocks what the feeder takes from here or by sigtimedwait, and ignores SIGPIPE: a reader of
    /// the report that is gone shows as an error.
    static func block() {
        var signals = set
        sigaddset(&signals, SIGCHLD)
        sigprocmask(SIG_BLOCK, &signals, nil)
        signal(SIGPIPE, SIG_IGN)
    }

    static var set: sigset_t {
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in [SIGTERM, SIGINT, SIGHUP, SIGUSR1] { sigaddset(&signals, number) }
        return signals
    }
}
