// Connecting: both families, several addresses, refusals, time limits, and being woken from each wait.
// SPDX-License-Identifier: Apache-2.0

import Glibc
import LinuxSystem
import Synchronization
import Testing
import WellspringTesting

@testable import StreamConnections

@Suite("StreamSocket", .timeLimit(.minutes(2)))
struct StreamSocketTests {
    @Test("IPv4, IPv6 and a name reach a listener; the socket is as promised")
    func tcp() throws {
        for ipv6 in [false, true] {
            guard let listener = LoopbackListener(ipv6: ipv6) else { continue }
            var endpoints = [listener.endpoint]
            if case .tcp(_, let port) = listener.endpoint, !ipv6 {
                endpoints.append(.tcp(host: "localhost", port: port))
            }
            for endpoint in endpoints {
                let socket = try StreamSocket.connect(to: endpoint)
                defer { close(socket) }
                #expect(fcntl(socket, F_GETFD) & FD_CLOEXEC != 0)
                #expect(fcntl(socket, F_GETFL) & O_NONBLOCK != 0)
                #expect(option(socket, Int32(IPPROTO_TCP), TCP_NODELAY) != 0)
                #expect(option(socket, SOL_SOCKET, SO_KEEPALIVE) != 0)
                let accepted = listener.accept()
                #expect(accepted >= 0)
                close(accepted)
            }
        }
    }

    @Test("a Unix socket is connected; a full backlog is waited for until the limit")
    func unix() throws {
        let folder = TemporaryDirectory()
        let listener = try #require(LoopbackListener(path: folder.file("s"), backlog: 0))
        let first = try StreamSocket.connect(to: listener.endpoint)
        defer { close(first) }
        let error = #expect(throws: StreamConnectionError.self) {
            close(try StreamSocket.connect(to: listener.endpoint, within: .milliseconds(50)))
        }
        #expect(error?.code == .timedOut)
        close(listener.accept())
        close(try StreamSocket.connect(to: listener.endpoint))
    }

    @Test("a refusal and a missing socket are told with the system's words")
    func refused() throws {
        let folder = TemporaryDirectory()
        let closed = try #require(LoopbackListener()?.endpoint)
        for (endpoint, number) in [
            (closed, ECONNREFUSED), (.unix(path: folder.file("no")), ENOENT),
            (.unix(path: "/" + String(repeating: "a", count: 200)), ENAMETOOLONG),
        ] {
            let error = #expect(throws: StreamConnectionError.self) {
                close(try StreamSocket.connect(to: endpoint))
            }
            #expect(error?.code == .system)
            #expect(error?.number == number)
            #expect(error?.description.contains("\(endpoint)") == true)
        }
    }

    @Test("the second address is used when the first refuses")
    func secondAddress() throws {
        let listener = try #require(LoopbackListener())
        let closed = try #require(LoopbackListener()?.endpoint)
        let resolver = NameResolver { _, _ in
            .success([loopback(closed), loopback(listener.endpoint)])
        }
        close(
            try StreamSocket.connect(to: .tcp(host: "twofold", port: 1), resolver: resolver)
        )
        close(listener.accept())
    }

    @Test("an unknown name is told")
    func unknownHost() {
        let resolver = NameResolver { _, _ in .failure(.init(reason: "not known")) }
        for resolver in [resolver, NameResolver { _, _ in .success([]) }] {
            let error = #expect(throws: StreamConnectionError.self) {
                try StreamSocket.connect(to: .tcp(host: "nowhere", port: 1), resolver: resolver)
            }
            #expect(error?.code == .unknownHost)
            #expect(error?.reason.contains("nowhere") == true)
        }
    }

    @Test("a resolver that hangs is left when woken or when the time is over, and frees itself")
    func hangingResolver() throws {
        let release = try EventDescriptor()
        let ended = try EventDescriptor()
        let endings = Endings()
        let resolver = NameResolver { _, _ in
            release.wait(atMost: .seconds(60))
            if endings.count.wrappingAdd(1, ordering: .relaxed).newValue == 2 { ended.signal() }
            return .success([])
        }
        let wake = WakeEvent()
        wake.signal()
        let endpoint = StreamEndpoint.tcp(host: "hangs", port: 1)
        let woken = #expect(throws: StreamConnectionError.self) {
            try StreamSocket.connect(to: endpoint, wake: wake.descriptor, resolver: resolver)
        }
        #expect(woken?.code == .interrupted)
        let late = #expect(throws: StreamConnectionError.self) {
            try StreamSocket.connect(to: endpoint, within: .milliseconds(20), resolver: resolver)
        }
        #expect(late?.code == .timedOut)
        release.signal()
        #expect(ended.wait(atMost: .seconds(20)))
    }

    @Test("a host that swallows packets is left when woken or when the time is over")
    func blackHole() throws {
        // A full backlog drops SYN segments: one connection fills it, the kernel keeps one more.
        let listener = try #require(LoopbackListener(backlog: 0))
        var waiting: [Int32] = []
        defer { for socket in waiting { close(socket) } }
        var error: StreamConnectionError?
        while error == nil, waiting.count < 8 {
            do throws(StreamConnectionError) {
                waiting.append(
                    try StreamSocket.connect(to: listener.endpoint, within: .milliseconds(100))
                )
            } catch let failure { error = failure }
        }
        #expect(error?.code == .timedOut)
        let wake = WakeEvent()
        wake.signal()
        let woken = #expect(throws: StreamConnectionError.self) {
            try StreamSocket.connect(to: listener.endpoint, wake: wake.descriptor)
        }
        #expect(woken?.code == .interrupted)
    }

    private func option(_ socket: Int32, _ level: Int32, _ name: Int32) -> Int32 {
        var value: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(socket, level, name, &value, &length)
        return value
    }
}

private func loopback(_ endpoint: StreamEndpoint) -> StreamAddress {
    guard case .tcp(_, let port) = endpoint else { return StreamAddress(bytes: [], family: 0) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
    return withUnsafeBytes(of: &address) { StreamAddress(bytes: Array($0), family: AF_INET) }
}

private final class Endings: Sendable {
    let count = Atomic<Int>(0)
}
