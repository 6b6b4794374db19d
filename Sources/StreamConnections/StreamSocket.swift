// Connecting to a stream server, Unix or TCP, within a time limit and never longer than one is wanted.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
package import LinuxSystem

package enum StreamSocket {
    /// A connected, non-blocking, close-on-exec socket, which the caller closes. TCP sockets send at
    /// once (TCP_NODELAY) and are watched while idle (SO_KEEPALIVE).
    ///
    /// All addresses of a host are tried in turn, each with its share of what is left of `limit`.
    /// Ends early, with an error of code `interrupted`, when `wake` (-1: none) is readable.
    package static func connect(
        to endpoint: StreamEndpoint,
        within limit: Duration = standardLimit,
        wake: Int32 = -1,
        resolver: NameResolver = .system
    ) throws(StreamConnectionError) -> Int32 {
        let deadline = SystemClock.awake + limit
        switch endpoint {
        case .unix(let path):
            return try connectUnix(path, endpoint, until: deadline, wake: wake)
        case .tcp(let host, let port):
            let addresses = try resolver.resolve(
                host,
                port,
                for: endpoint,
                until: deadline,
                wake: wake
            )
            return try connect(toOneOf: addresses, endpoint, until: deadline, wake: wake)
        }
    }

    /// Long enough for a name server that needs a second attempt (5 s, resolv.conf(5)) and for three
    /// lost SYN segments (1 s, 2 s, 4 s).
    package static let standardLimit = Duration.seconds(10)

    /// A Unix socket connects at once unless the server's backlog is full, which cannot be waited for
    /// with poll.
    private static func connectUnix(
        _ path: String,
        _ endpoint: StreamEndpoint,
        until deadline: Duration,
        wake: Int32
    ) throws(StreamConnectionError) -> Int32 {
        while true {
            do throws(SystemError) {
                return try UnixSocket.connect(path: path, nonBlocking: true)
            } catch {
                guard error.code == EAGAIN else {
                    throw StreamConnectionError(system: error.code, endpoint)
                }
            }
            let now = SystemClock.awake
            guard now < deadline else { throw .tooLate(endpoint) }
            if waitForEvents(0, on: -1, wake: wake, until: min(deadline, now + backlogPause))
                == .woken
            {
                throw .interrupted(endpoint)
            }
        }
    }

    private static func connect(
        toOneOf addresses: [StreamAddress],
        _ endpoint: StreamEndpoint,
        until deadline: Duration,
        wake: Int32
    ) throws(StreamConnectionError) -> Int32 {
        var failure = StreamConnectionError.tooLate(endpoint)
        for (index, address) in addresses.enumerated() {
            let now = SystemClock.awake
            guard now < deadline else { break }
            let share = (deadline - now) / (addresses.count - index)
            do throws(StreamConnectionError) {
                return try connect(to: address, endpoint, until: now + share, wake: wake)
            } catch {
                if error.code == .interrupted { throw error }
                failure = error
            }
        }
        throw failure
    }

    private static func connect(
        to address: StreamAddress,
        _ endpoint: StreamEndpoint,
        until deadline: Duration,
        wake: Int32
    ) throws(StreamConnectionError) -> Int32 {
        let type = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        let descriptor = socket(address.family, Int32(type), 0)
        guard descriptor >= 0 else { throw StreamConnectionError(system: errno, endpoint) }
        do throws(StreamConnectionError) {
            socketOption(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
            socketOption(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1)
            let result = address.bytes.withUnsafeBytes { bytes in
                Glibc.connect(
                    descriptor,
                    bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self),
                    socklen_t(bytes.count)
                )
            }
            // After EINTR a connection goes on being made, too (connect(2), POSIX).
            if result != 0 {
                guard errno == EINPROGRESS || errno == EINTR else {
                    throw StreamConnectionError(system: errno, endpoint)
                }
                switch waitForEvents(POLLOUT, on: descriptor, wake: wake, until: deadline) {
                case .woken: throw .interrupted(endpoint)
                case .timedOut: throw .tooLate(endpoint)
                case .ready: break
                }
                let error = pendingError(descriptor)
                guard error == 0 else { throw StreamConnectionError(system: error, endpoint) }
            }
        } catch {
            close(descriptor)
            throw error
        }
        return descriptor
    }

    private static func pendingError(_ descriptor: Int32) -> Int32 {
        var error: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) == 0 ? error : errno
    }

    /// A server that is not stuck empties its backlog faster.
    private static let backlogPause = Duration.milliseconds(20)
}

extension StreamConnectionError {
    package static func interrupted(_ endpoint: StreamEndpoint) -> Self {
        Self(.interrupted, endpoint, "it is not wanted any more")
    }

    package static func tooLate(_ endpoint: StreamEndpoint) -> Self {
        Self(.timedOut, endpoint, "it did not answer in time")
    }
}
