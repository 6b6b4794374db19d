// A listening stream socket: bound without trampling on a living server, and cleaned up after.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Synchronization

/// A bound, listening and non-blocking socket. When the last reference goes it is closed; the file of a
/// Unix socket is removed then, unless something else took its place meanwhile or it was left to others.
package final class StreamListener: Sendable {
    package let descriptor: Int32
    /// The file of a Unix socket that this object bound or took over.
    private let file: SocketFile?
    private let isFileLeft = Atomic<Bool>(false)

    /// A Unix socket: permission bits, and numeric owner and group, which are left alone where nil.
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

    /// A TCP socket.
    package init(_ address: InternetAddress) throws(SystemError) {
        let kind = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        let socket = socket(address.family, Int32(kind), 0)
        guard socket >= 0 else { throw SystemError("create a socket for \(address)") }
        // The port of a server that just ended is free again at once.
        socketOption(socket, SOL_SOCKET, SO_REUSEADDR, 1)
        if address.host.isIPv6 {
            socketOption(socket, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1)
        }
        Self.prepareInternet(socket)
        guard address.withSocketAddress({ bind(socket, $0, $1) }) == 0,
            listen(socket, Int32.max) == 0
        else {
            let code = errno
            close(socket)
            let hint =
                switch code {
                case EADDRINUSE: "Another server has this port; is wellspring running already?"
                case EADDRNOTAVAIL: "No interface of this machine has this address."
                case EACCES: "Ports below 1024 need root."
                default: nil as String?
                }
            throw SystemError("listen on \(address)", code: code, hint: hint)
        }
        (descriptor, file) = (socket, nil)
    }

    /// Takes over a socket that somebody else bound. `path` is its file where this object is to remove
    /// it in the end, once it has claimed it: a predecessor's, but not a service manager's.
    package init(adopting descriptor: Int32, removing path: String?) {
        self.descriptor = descriptor
        file = path.flatMap { path in try? SocketFile(path) }
        isFileLeft.store(true, ordering: .relaxed)
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        if SocketName.own(descriptor) != nil { Self.prepareInternet(descriptor) }
    }

    /// What accepted connections inherit: small buffers, which bound what a client may send ahead and
    /// leave untaken in kernel memory; each reply leaves at once; and a peer that vanished without a
    /// word is noticed within minutes, while one that is silent for days stays.
    private static func prepareInternet(_ socket: Int32) {
        socketOption(socket, SOL_SOCKET, SO_SNDBUF, sendBufferByteCount)
        socketOption(socket, SOL_SOCKET, SO_RCVBUF, receiveBufferByteCount)
        socketOption(socket, SOL_SOCKET, SO_KEEPALIVE, 1)
        let tcp = Int32(IPPROTO_TCP)
        socketOption(socket, tcp, TCP_NODELAY, 1)
        socketOption(socket, tcp, TCP_KEEPIDLE, keepAliveIdle)
        socketOption(socket, tcp, TCP_KEEPINTVL, keepAliveInterval)
        socketOption(socket, tcp, TCP_KEEPCNT, keepAliveProbes)
        socketOption(socket, tcp, TCP_USER_TIMEOUT, unacknowledgedLimit)
    }

    deinit {
        close(descriptor)
        if !isFileLeft.load(ordering: .relaxed) { file?.remove() }
    }

    /// Whether this object removes the socket's file in the end.
    package var ownsFile: Bool { file != nil }

    /// The socket is this process's alone: its file goes when it goes.
    package func claimFile() { isFileLeft.store(false, ordering: .relaxed) }

    /// The file shall stay: the socket goes on in another process.
    package func leaveFile() { isFileLeft.store(true, ordering: .relaxed) }

    /// Where a TCP socket listens; tells the port where 0 was asked for. Nil for a Unix socket.
    package var internetAddress: InternetAddress? { SocketName.own(descriptor) }

    /// Changes mode, owner and group of the socket's file under its clients.
    package func setAccess(
        mode: UInt32,
        owner: UInt32?,
        group: UInt32?
    ) throws(SystemError) {
        try file?.setAccess(mode: mode, owner: owner, group: group)
    }

    /// Bytes, which the kernel doubles for its own overhead: bounds what a client that never reads can
    /// draw from a pool and hold in kernel memory.
    package static let sendBufferByteCount: Int32 = 16_384
    /// Seconds of silence before the first probe, seconds between probes, probes: a dead peer is gone
    /// after four minutes.
    private static let keepAliveIdle: Int32 = 120
    private static let keepAliveInterval: Int32 = 30
    private static let keepAliveProbes: Int32 = 4
    /// Milliseconds that sent bytes may stay without an acknowledgement.
    private static let unacknowledgedLimit: Int32 = 240_000
    /// Bytes, which the kernel doubles. Two thousand requests, far more than any client sends ahead.
    private static let receiveBufferByteCount: Int32 = 8_192

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
