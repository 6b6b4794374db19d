// Clients as such: turns, rates, limits, accounts, whoever has how many connections.
// SPDX-License-Identifier: Apache-2.0

import EGDService
import Glibc
import LinuxSystem
import Testing
import WellspringTesting

@Suite("Clients of a listener", .timeLimit(.minutes(2)))
struct ClientTests {
    private let read32: [UInt8] = [2, 32]

    @Test("a client with fifty connections gets no more turns than one with a single one")
    func turnsOfClients() throws {
        let rack = try RackServer(ScriptedTap())
        let crowd = try (0..<50).map { _ in try rack.connect(fromHost: 2) }
        let single = try rack.connect(fromHost: 3)
        for client in crowd { try client.send(read32) }
        #expect(eventually { rack.statistics.waitingClients == 50 })
        try single.send(Array(repeating: read32, count: 10).flatMap { $0 })
        #expect(eventually { rack.statistics.waitingClients == 51 })
        for turn in 1...10 {
            rack.supply(64)
            _ = try single.receive(32)
            #expect(eventually { rack.tap.taken == turn * 64 })
        }
        #expect(eventually { rack.account(ofHost: 2)?.deliveredByteCount == 320 })
        #expect(eventually { rack.account(ofHost: 3)?.deliveredByteCount == 320 })
    }

    @Test("within a client the oldest connection comes first")
    func oldestFirst() throws {
        let rack = try RackServer(ScriptedTap())
        let clients = try (0..<8).map { _ in try rack.connect() }
        for (index, client) in clients.enumerated() {
            try client.send([2, 8])
            #expect(eventually { rack.statistics.waitingClients == index + 1 })
        }
        for (index, client) in clients.enumerated() {
            rack.supply(8)
            #expect(try client.receive(8) == stream(index * 8..<index * 8 + 8))
        }
    }

    @Test("a client over its rate waits, and another does not notice")
    func clientRate() throws {
        let rack = try RackServer(ScriptedTap(available: 10_000)) {
            $0.clientRate = EGDRate(bytesPerSecond: 1, burst: 64)
        }
        let greedy = try rack.connect(fromHost: 2)
        let modest = try rack.connect(fromHost: 3)
        try greedy.send([2, 32, 2, 32, 2, 32, 2, 32])
        #expect(try greedy.receive(64).count == 64)
        #expect(eventually { rack.account(ofHost: 2)?.throttles == 1 })
        // Another connection of the same client has no quota of its own, and a non-blocking read gets
        // what there is for it: nothing.
        let second = try rack.connect(fromHost: 2)
        try second.send([1, 32])
        #expect(try second.receive(1) == [0])
        #expect(!greedy.isReadable())
        for _ in 0..<2 {
            try modest.send(read32)
            #expect(try modest.receive(32).count == 32)
        }
        #expect(rack.account(ofHost: 3)?.throttles == 0)
        #expect(rack.statistics.throttles == 1)
    }

    @Test("a rate that is waited for comes, without anybody's further word")
    func rateComes() throws {
        let rack = try RackServer(ScriptedTap(available: 10_000)) {
            $0.clientRate = EGDRate(bytesPerSecond: 20_000, burst: 32)
        }
        let client = try rack.connect()
        try client.send(Array(repeating: read32, count: 60).flatMap { $0 })
        #expect(try client.receive(60 * 32) == stream(0..<60 * 32))
        #expect(rack.statistics.throttles > 0)
    }

    @Test("a rate for all is shared in turn")
    func totalRate() throws {
        let rack = try RackServer(ScriptedTap(available: 100_000)) {
            $0.totalRate = EGDRate(bytesPerSecond: 20_000, burst: 32)
        }
        let clients = try (2...5).map { try rack.connect(fromHost: $0) }
        for client in clients {
            try client.send(Array(repeating: read32, count: 40).flatMap { $0 })
        }
        // When the first has all of its, the others are at most a few turns behind.
        _ = try clients[0].receive(40 * 32)
        for host in 3...5 {
            let delivered = try #require(rack.account(ofHost: host)).deliveredByteCount
            #expect(delivered >= 30 * 32, "host \(host)")
        }
        for client in clients.dropFirst() { _ = try client.receive(40 * 32) }
        #expect(rack.tap.taken == 4 * 40 * 32)
    }

    @Test("a read that was begun is finished, though its first bytes used the rate up")
    func begunRead() throws {
        let rack = try RackServer(ScriptedTap()) {
            $0.clientRate = EGDRate(bytesPerSecond: 1, burst: 8)
        }
        let client = try rack.connect()
        try client.send([2, 64])
        #expect(eventually { rack.statistics.waitingClients == 1 })
        for round in 1...8 {
            rack.supply(8)
            #expect(eventually { rack.tap.taken == round * 8 })
        }
        #expect(try client.receive(64) == stream(0..<64))
        #expect(rack.statistics.throttles == 0)
    }

    @Test("new rates hold at once, also for those who wait")
    func newRates() throws {
        let directory = rackDirectory
        let tap = ScriptedTap(available: 10_000)
        var listener = EGDListenerConfiguration(
            name: "test",
            address: .unix(EGDUnixAddress(path: directory.file("egd.sock"))),
            tap: tap
        )
        listener.totalRate = EGDRate(bytesPerSecond: 1, burst: 1)
        let server = try EGDServer(listeners: [listener])
        try server.start()
        defer { server.stop() }
        let client = try BareClient(directory.file("egd.sock"))
        try client.send([2, 32, 2, 32])
        _ = try client.receive(32)
        #expect(eventually { server.statistics[0].throttles == 1 })
        listener.totalRate = nil
        try server.replaceListeners(with: [listener])
        #expect(try client.receive(32) == stream(32..<64))
    }

    @Test("hosts beyond the allow-list are turned away and counted")
    func allowList() throws {
        let rack = try RackServer(ScriptedTap(available: 100)) {
            $0.admission.hosts = [AddressRange(text: "127.0.0.2/31")!]
        }
        let allowed = try rack.connect(fromHost: 3)
        try allowed.send([2, 8])
        #expect(try allowed.receive(8) == stream(0..<8))
        let foreign = try rack.connect(fromHost: 4)
        _ = foreign.trySend([2, 8])
        // A reset or an end, but no bytes.
        #expect((try? foreign.receiveOnce(upTo: 8))?.isEmpty != false)
        #expect(eventually { rack.statistics.foreignConnections == 1 })
        #expect(rack.tap.taken == 8)
    }

    @Test("users beyond the allow-list are turned away, the daemon's own never")
    func users() throws {
        let stranger = geteuid() + 1
        for (own, count) in [(nil, 0), (geteuid(), 8)] as [(UInt32?, Int)] {
            let running = try RunningServer(ScriptedTap(available: 8)) {
                $0.admission.users = [stranger]
                $0.admission.ownUser = own
            }
            let client = try BareClient(running.path)
            _ = client.trySend([2, 8])
            let bytes = count == 0 ? try? client.receiveOnce(upTo: 8) : try client.receive(8)
            #expect((bytes ?? []).count == count)
            #expect(eventually { running.statistics.foreignConnections == (count == 0 ? 1 : 0) })
        }
        let running = try RunningServer(ScriptedTap(available: 8)) {
            $0.admission.groups = [getegid()]
        }
        #expect(try BareClient(running.path).level() == 64)
    }

    @Test("one client's connections are limited, others come in")
    func connectionsPerClient() throws {
        let rack = try RackServer(ScriptedTap(available: 100)) {
            $0.maximumConnectionsPerClient = 2
        }
        let first = [try rack.connect(fromHost: 2), try rack.connect(fromHost: 2)]
        for client in first { _ = try client.level() }
        let third = try rack.connect(fromHost: 2)
        #expect((try? third.receiveOnce(upTo: 1))?.isEmpty != false)
        #expect(try rack.connect(fromHost: 3).level() == 800)
        #expect(eventually { rack.account(ofHost: 2)?.refusedConnections == 1 })
        #expect(rack.statistics.refusedConnections == 1)
    }

    @Test("accounts add up, and stay for a while after the client has left")
    func accounts() throws {
        let rack = try RackServer(ScriptedTap(available: 48))
        var client: BareClient? = try rack.connect(fromHost: 2)
        try client?.send([2, 16, 0, 2, 32])
        _ = try client?.receive(16 + 4 + 32)
        try client?.send([2, 8])
        #expect(eventually { rack.account(ofHost: 2)?.waitingConnections == 1 })
        rack.supply(8)
        _ = try client?.receive(8)
        client = nil
        #expect(eventually { rack.account(ofHost: 2)?.connections == 0 })
        let account = try #require(rack.account(ofHost: 2))
        #expect(account.requests == 4)
        #expect(account.deliveredByteCount == 56)
        #expect(account.waits == 1)
        #expect(account.waitingConnections == 0)
        #expect(account.longestWait > .zero)
        let all = rack.statistics
        #expect(all.waits == 1)
        #expect(all.longestWait == account.longestWait)
        #expect(all.deliveredByteCount == 56)
        #expect(all.requests == 4)
    }

    @Test("more clients than are remembered leave no trace, and those that are here stay")
    func manyClients() throws {
        let rack = try RackServer(ScriptedTap(available: 100))
        let resident = try rack.connect(fromHost: 1)
        _ = try resident.level()
        for number in 0..<1_200 {
            let client = try BareClient.connected(
                from: "127.1.\(number / 200).\(number % 200 + 1)",
                to: rack.port
            )
            _ = try client.level()
        }
        #expect(eventually { rack.statistics.connections == 1 })
        #expect(rack.statistics.clients.count <= 1_025)
        #expect(rack.account(ofHost: 1)?.connections == 1)
        #expect(try resident.level() == 800)
    }

    @Test("longest wait over mean wait of 256 equal clients in a starved queue is at most 2")
    func equalWaits() throws {
        let rack = try RackServer(ScriptedTap())
        let clients = try (0..<256).map { try rack.connect(fromHost: $0 % 64 + 2) }
        for client in clients { try client.send(read32) }
        #expect(eventually { rack.statistics.waitingClients == 256 })
        // The wait of a read in turns, each turn one read: what waits longer than others shows.
        var asked = [Int](repeating: 0, count: 256)
        var waits: [Int] = []
        for turn in 1...2_048 {
            rack.supply(32)
            let index = try #require(firstReadable(clients))
            _ = try clients[index].receive(32)
            waits.append(turn - asked[index])
            asked[index] = turn
            try clients[index].send(read32)
            #expect(eventually { rack.statistics.waitingClients == 256 })
        }
        let settled = waits.dropFirst(256)
        let mean = Double(settled.reduce(0, +)) / Double(settled.count)
        let longest = try #require(settled.max())
        #expect(Double(longest) <= 2 * mean, "longest \(longest), mean \(mean)")
    }

    private let rackDirectory = TemporaryDirectory()

    private func firstReadable(_ clients: [BareClient]) -> Int? {
        var entries = clients.map {
            pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0)
        }
        guard poll(&entries, nfds_t(entries.count), deadlineMilliseconds) > 0 else { return nil }
        return entries.firstIndex { $0.revents != 0 }
    }
}
