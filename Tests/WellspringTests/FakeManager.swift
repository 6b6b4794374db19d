// The part of a service manager that keeps descriptors between a service's runs (sd_notify(3), FDSTORE=1).
// SPDX-License-Identifier: Apache-2.0

import CWellspring
import Glibc
import LinuxSystem
import Testing

/// Listens on a notification socket and keeps what it is given, as systemd does.
final class FakeManager {
    let path: String
    private let socket: Int32
    private(set) var states: [String] = []
    private(set) var stored: [PassedDescriptor] = []

    init(_ place: Workplace) throws {
        path = place.file("notify")
        let type = SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        let descriptor = Glibc.socket(AF_UNIX, Int32(type), 0)
        try #require(UnixAddress.with(path) { bind(descriptor, $0, $1) } == 0)
        chmod(path, 0o777)
        socket = descriptor
    }

    deinit {
        close(socket)
        unlink(path)
        for one in stored { close(one.descriptor) }
    }

    /// Takes note of all messages that came.
    func read() {
        while true {
            var bytes = [UInt8](repeating: 0, count: 4_096)
            var descriptors = [Int32](repeating: -1, count: 253)
            var count = Int32(descriptors.count)
            let received = ws_receive_descriptors(
                socket,
                &bytes,
                bytes.count,
                &descriptors,
                &count
            )
            guard received > 0 else { return }
            let lines = String(decoding: bytes[..<received], as: UTF8.self)
                .split(separator: "\n").map(String.init)
            let name = lines.first { $0.hasPrefix("FDNAME=") }?.dropFirst(7) ?? "stored"
            if lines.contains("FDSTORE=1") {
                for descriptor in descriptors[..<Int(count)] {
                    stored.append(.init(name: String(name), descriptor: descriptor))
                }
            } else if lines.contains("FDSTOREREMOVE=1") {
                for one in stored where one.name == name { close(one.descriptor) }
                stored.removeAll { $0.name == name }
            } else {
                states += lines
            }
        }
    }

    /// The words before the program's own that start it as a manager would, with what is stored as its
    /// descriptors.
    var prefix: [String] {
        let names = stored.map(\.name).joined(separator: ":")
        let passing =
            stored.isEmpty
            ? "" : "LISTEN_FDS=\(stored.count) LISTEN_FDNAMES='\(names)' LISTEN_PID=$$ "
        return ["/bin/sh", "-c", "NOTIFY_SOCKET='\(path)' \(passing)exec \"$@\"", "sh"]
    }

    var descriptors: [Int32] { stored.map(\.descriptor) }

    /// Adds a socket as a socket unit has it.
    func listen(on path: String, as name: String) throws {
        let listener = try StreamListener(path: path, mode: 0o666)
        listener.leaveFile()
        stored.append(.init(name: name, descriptor: dup(listener.descriptor)))
    }
}
