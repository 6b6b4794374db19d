// Talking to the service manager: sd_notify(3)'s protocol, one datagram a message.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
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

    /// Whether there is a manager to talk to.
    package var isPresent: Bool { path != nil }

    /// Leaves descriptors with the manager, which passes them to the service's next start under that
    /// name: 1 to 255 printable characters without a colon. A manager that keeps none closes them.
    package func store(_ name: String, _ descriptors: [Int32]) {
        for start in stride(from: 0, to: descriptors.count, by: Self.mostDescriptors) {
            let part = descriptors[start..<min(start + Self.mostDescriptors, descriptors.count)]
            send("FDSTORE=1\nFDNAME=\(name)", Array(part))
        }
    }

    /// Takes all descriptors of that name back from the manager's keeping.
    package func forget(_ name: String) { send("FDSTOREREMOVE=1\nFDNAME=\(name)") }

    private func send(_ lines: String, _ descriptors: [Int32] = []) {
        guard let path else { return }
        let type = SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue
        let socket = socket(AF_UNIX, Int32(type), 0)
        guard socket >= 0 else { return }
        defer { close(socket) }
        // A manager that does not read is not waited for longer than this.
        var patience = timeval(tv_sec: 1, tv_usec: 0)
        setsockopt(
            socket,
            SOL_SOCKET,
            SO_SNDTIMEO,
            &patience,
            socklen_t(MemoryLayout<timeval>.size)
        )
        let bytes = Array(lines.utf8)
        _ = UnixAddress.with(path) { address, length in
            ws_send_descriptors(
                socket,
                bytes,
                bytes.count,
                descriptors,
                Int32(descriptors.count),
                address,
                length
            )
        }
    }

    /// SCM_MAX_FD of the kernel.
    private static let mostDescriptors = 253
}

private func environmentText(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
}
