// Talking to the service manager: sd_notify(3)'s protocol, one datagram a message.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import Glibc

package enum ServiceManager {
    /// Sends one state line, such as `READY=1`, to the socket named by NOTIFY_SOCKET; does nothing
    /// without one. A manager that is gone is no reason to fail: errors are ignored.
    package static func notify(_ state: String) {
        guard let path = getenv("NOTIFY_SOCKET").map({ String(cString: $0) }),
            let first = path.utf8.first, first == UInt8(ascii: "/") || first == UInt8(ascii: "@")
        else { return }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
        withUnsafeMutableBytes(of: &address.sun_path) { target in
            target.copyBytes(from: bytes)
            // A leading @ stands for the NUL of the abstract name space.
            if first == UInt8(ascii: "@") { target[0] = 0 }
        }
        let descriptor = socket(
            AF_UNIX,
            Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue),
            0
        )
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let length = MemoryLayout<sa_family_t>.size + bytes.count
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                var line = state
                line.withUTF8 { text in
                    _ = sendto(
                        descriptor,
                        text.baseAddress,
                        text.count,
                        Int32(MSG_NOSIGNAL),
                        generic,
                        socklen_t(length)
                    )
                }
            }
        }
    }
}
