// Unix stream sockets: addresses, connecting, and the listening kind that cleans up after itself.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import Glibc

enum UnixSocket {
    /// A connected blocking socket, close-on-exec.
    static func connect(path: String) throws(EGDError) -> Int32 {
        let descriptor = try make(path: path)
        // Seconds. A full backlog makes connect(2) wait for the server without end; this ends it.
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(
            descriptor,
            SOL_SOCKET,
            SO_SNDTIMEO,
            &limit,
            socklen_t(MemoryLayout<timeval>.size)
        )
        guard try withAddress(path, { Glibc.connect(descriptor, $0, $1) }) == 0 else {
            let number = errno
            close(descriptor)
            throw connectError(path, number)
        }
        return descriptor
    }

    /// A new stream socket for `path`, which is checked for its length.
    static func make(path: String) throws(EGDError) -> Int32 {
        guard path.utf8.count <= maximumPathLength else { throw EGDError(.pathTooLong, path) }
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_UNIX, type, 0)
        guard descriptor >= 0 else { throw EGDError.systemCall("socket") }
        return descriptor
    }

    static func withAddress<R>(
        _ path: String,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> R
    ) throws(EGDError) -> R {
        guard path.utf8.count <= maximumPathLength else { throw EGDError(.pathTooLong, path) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    private static func connectError(_ path: String, _ number: Int32) -> EGDError {
        switch number {
        case ENOENT: EGDError(.socketMissing, path, number: number)
        case ECONNREFUSED: EGDError(.nobodyListens, path, number: number)
        case EACCES, EPERM: EGDError(.permissionDenied, path, number: number)
        case EAGAIN: EGDError(.timedOut, path)
        case EPROTOTYPE, ENOTSOCK: EGDError(.notASocket, path, number: number)
        default: EGDError(.systemCall, "connect to \(path)", number: number)
        }
    }

    /// Bytes: sun_path of unix(7) without the terminating zero.
    static let maximumPathLength = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1
}

/// A bound and listening socket. When the last reference goes it is closed and its file removed,
/// unless something else took the file's place meanwhile.
final class UnixListener: Sendable {
    let descriptor: Int32
    private let path: String
    private let device: dev_t
    private let inode: ino_t

    /// Replaces a socket file that nobody accepts on. No client gets in before mode and owner stand.
    init(_ address: EGDUnixAddress) throws(EGDError) {
        path = address.path
        try Self.removeStaleSocket(path)
        descriptor = try UnixSocket.make(path: path)
        var bound = false
        do throws(EGDError) {
            // bind(2) gives the file the socket's own mode, so that it is never wider than it shall be.
            guard fchmod(descriptor, address.mode) == 0 else { throw EGDError.systemCall("fchmod") }
            let descriptor = descriptor
            guard try UnixSocket.withAddress(path, { bind(descriptor, $0, $1) }) == 0 else {
                throw EGDError.systemCall("bind to \(path)")
            }
            bound = true
            var file = stat()
            guard lstat(path, &file) == 0 else { throw EGDError.systemCall("stat of \(path)") }
            device = file.st_dev
            inode = file.st_ino
            try Self.applyAccess(address)
            // The kernel cuts the backlog down to net.core.somaxconn.
            guard listen(descriptor, Int32.max) == 0 else { throw EGDError.systemCall("listen") }
            let flags = fcntl(descriptor, F_GETFL)
            guard fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0 else {
                throw EGDError.systemCall("fcntl")
            }
        } catch {
            close(descriptor)
            if bound { unlink(path) }
            throw error
        }
    }

    deinit {
        close(descriptor)
        var file = stat()
        if lstat(path, &file) == 0, file.st_dev == device, file.st_ino == inode { unlink(path) }
    }

    /// Sets owner, group and mode of the socket file.
    static func applyAccess(_ address: EGDUnixAddress) throws(EGDError) {
        if address.owner != nil || address.group != nil {
            let unchanged = UInt32.max
            guard chown(address.path, address.owner ?? unchanged, address.group ?? unchanged) == 0
            else { throw EGDError.systemCall("chown of \(address.path)") }
        }
        guard chmod(address.path, address.mode) == 0 else {
            throw EGDError.systemCall("chmod of \(address.path)")
        }
    }

    private static func removeStaleSocket(_ path: String) throws(EGDError) {
        var file = stat()
        guard lstat(path, &file) == 0 else { return }
        guard file.st_mode & S_IFMT == S_IFSOCK else { throw EGDError(.notASocket, path) }
        do throws(EGDError) {
            close(try UnixSocket.connect(path: path))
        } catch  where error.code == .nobodyListens {
            unlink(path)
            return
        }
        throw EGDError(.addressInUse, path)
    }
}
