// Facts and options of a socket that is there already (getsockname(2), getpeername(2), setsockopt(2)).
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

package enum SocketName {
    /// The socket's own internet address; nil for other families.
    package static func own(_ descriptor: Int32) -> InternetAddress? {
        read { getsockname(descriptor, $0, $1) }
    }

    /// The address at the other end; nil for other families and when nobody is there any more.
    package static func peer(_ descriptor: Int32) -> InternetAddress? {
        read { getpeername(descriptor, $0, $1) }
    }

    /// The path of a bound Unix socket; nil for other sockets and abstract names.
    package static func path(_ descriptor: Int32) -> String? {
        var address = sockaddr_un()
        var length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(descriptor, $0, &length)
            }
        }
        guard result == 0, Int32(address.sun_family) == AF_UNIX else { return nil }
        let bytes = withUnsafeBytes(of: address.sun_path) { Array($0.prefix { $0 != 0 }) }
        return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }

    /// Whether it is a stream socket that listens.
    package static func isListening(_ descriptor: Int32) -> Bool {
        var value: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &value, &length) == 0 && value != 0
    }

    private static func read(
        _ call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> InternetAddress? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0, &length) }
        }
        return result == 0 ? InternetAddress(storage) : nil
    }
}

/// Sets an option that has a whole number. A refusal is no error: options only improve a socket.
package func socketOption(_ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: Int32) {
    var value = value
    setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
}
