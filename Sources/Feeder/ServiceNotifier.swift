// Telling a service manager that the kernel is fed (sd_notify(3), the protocol alone).
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Sends state lines to $NOTIFY_SOCKET, if there is one. A manager that does not listen is no error.
struct ServiceNotifier {
    /// How often the manager wants to hear a sign of life; nil when it did not ask this process.
    let watchdogInterval: Duration?
    private let path: String?

    /// Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID. With `forParent`, a watchdog that was
    /// meant for the parent process is served as well: under --keep-alive the worker speaks for it.
    init(forParent: Bool) {
        path = environmentText("NOTIFY_SOCKET")
        let owner = environmentText("WATCHDOG_PID").flatMap { Int32($0) }
        let isMine = owner == nil || owner == getpid() || (forParent && owner == getppid())
        let microseconds = environmentText("WATCHDOG_USEC").flatMap { Int64($0) } ?? 0
        // Half the limit, as sd_watchdog_enabled(3) advises.
        watchdogInterval =
            isMine && path != nil && microseconds > 0 ? .microseconds(microseconds) / 2 : nil
    }

    func ready() { send("READY=1") }
    func stopping() { send("STOPPING=1") }
    func alive() { send("WATCHDOG=1") }

    private func send(_ line: String) {
        guard let path else { return }
        let descriptor = socket(
            AF_UNIX,
            Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue),
            0
        )
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let bytes = Array(line.utf8)
        let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
        _ = UnixAddress.with(path) { sendto(descriptor, bytes, bytes.count, flags, $0, $1) }
    }
}

private func environmentText(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
}
