// What signals ask of the feeder, taken between feeds and never in the middle of one.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import LinuxSystem

/// The signals the feeder understands, blocked and queued for ``take()``.
struct SignalInbox: ~Copyable {
    enum Message {
        case stop
        case feedNow
    }

    var descriptor: Int32 { signals.descriptor }
    private let signals: SignalDescriptor

    init() throws(SystemError) {
        signals = try SignalDescriptor(Self.numbers)
    }

    /// The next waiting message, if any.
    func take() -> Message? {
        guard let number = signals.next() else { return nil }
        return switch number {
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
        for number in numbers { sigaddset(&signals, number) }
        return signals
    }

    private static let numbers = [SIGTERM, SIGINT, SIGHUP, SIGUSR1]
}
