// Unix stream sockets: making and connecting them.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import Glibc

package enum UnixSocket {
    /// A connected, close-on-exec stream socket. The caller closes it.
    ///
    /// A blocking one waits at most 10 s for a server whose backlog is full, a non-blocking one not
    /// at all; then the error's code is EAGAIN. For an impossible path it is ENAMETOOLONG.
    package static func connect(
        path: String,
        nonBlocking: Bool = false
    ) throws(SystemError) -> Int32 {
        let descriptor = try make(nonBlocking: nonBlocking)
        do throws(SystemError) {
            var limit = timeval(tv_sec: connectPatience, tv_usec: 0)
            setsockopt(
                descriptor,
                SOL_SOCKET,
                SO_SNDTIMEO,
                &limit,
                socklen_t(MemoryLayout<timeval>.size)
            )
            guard try withAddress(path, { Glibc.connect(descriptor, $0, $1) }) == 0 else {
                throw SystemError("connect to \(path)")
            }
        } catch {
            close(descriptor)
            throw error
        }
        return descriptor
    }

    static func make(nonBlocking: Bool) throws(SystemError) -> Int32 {
        let kind = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue
        let type = nonBlocking ? kind | SOCK_NONBLOCK.rawValue : kind
        let descriptor = socket(AF_UNIX, Int32(type), 0)
        guard descriptor >= 0 else { throw SystemError("create a socket") }
        return descriptor
    }

    /// What `call` returns; errno is that of the call.
    static func withAddress(
        _ path: String,
        _ call: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) throws(SystemError) -> Int32 {
        guard let result = UnixAddress.with(path, call) else {
            throw SystemError(
                "use \(path) as a socket",
                code: ENAMETOOLONG,
                hint: "A socket's path has 1 to \(UnixAddress.longestPath) bytes."
            )
        }
        return result
    }

    /// Seconds. A full backlog makes connect(2) wait for the server without end; this ends it.
    private static let connectPatience = 10
}
