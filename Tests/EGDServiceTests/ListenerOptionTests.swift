// What single listeners can do beyond serving: greet, let writers count, know nodes, share threads.
// SPDX-License-Identifier: Apache-2.0

import EGDProtocol
import EGDService
import Glibc
import LinuxSystem
import Synchronization
import Testing
import WellspringTesting

@Suite("Options of a listener", .timeLimit(.minutes(2)))
struct ListenerOptionTests {
    @Test("a greeting comes unasked, once for each connection, and before any answer")
    func greeting() throws {
        let running = try RunningServer(ScriptedTap(available: 200)) { $0.greeting = 64 }
        let first = try BareClient(running.path)
        #expect(try first.receive(64) == stream(0..<64))
        try first.send([2, 16])
        #expect(try first.receive(16) == stream(64..<80))
        let second = try BareClient(running.path)
        #expect(try second.receive(64) == stream(80..<144))
        #expect(!first.isReadable())
        #expect(eventually { running.statistics.deliveredByteCount == 144 })
    }

    @Test("a greeting waits its turn when bytes are scarce, and counts against the rate")
    func scarceGreeting() throws {
        let running = try RunningServer(ScriptedTap()) { $0.greeting = 64 }
        let earlier = try BareClient(running.path)
        #expect(eventually { running.statistics.waitingClients == 1 })
        let guest = try BareClient(running.path)
        try guest.send([2, 8])
        #expect(eventually { running.statistics.waitingClients == 2 })
        running.supply(64)
        #expect(try earlier.receive(64) == stream(0..<64))
        running.supply(72)
        #expect(try guest.receive(72) == stream(64..<136))

        let rack = try RackServer(ScriptedTap(available: 1_000)) {
            $0.greeting = 64
            $0.clientRate = EGDRate(bytesPerSecond: 1, burst: 64)
        }
        _ = try rack.connect().receive(64)
        let again = try rack.connect()
        #expect(eventually { rack.statistics.throttles == 1 })
        #expect(!again.isReadable())
    }

    @Test("a trusted writer's bytes are handed on as far as it claims, the rest is mixed")
    func trustedWriter() throws {
        let trusted = try RunningServer(ScriptedTap()) { $0.trustedWriters = [geteuid()] }
        let client = try BareClient(trusted.path)
        // 12 bits for four bytes: three of them at four bits each. The most that can be claimed.
        try client.send([3, 0, 12, 4, 1, 2, 3, 4])
        try client.send([3, 0xFF, 0xFF, 3, 5, 6, 7])
        try client.send([3, 0, 0, 2, 8, 9])
        _ = try client.level()
        #expect(trusted.tap.state.withLock { $0.contributed } == [1, 2, 3, 5, 6, 7])
        #expect(trusted.tap.mixed == [4, 8, 9])
        #expect(trusted.statistics.contributedByteCount == 6)

        let other = try RunningServer(ScriptedTap()) { $0.trustedWriters = [geteuid() + 1] }
        let stranger = try BareClient(other.path)
        try stranger.send([3, 0xFF, 0xFF, 3, 5, 6, 7])
        _ = try stranger.level()
        #expect(other.tap.state.withLock { $0.contributed } == [])
        #expect(other.tap.mixed == [5, 6, 7])
    }

    @Test("a node that announces itself is told the path, others the process id alone")
    func announcement() throws {
        let own = EGDNode(identifier: 1, name: "own")
        let chain = SharedChain(own: own)
        let above = EGDNode(identifier: 2, name: "above")
        chain.withLock { $0.setUpstream(EGDPath(nodes: [above]), of: "hub") }
        let running = try RunningServer(ScriptedTap(available: 64), chain: chain)
        let reader = EGDNode(identifier: 3, name: "reader")
        let node = try BareClient(running.path)
        // In pieces, as a network may deliver it.
        let words = [3, 0, 0, 32] + reader.announcement + [4]
        for piece in [words[..<1], words[1..<9], words[9..<30], words[30...]] {
            try node.send(Array(piece))
            _ = try BareClient(running.path).level()
        }
        let length = try node.receive(1)[0]
        let path = EGDPath(reply: try node.receive(Int(length)))
        #expect(path == EGDPath(nodes: [own, above]))
        #expect(running.tap.mixed == reader.announcement)
        #expect(
            eventually { running.statistics.clients.contains { $0.node == "00000003:reader" } }
        )
        let ordinary = try BareClient(running.path)
        try ordinary.send([4])
        let pid = Array(String(getpid()).utf8)
        #expect(try ordinary.receive(1 + pid.count) == [UInt8(pid.count)] + pid)
        #expect(chain.withLock { $0.verdict(on: EGDPath(nodes: [reader])) } == .circle(reader))
        shutdown(node.descriptor, Int32(SHUT_RDWR))
        #expect(
            eventually { chain.withLock { $0.verdict(on: EGDPath(nodes: [reader])) } == .fine }
        )
    }

    @Test("a node that this one reads from may not read here, and is told the path that says why")
    func circle() throws {
        let chain = SharedChain(own: EGDNode(identifier: 1, name: "own"))
        let above = EGDNode(identifier: 2, name: "above")
        chain.withLock { $0.setUpstream(EGDPath(nodes: [above]), of: "hub") }
        let running = try RunningServer(ScriptedTap(available: 64), chain: chain)
        for node in [above, EGDNode(identifier: 1, name: "own")] {
            let client = try BareClient(running.path)
            try client.send([3, 0, 0, 32] + node.announcement + [4, 2, 8])
            let length = try client.receive(1)[0]
            let path = EGDPath(reply: try client.receive(Int(length)))
            #expect(path?.nodes.contains(node) == true)
            #expect(try client.receiveOnce(upTo: 1).isEmpty)
            let silent = try BareClient(running.path)
            try silent.send([3, 0, 0, 32] + node.announcement + [2, 8])
            #expect(try silent.receiveOnce(upTo: 1).isEmpty)
        }
        #expect(eventually { running.statistics.circles == 4 })
        #expect(running.tap.taken == 0)
    }

    @Test("a node that waits already when it turns out to be one of the own upstreams gets nothing")
    func lateCircle() throws {
        let chain = SharedChain(own: EGDNode(identifier: 1, name: "own"))
        let above = EGDNode(identifier: 2, name: "above")
        chain.withLock { $0.setUpstream(EGDPath(nodes: [above]), of: "hub") }
        let running = try RunningServer(ScriptedTap(), chain: chain)
        let client = try BareClient(running.path)
        try client.send([2, 8])
        #expect(eventually { running.statistics.waitingClients == 1 })
        try client.send([3, 0, 0, 32] + above.announcement)
        #expect(try client.receiveOnce(upTo: 1).isEmpty)
        #expect(eventually { running.statistics.circles == 1 })
    }

    @Test("several threads serve one listener, each byte once")
    func loops() throws {
        let rack = try RackServer(ScriptedTap(available: 1 << 20), loopCount: 3) {
            $0.isSpread = true
        }
        let clients = try (0..<60).map { try rack.connect(fromHost: $0 % 7 + 2) }
        for _ in 0..<20 {
            for client in clients { try client.send([2, 32]) }
        }
        var seen: [Int] = []
        for client in clients { seen += numbers(try client.receive(20 * 32)) }
        #expect(Set(seen).count == 60 * 20 * 4)
        #expect(eventually { rack.statistics.deliveredByteCount == 60 * 20 * 32 })
        let statistics = rack.statistics
        #expect(statistics.connections == 60)
        #expect(statistics.requests == 60 * 20)
        #expect(statistics.clients.count == 7)
        #expect(statistics.clients.reduce(0) { $0 + $1.connections } == 60)
    }

    @Test("a listener whose clients wait is served by one thread, however many there are")
    func singleLoop() throws {
        let rack = try RackServer(ScriptedTap(), loopCount: 3)
        let clients = try (0..<30).map { _ in try rack.connect() }
        for (index, client) in clients.enumerated() {
            try client.send([2, 8])
            #expect(eventually { rack.statistics.waitingClients == index + 1 })
        }
        for (index, client) in clients.enumerated() {
            rack.supply(8)
            #expect(try client.receive(8) == stream(index * 8..<index * 8 + 8))
        }
    }

    @Test("IPv6 loopback is served, and the port that the system chose is told")
    func internetSix() throws {
        let tap = ScriptedTap(available: 8)
        let server = try EGDServer(listeners: [
            EGDListenerConfiguration(
                name: "six",
                address: .internet(InternetAddress(text: "[::1]:0")!),
                tap: tap
            )
        ])
        try server.start()
        defer { server.stop() }
        let address = try #require(InternetAddress(text: server.statistics[0].address))
        #expect(address.port != 0)
        let descriptor = socket(AF_INET6, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        let client = BareClient(descriptor)
        try #require(address.withSocketAddress { Glibc.connect(descriptor, $0, $1) } == 0)
        try client.send([2, 8])
        #expect(try client.receive(8) == stream(0..<8))
        #expect(server.statistics[0].clients.map(\.identity.description) == ["::1"])
    }

    @Test("an address that is taken, or not this machine's, is an error with a hint")
    func badAddresses() throws {
        let rack = try RackServer(ScriptedTap())
        for (text, hint) in [
            ("127.0.0.1:\(rack.port)", "already serves"), ("192.0.2.1:1", "no address of"),
        ] {
            let error = #expect(throws: EGDError.self) {
                try EGDServer(listeners: [
                    EGDListenerConfiguration(
                        name: "x",
                        address: .internet(InternetAddress(text: text)!),
                        tap: ScriptedTap()
                    )
                ])
            }
            #expect(error.map { $0.description.contains(hint) } == true, "\(error as Any)")
        }
    }
}
