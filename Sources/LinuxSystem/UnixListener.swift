// A listening Unix socket: bound without trampling on a living server, and cleaned up after.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import Glibc

/// A bound, listening and non-blocking socket. When the last reference goes it is closed and its file
/// removed, unless something else took the file's place meanwhile.
package final class UnixListener: Sendable {
    package let descriptor: Int32
    private let file: SocketFile

    /// Permission bits, and numeric owner and group, which are left alone where nil.
    package init(
        path: String,
        mode: UInt32,
        owner: UInt32? = nil,
        group: UInt32? = nil
    ) throws(SystemError) {
        guard !UnixAddress.isAbstract(path) else {
            throw SystemError(
                "listen on \(path)",
                code: EINVAL,
                hint: "An abstract name has no owner and no mode; choose a path."
            )
        }
        try Self.removeStaleSocket(path)
        let socket = try UnixSocket.make(nonBlocking: true)
        var bound: SocketFile?
        do throws(SystemError) {
            // bind(2) gives the file the socket's own mode: it is never wider than it shall be.
            guard fchmod(socket, mode) == 0 else { throw SystemError("set a socket's mode") }
            guard try UnixSocket.withAddress(path, { bind(socket, $0, $1) }) == 0 else {
                throw SystemError(
                    "bind to \(path)",
                    hint: "Its folder must exist and be writable for this user."
                )
            }
            let made = try SocketFile(path)
            bound = made
            try made.setAccess(mode: mode, owner: owner, group: group)
            // No client gets in before this. The kernel cuts the backlog to net.core.somaxconn.
            guard listen(socket, Int32.max) == 0 else { throw SystemError("listen on \(path)") }
            (descriptor, file) = (socket, made)
        } catch {
            close(socket)
            bound?.remove()
            throw error
        }
    }

    deinit {
        close(descriptor)
        file.remove()
    }

    /// Changes mode, owner and group of the socket's file under its clients.
    package func setAccess(
        mode: UInt32,
        owner: UInt32?,
        group: UInt32?
    ) throws(SystemError) {
        try file.setAccess(mode: mode, owner: owner, group: group)
    }

    /// The path is free when nobody accepts on the socket there. Anything but a clear refusal counts
    /// as a living server: a full backlog, another type of socket, one that this user may not reach.
    private static func removeStaleSocket(_ path: String) throws(SystemError) {
        var facts = stat()
        guard lstat(path, &facts) == 0 else { return }
        guard facts.st_mode & S_IFMT == S_IFSOCK else {
            throw SystemError(
                "bind to \(path)",
                code: ENOTSOCK,
                hint: "A file that is no socket is in the way."
            )
        }
        do throws(SystemError) {
            close(try UnixSocket.connect(path: path, nonBlocking: true))
        } catch {
            if error.code == ENAMETOOLONG { throw error }
            if error.code == ECONNREFUSED { unlink(path) }
            if [ECONNREFUSED, ENOENT].contains(error.code) { return }
        }
        throw SystemError(
            "bind to \(path)",
            code: EADDRINUSE,
            hint: "Another server answers there; is wellspring running already?"
        )
    }
}

/// The file of a bound socket, known by its inode.
private struct SocketFile {
    let path: String
    let device: dev_t
    let inode: ino_t

    init(_ path: String) throws(SystemError) {
        var facts = stat()
        guard lstat(path, &facts) == 0 else { throw SystemError("find \(path)") }
        (self.path, device, inode) = (path, facts.st_dev, facts.st_ino)
    }

    func setAccess(mode: UInt32, owner: UInt32?, group: UInt32?) throws(SystemError) {
        if owner != nil || group != nil {
            let unchanged = UInt32.max
            guard chown(path, owner ?? unchanged, group ?? unchanged) == 0 else {
                throw SystemError("set owner and group of \(path)")
            }
        }
        guard chmod(path, mode) == 0 else { throw SystemError("set the mode of \(path)") }
    }

    func remove() {
        var facts = stat()
        guard lstat(path, &facts) == 0, facts.st_dev == device, facts.st_ino == inode else {
            return
        }
        unlink(path)
    }
}
