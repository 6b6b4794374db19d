// Addresses of Unix sockets, by path or abstract (unix(7)).
// SPDX-License-Identifier: Apache-2.0

package import Glibc

package enum UnixAddress {
    /// Bytes; sun_path has 108 and a path ends with a zero.
    package static let longestPath = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1

    /// Calls `body` with the address of `path`; a leading "@" means the abstract name space. Nil
    /// when the path is empty, too long or holds a zero byte.
    package static func with<R>(
        _ path: String,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> R
    ) -> R? {
        var bytes = Array(path.utf8)
        guard !bytes.isEmpty, bytes.count <= longestPath, !bytes.contains(0) else { return nil }
        let isAbstract = isAbstract(path)
        if isAbstract { bytes[0] = 0 }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        // An abstract name is as long as the address says; a path's length includes its zero.
        let length = MemoryLayout<sa_family_t>.size + bytes.count + (isAbstract ? 0 : 1)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(length)) }
        }
    }

    static func isAbstract(_ path: String) -> Bool { path.utf8.first == UInt8(ascii: "@") }
}
