// What clients and the system do to the server: it survives, counts, and the others notice nothing.
// SPDX-License-Identifier: Apache-2.0

import CWellspring
import EGDService
import Glibc
import Synchronization
import Testing
import WellspringTesting

@Suite("EGDServer under faults", .timeLimit(.minutes(2)))
struct EGDServerFaultTests {
    @Test("a client that vanishes in mid-reply loses its bytes, and nobody gets them")
    func vanishes() throws {
        let running = try RunningServer(ScriptedTap(available: 16))
        var first: BareClient? = try BareClient(running.path)
        try first?.send([2, 32])
        #expect(eventually { running.statistics.waitingClients == 1 })
        #expect(running.tap.taken == 16)
        first = nil
        #expect(eventually { running.statistics.connections == 0 })
        #expect(running.statistics.lostByteCount == 16)
        #expect(running.statistics.waitingClients == 0)
        let second = try BareClient(running.path)
        try second.send([2, 24])
        running.supply(24)
        #expect(try second.receive(24) == stream(16..<40))
        #expect(eventually { running.statistics.deliveredByteCount == 24 })
    }

    @Test("of 64 clients of which half vanish, every byte is delivered once or counted as lost")
    func manyVanish() throws {
        let running = try RunningServer(ScriptedTap())
        var clients: [BareClient?] = try (0..<64).map { _ in try BareClient(running.path) }
        for client in clients { try client?.send([2, 32, 2, 32]) }
        #expect(eventually { running.statistics.waitingClients == 64 })
        for index in stride(from: 0, to: 64, by: 2) {
            running.supply(24)
            clients[index] = nil
        }
        #expect(eventually { running.statistics.connections == 32 })
        // What is supplied from now on is enough for all that was asked.
        running.supply(64 * 64)
        var seen: [Int] = []
        for client in clients { if let client { seen += numbers(try client.receive(64)) } }
        #expect(seen.count == 32 * 8)
        #expect(Set(seen).count == seen.count)
        #expect(eventually { running.unaccountedByteCount == 0 })
        // Only sockets of vanished clients can have swallowed more than the living received.
        #expect(running.statistics.deliveredByteCount >= 32 * 64)
    }

    @Test("a client that never reads is not read from beyond the bound, and can still catch up")
    func neverReads() throws {
        let running = try RunningServer(ScriptedTap(available: 1 << 30))
        let stubborn = try BareClient(running.path)
        let other = try BareClient(running.path)
        let requests = [UInt8](repeating: 0, count: 512).indices.map {
            UInt8($0 % 2 == 0 ? 2 : 250)
        }
        var sent = 0
        var refusals = 0
        // The other client's round trips let the server take all that it wants to take.
        while refusals < 100, sent < 4_000_000 {
            let count = stubborn.trySend(requests)
            #expect(count % 2 == 0)
            sent += count
            refusals = count == 0 ? refusals + 1 : 0
            if count == 0 { _ = try other.level() }
        }
        #expect(refusals == 100, "4 MB of requests were read without an answer being taken")
        // Send buffer, one slot and one visit: what the pool can lose to it.
        let drawn = running.tap.taken
        #expect(drawn < 200_000)
        try other.send([2, 8])
        #expect(try other.receive(8) == stream(drawn..<drawn + 8))
        let asked = sent / 2 * 250
        var received = 0
        var inOrder = true
        var position = 0
        while received < asked {
            let piece = try stubborn.receiveOnce(upTo: 65_536)
            for byte in piece {
                if position == drawn { position += 8 }
                inOrder = inOrder && byte == streamByte(position)
                position += 1
            }
            received += piece.count
        }
        #expect(received == asked)
        #expect(inOrder)
        #expect(running.statistics.lostByteCount == 0)
    }

    @Test("a client that never reads and vanishes: all it did not get is lost and counted")
    func neverReadsAndVanishes() throws {
        let running = try RunningServer(ScriptedTap(available: 1 << 30))
        var stubborn: BareClient? = try BareClient(running.path)
        let other = try BareClient(running.path)
        let requests = (0..<1_024).map { UInt8($0 % 2 == 0 ? 2 : 255) }
        var refusals = 0
        while refusals < 20 {
            refusals = stubborn?.trySend(requests) == 0 ? refusals + 1 : 0
            _ = try other.level()
        }
        stubborn = nil
        #expect(eventually { running.statistics.connections == 1 })
        #expect(running.statistics.lostByteCount > 0)
        #expect(eventually { running.unaccountedByteCount == 0 })
    }

    @Test("seeded garbage from 300 clients harms nobody")
    func garbage() throws {
        let running = try RunningServer(ScriptedTap(available: 1 << 30))
        let other = try BareClient(running.path)
        var random = SeededRandom(seed: 300)
        for round in 0..<300 {
            let client = try BareClient(running.path)
            let bound = round % 2 == 0 ? 256 : 5
            _ = client.trySend(
                (0..<random.next(below: 600)).map { _ in
                    UInt8(random.next(below: bound))
                }
            )
            try other.send([2, 8])
            #expect(try other.receive(8).count == 8)
        }
        #expect(eventually { running.statistics.connections == 1 })
        #expect(running.statistics.protocolErrors > 50)
        #expect(eventually { running.unaccountedByteCount == 0 })
    }

    @Test("a half-closed client still gets its answer, then the end")
    func halfClosed() throws {
        let running = try RunningServer(ScriptedTap())
        let client = try BareClient(running.path)
        try client.send([2, 16])
        client.endOutput()
        #expect(eventually { running.statistics.waitingClients == 1 })
        running.supply(16)
        #expect(try client.receive(16) == stream(0..<16))
        #expect(try client.receiveOnce(upTo: 1).isEmpty)
    }

    @Test("what is written right before closing still counts")
    func writeAndClose() throws {
        let running = try RunningServer(ScriptedTap(available: 100))
        var client: BareClient? = try BareClient(running.path)
        try client?.send([3, 0xff, 0xff, 4, 1, 2, 3, 4])
        client = nil
        #expect(eventually { running.tap.mixed == [1, 2, 3, 4] })
        #expect(running.tap.taken == 0)
    }

    @Test("without a descriptor left accepting pauses, and goes on when one is free")
    func noDescriptors() throws {
        let shortage = Shortage()
        let accept = AcceptFunction(call: { listener in
            if shortage.isOn.load(ordering: .relaxed) {
                shortage.attempts.add(1, ordering: .relaxed)
                errno = EMFILE
                return -1
            }
            return ws_accept(listener)
        })
        let running = try RunningServer(ScriptedTap(available: 80), accept: accept)
        let early = try BareClient(running.path)
        _ = try early.level()
        shortage.isOn.store(true, ordering: .relaxed)
        let late = try BareClient(running.path)
        try late.send([2, 8])
        #expect(eventually { running.statistics.acceptFailures > 0 })
        for _ in 0..<1_000 { _ = try early.level() }
        // A pause is 100 ms: a thousand round trips see a handful of attempts, not one each.
        let attempts = shortage.attempts.load(ordering: .relaxed)
        #expect(attempts < 500)
        shortage.isOn.store(false, ordering: .relaxed)
        #expect(try late.receive(8) == stream(0..<8))
        #expect(running.statistics.connections == 2)
    }

    @Test("a real limit of open files is survived")
    func realLimit() async {
        await #expect(processExitsWith: .success) {
            let running = try RunningServer(ScriptedTap(available: 1 << 20))
            let first = try BareClient(running.path)
            try first.send([2, 8])
            try #require(try first.receive(8) == stream(0..<8))
            // The clients' sockets exist before the limit does; then every number is in use.
            let clients = (0..<4).map { _ in BareClient() }
            let highest = try #require(clients.map(\.descriptor).max())
            let count = rlim_t(highest + 4)
            var limit = rlimit(rlim_cur: count, rlim_max: count)
            try #require(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
            var fillers: [Int32] = []
            while case let filler = dup(2), filler >= 0 { fillers.append(filler) }
            for client in clients { try client.connect(running.path) }
            try clients[0].send([2, 8])
            try #require(eventually { running.statistics.acceptFailures > 0 })
            try first.send([2, 8])
            try #require(try first.receive(8) == stream(8..<16))
            try #require(running.statistics.connections == 1)
            let freed = fillers.removeLast()
            close(freed)
            try #require(try clients[0].receive(8) == stream(16..<24))
            try #require(running.statistics.connections == 2)
        }
    }

    @Test("connections beyond the maximum are closed and counted")
    func maximumConnections() throws {
        let running = try RunningServer(ScriptedTap(available: 80), maximumConnections: 2)
        let clients = try (0..<2).map { _ in try BareClient(running.path) }
        for client in clients { _ = try client.level() }
        let third = try BareClient(running.path)
        #expect(try third.receiveOnce(upTo: 1).isEmpty)
        #expect(running.statistics.refusedConnections == 1)
        #expect(try clients[1].level() == 640)
    }

    @Test("a stop ends waiting clients at once and counts what they had collected")
    func stop() throws {
        let running = try RunningServer(ScriptedTap(available: 5))
        let client = try BareClient(running.path)
        try client.send([2, 32])
        #expect(eventually { running.statistics.waitingClients == 1 })
        let clock = ContinuousClock()
        let took = clock.measure { running.server.stop() }
        #expect(took < .seconds(1))
        #expect(try client.receiveOnce(upTo: 1).isEmpty)
        #expect(running.statistics.lostByteCount == 5)
        #expect(running.statistics.connections == 0)
        #expect(access(running.path, F_OK) != 0)
    }

    @Test("a reload drops no client: kept and removed listeners' clients are served on")
    func reload() throws {
        let running = try RunningServer(ScriptedTap())
        let secondPath = running.directory.file("second")
        let newTap = ScriptedTap(available: 1_000)
        let kept = try BareClient(running.path)
        let waiting = try BareClient(running.path)
        _ = try kept.level()
        try waiting.send([2, 16])
        #expect(eventually { running.statistics.waitingClients == 1 })

        // The kept path gets another tap, and with it the waiting client.
        let first = EGDListenerConfiguration(
            name: "first",
            address: .unix(EGDUnixAddress(path: running.path, mode: 0o600)),
            tap: newTap
        )
        let second = EGDListenerConfiguration(
            name: "second",
            address: .unix(EGDUnixAddress(path: secondPath)),
            tap: newTap
        )
        try running.server.replaceListeners(with: [first, second])
        #expect(try waiting.receive(16) == stream(0..<16))
        let other = try BareClient(secondPath)
        #expect(try other.level() == 984 * 8)
        #expect(running.server.statistics.map(\.name) == ["first", "second"])
        #expect(running.server.statistics[0].acceptedConnections == 2)

        try running.server.replaceListeners(with: [second])
        #expect(eventually { access(running.path, F_OK) != 0 })
        try kept.send([2, 8])
        #expect(try kept.receive(8) == stream(16..<24))
        #expect(try other.level() == 976 * 8)
    }

    @Test("a reload that fails changes nothing")
    func failedReload() throws {
        let running = try RunningServer(ScriptedTap(available: 8))
        let good = EGDListenerConfiguration(
            name: "good",
            address: .unix(EGDUnixAddress(path: running.directory.file("good"))),
            tap: running.tap
        )
        let bad = EGDListenerConfiguration(
            name: "bad",
            address: .unix(EGDUnixAddress(path: "/nonexistent/egd.sock")),
            tap: running.tap
        )
        #expect(throws: EGDError.self) {
            try running.server.replaceListeners(with: [good, bad])
        }
        #expect(access(running.directory.file("good"), F_OK) != 0)
        let client = try BareClient(running.path)
        #expect(try client.level() == 64)
    }
}

/// A switch for failing accepts.
private final class Shortage: Sendable {
    let isOn = Atomic<Bool>(false)
    let attempts = Atomic<Int>(0)
}
