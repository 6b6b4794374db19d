// A listening socket on an ephemeral port or in a temporary folder, for scripted servers in tests.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
package import LinuxSystem

/// Listens as long as this object exists or until it is closed. Nothing accepts by itself: connections
/// wait in the backlog.
package final class LoopbackListener: Sendable {
    package let descriptor: Int32
    package let endpoint: StreamEndpoint

    /// On 127.0.0.1 or ::1. Nil where this machine has no such address.
    package init?(ipv6: Bool = false, backlog: Int32 = 16) {
        let socket = Self.makeSocket(ipv6 ? AF_INET6 : AF_INET)
        guard socket >= 0, Self.bindToLoopback(socket, ipv6: ipv6), listen(socket, backlog) == 0
        else {
            if socket >= 0 { close(socket) }
            return nil
        }
        descriptor = socket
        endpoint = .tcp(host: ipv6 ? "::1" : "127.0.0.1", port: Self.port(of: socket))
    }

    /// A Unix socket.
    package init?(path: String, backlog: Int32 = 16) {
        let socket = Self.makeSocket(AF_UNIX)
        guard socket >= 0, UnixAddress.with(path, { bind(socket, $0, $1) }) == 0,
            listen(socket, backlog) == 0
        else {
            if socket >= 0 { close(socket) }
            return nil
        }
        descriptor = socket
        endpoint = .unix(path: path)
    }

    deinit { close(descriptor) }

    /// The next connection, waited for at most `limit`; -1 when none comes. The caller closes it.
    package func accept(within limit: Duration = .seconds(20)) -> Int32 {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, limit.pollMilliseconds) > 0 else { return -1 }
        return Glibc.accept(descriptor, nil, nil)
    }

    private static func makeSocket(_ family: Int32) -> Int32 {
        socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    }

    private static func bindToLoopback(_ socket: Int32, ipv6: Bool) -> Bool {
        if ipv6 {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_addr = in6addr_loopback
            return withGeneric(&address) { bind(socket, $0, $1) } == 0
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        return withGeneric(&address) { bind(socket, $0, $1) } == 0
    }

    /// Both families have the port at the same place.
    private static func port(of socket: Int32) -> UInt16 {
        var address = sockaddr_in6()
        var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
        _ = withGeneric(&address) { pointer, _ in
            getsockname(socket, UnsafeMutablePointer(mutating: pointer), &length)
        }
        return UInt16(bigEndian: address.sin6_port)
    }

    private static func withGeneric<Address>(
        _ address: inout Address,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<Address>.size))
            }
        }
    }
}
