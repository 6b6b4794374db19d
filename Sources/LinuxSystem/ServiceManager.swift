// Talking to the service manager: sd_notify(3)'s protocol, one datagram a message.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Sends state lines to $NOTIFY_SOCKET, if there is one. A manager that does not listen is no error.
package struct ServiceManager: Sendable {
    /// How often the manager wants to hear a sign of life; nil when it did not ask this process.
    package let watchdogInterval: Duration?
    private let path: String?

    /// Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID. With `forParent`, a watchdog that was
    /// meant for the parent process is served as well: under --keep-alive the worker speaks for it.
    package init(forParent: Bool = false) {
        path = environmentText("NOTIFY_SOCKET")
        let owner = environmentText("WATCHDOG_PID").flatMap { Int32($0) }
        let isMine = owner == nil || owner == getpid() || (forParent && owner == getppid())
        let microseconds = environmentText("WATCHDOG_USEC").flatMap { Int64($0) } ?? 0
        // Half the limit, as sd_watchdog_enabled(3) advises.
        watchdogInterval =
            isMine && path != nil && microseconds > 0 ? .microseconds(microseconds) / 2 : nil
    }

    /// `status` is one line for people.
    package func ready(status: String? = nil) {
        send(status.map { "READY=1\nSTATUS=\($0)" } ?? "READY=1")
    }

    package func stopping() { send("STOPPING=1") }
    package func alive() { send("WATCHDOG=1") }

    private func send(_ lines: String) {
        guard let path else { return }
        let type = SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue
        let descriptor = socket(AF_UNIX, Int32(type), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let bytes = Array(lines.utf8)
        let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
        _ = UnixAddress.with(path) { sendto(descriptor, bytes, bytes.count, flags, $0, $1) }
    }
}

private func environmentText(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
}
