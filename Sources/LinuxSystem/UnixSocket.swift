// Unix stream sockets by path: connecting, and binding without trampling on a living server.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import Glibc

package enum UnixSocket {
    /// A connected, close-on-exec stream socket. The caller closes it.
    package static func connect(path: String) throws(SystemError) -> Int32 {
        let descriptor = try make(nonBlocking: false)
        let code = try withAddress(path) { Glibc.connect(descriptor, $0, $1) }
        guard code == 0 else {
            let error = SystemError("connect to \(path)")
            close(descriptor)
            throw error
        }
        return descriptor
    }

    /// A listening, non-blocking socket at `path` with exactly `mode`. The caller closes it and
    /// removes the path. A socket that a dead process left is replaced; one that answers is not, nor
    /// is a file of another kind.
    package static func listen(
        path: String,
        mode: UInt32,
        userID: UInt32?,
        groupID: UInt32?
    ) throws(SystemError) -> Int32 {
        try removeStale(path)
        let descriptor = try make(nonBlocking: true)
        do throws(SystemError) {
            // Bound with no permission at all, opened up once owner and mode are right.
            let before = umask(0o777)
            let code = try withAddress(path) { bind(descriptor, $0, $1) }
            umask(before)
            guard code == 0 else {
                throw SystemError(
                    "bind \(path)",
                    hint: "Its folder must exist and be writable for this user."
                )
            }
            if userID != nil || groupID != nil {
                guard chown(path, userID ?? .max, groupID ?? .max) == 0 else {
                    throw SystemError(
                        "give \(path) to user \(userID ?? .max), group \(groupID ?? .max)"
                    )
                }
            }
            guard chmod(path, mode) == 0 else { throw SystemError("set the mode of \(path)") }
            // The kernel cuts this to net.core.somaxconn.
            guard Glibc.listen(descriptor, Int32.max) == 0 else {
                throw SystemError("listen on \(path)")
            }
        } catch {
            close(descriptor)
            throw error
        }
        return descriptor
    }

    private static func removeStale(_ path: String) throws(SystemError) {
        var facts = stat()
        guard lstat(path, &facts) == 0 else { return }
        guard facts.st_mode & S_IFMT == S_IFSOCK else {
            throw SystemError(
                "bind \(path)",
                code: EEXIST,
                hint: "Something that is no socket is in the way."
            )
        }
        if let descriptor = try? connect(path: path) {
            close(descriptor)
            throw SystemError(
                "bind \(path)",
                code: EADDRINUSE,
                hint: "Another server answers there; is wellspring running already?"
            )
        }
        unlink(path)
    }

    private static func make(nonBlocking: Bool) throws(SystemError) -> Int32 {
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(
            AF_UNIX,
            kind | (nonBlocking ? Int32(SOCK_NONBLOCK.rawValue) : 0),
            0
        )
        guard descriptor >= 0 else { throw SystemError("create a socket") }
        return descriptor
    }

    private static func withAddress(
        _ path: String,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) throws(SystemError) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        let bytes = Array(path.utf8)
        guard !bytes.isEmpty, bytes.count < capacity, !bytes.contains(0) else {
            throw SystemError(
                "use \(path) as a socket",
                code: ENAMETOOLONG,
                hint: "A socket's path has 1 to \(capacity - 1) bytes."
            )
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
