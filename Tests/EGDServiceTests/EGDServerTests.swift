// The server on real sockets: commands, order, waiting, fairness, wiping.
// SPDX-License-Identifier: Apache-2.0

import CWellspring
import EGDService
import Glibc
import Synchronization
import Testing
import WellspringTesting

@Suite("EGDServer", .timeLimit(.minutes(2)))
struct EGDServerTests {
    @Test("all five commands in one write are answered in order")
    func commands() throws {
        let running = try RunningServer(ScriptedTap(available: 40))
        let client = try BareClient(running.path)
        try client.send([0, 1, 16, 2, 0, 3, 0, 8, 2, 0xaa, 0xbb, 3, 1, 1, 0, 2, 8, 4, 1, 255, 0])
        let pid = Array(String(getpid()).utf8)
        let expected: [UInt8] =
            [0, 0, 1, 64, 16] + stream(0..<16) + stream(16..<24) + [UInt8(pid.count)] + pid
            + [16] + stream(24..<40) + [0, 0, 0, 0]
        #expect(try client.receive(expected.count) == expected)
        #expect(running.tap.mixed == [0xaa, 0xbb])
        // Counted right after it was sent.
        #expect(eventually { running.statistics.deliveredByteCount == 40 })
        let statistics = running.statistics
        #expect(statistics.requests == 9)
        #expect(statistics.lostByteCount == 0)
        #expect(statistics.connections == 1)
    }

    @Test("a byte at a time is as good")
    func byteWise() throws {
        let running = try RunningServer(ScriptedTap(available: 64))
        let slow = try BareClient(running.path)
        let other = try BareClient(running.path)
        for byte: UInt8 in [2, 16, 3, 0, 8, 3, 7, 8, 9, 1, 4] {
            try slow.send([byte])
            // Another client's round trip lets the server see the byte alone.
            _ = try other.level()
        }
        #expect(try slow.receive(21) == stream(0..<16) + [4] + stream(16..<20))
        #expect(running.tap.mixed == [7, 8, 9])
    }

    @Test("an unknown command closes, after what was asked before it")
    func unknown() throws {
        let running = try RunningServer(ScriptedTap(available: 64))
        let client = try BareClient(running.path)
        try client.send([2, 8, 5, 2, 8])
        #expect(try client.receive(8) == stream(0..<8))
        #expect(try client.receiveOnce(upTo: 1).isEmpty)
        #expect(eventually { running.statistics.connections == 0 })
        #expect(running.statistics.protocolErrors == 1)
        #expect(running.tap.taken == 8)
    }

    @Test("64 requests deep with random sizes keep order, whatever the supply comes in")
    func pipelining() throws {
        let running = try RunningServer(ScriptedTap())
        let client = try BareClient(running.path)
        var random = SeededRandom(seed: 64)
        var position = 0
        for _ in 0..<20 {
            let sizes = (0..<64).map { _ in random.next(below: 256) }
            try client.send(sizes.flatMap { [2, UInt8($0)] })
            let total = sizes.reduce(0, +)
            var supplied = 0
            while supplied < total {
                let piece = min(total - supplied, 1 + random.next(below: 700))
                running.supply(piece)
                supplied += piece
            }
            #expect(try client.receive(total) == stream(position..<position + total))
            position += total
        }
        #expect(eventually { running.statistics.deliveredByteCount == position })
    }

    @Test("a blocking read is withheld until complete and then comes in one piece")
    func withheld() throws {
        let running = try RunningServer(ScriptedTap(available: 10))
        let client = try BareClient(running.path)
        try client.send([2, 32])
        #expect(eventually { running.tap.taken == 10 })
        #expect(eventually { running.statistics.waitingClients == 1 })
        #expect(eventually { running.statistics.oldestWait > .zero })
        #expect(!client.isReadable())
        running.supply(22)
        #expect(try client.receiveOnce(upTo: 255) == stream(0..<32))
        #expect(eventually { running.statistics.waitingClients == 0 })
        #expect(eventually { running.statistics.oldestWait == .zero })
        #expect(running.tap.state.withLock { $0.requestsForMore } > 0)
    }

    @Test("commands are read while a reply waits, and answered after it")
    func readWhileWaiting() throws {
        let running = try RunningServer(ScriptedTap())
        let client = try BareClient(running.path)
        try client.send([2, 8])
        #expect(eventually { running.statistics.waitingClients == 1 })
        try client.send([0, 3, 0, 0, 1, 0x55, 2, 8])
        #expect(eventually { running.tap.mixed == [0x55] })
        running.supply(16)
        let reply = try client.receive(20)
        #expect(reply[..<8] == stream(0..<8)[...])
        #expect(reply[12...] == stream(8..<16)[...])
    }

    @Test("of 256 waiting clients each gets its turn, a greedy one no more than that")
    func fairness() throws {
        let running = try RunningServer(ScriptedTap())
        let clients = try (0..<256).map { _ in try BareClient(running.path) }
        for client in clients.dropFirst() { try client.send([2, 32]) }
        #expect(eventually { running.statistics.waitingClients == 255 })
        // The first client asks for 64 reads at once; the others for the next when they have one.
        try clients[0].send(Array(repeating: [2, 32], count: 64).flatMap { $0 })
        #expect(eventually { running.statistics.waitingClients == 256 })
        var served = [Int](repeating: 0, count: clients.count)
        var seen = Set<Int>()
        for _ in 0..<(256 * 8) {
            running.supply(32)
            let index = try #require(firstReadable(clients))
            let bytes = try clients[index].receive(32)
            seen.formUnion(numbers(bytes))
            served[index] += 1
            if index > 0 { try clients[index].send([2, 32]) }
        }
        let most = try #require(served.max())
        let least = try #require(served.min())
        #expect(most <= 2 * least, "served between \(least) and \(most) times")
        #expect(served[0] <= 9)
        #expect(seen.count == 256 * 8 * 4)
    }

    @Test("bytes for all in one lump go to all, not to the first with the most requests")
    func lump() throws {
        let running = try RunningServer(ScriptedTap())
        let greedy = try BareClient(running.path)
        let others = try (0..<8).map { _ in try BareClient(running.path) }
        try greedy.send(Array(repeating: [2, 32], count: 64).flatMap { $0 })
        #expect(eventually { running.statistics.waitingClients == 1 })
        for client in others { try client.send([2, 32]) }
        #expect(eventually { running.statistics.waitingClients == 9 })
        running.supply(9 * 32)
        var seen = try greedy.receive(32)
        for client in others { seen += try client.receive(32) }
        #expect(Set(numbers(seen)).count == 9 * 4)
        #expect(running.tap.taken == 9 * 32)
    }

    @Test("a younger blocking read does not overtake an older one")
    func noOvertaking() throws {
        let running = try RunningServer(ScriptedTap(available: 8))
        let older = try BareClient(running.path)
        let younger = try BareClient(running.path)
        try older.send([2, 16])
        // Told after the tap was tried for the last time.
        #expect(eventually { running.tap.state.withLock { $0.requestsForMore } > 0 })
        running.tap.supply(16)
        try younger.send([2, 8])
        #expect(try older.receive(16) == stream(0..<16))
        #expect(try younger.receive(8) == stream(16..<24))
    }

    @Test("a non-blocking read takes nothing from clients that wait")
    func nonBlockingBehindWaiting() throws {
        let running = try RunningServer(ScriptedTap(available: 4))
        let waiting = try BareClient(running.path)
        let hasty = try BareClient(running.path)
        try waiting.send([2, 16])
        #expect(eventually { running.statistics.waitingClients == 1 })
        running.tap.supply(12)
        try hasty.send([1, 12])
        #expect(try hasty.receive(1) == [0])
        running.server.wake()
        #expect(try waiting.receive(16) == stream(0..<16))
    }

    @Test("two listeners on one tap serve by age across both, and count apart")
    func sharedTap() throws {
        let directory = TemporaryDirectory()
        let tap = ScriptedTap()
        let paths = [directory.file("a"), directory.file("b")]
        let server = try EGDServer(
            listeners: paths.map {
                EGDListenerConfiguration(
                    name: $0,
                    address: .unix(EGDUnixAddress(path: $0)),
                    tap: tap
                )
            }
        )
        try server.start()
        defer { server.stop() }
        let clients = try (0..<6).map { try BareClient(paths[$0 % 2]) }
        for (index, client) in clients.enumerated() {
            try client.send([2, 8])
            #expect(
                eventually {
                    server.statistics.reduce(0) { $0 + $1.waitingClients } == index + 1
                }
            )
        }
        for (index, client) in clients.enumerated() {
            tap.supply(8)
            server.wake()
            #expect(try client.receive(8) == stream(index * 8..<index * 8 + 8))
        }
        #expect(eventually { server.statistics.map(\.deliveredByteCount) == [24, 24] })
    }

    @Test("sent bytes are wiped from the buffer they were sent from")
    func wiped() throws {
        let running = try RunningServer(ScriptedTap(available: 100))
        let client = try BareClient(running.path)
        try client.send([2, 64])
        _ = try client.receive(64)
        _ = try client.level()
        try client.send([1, 255])
        _ = try client.receive(37)
        _ = try client.level()
        // The tap looked where it had put its bytes, on the server's thread, at each level request.
        #expect(running.tap.state.withLock { $0.wiped } == [true, true])
        #expect(running.tap.state.withLock { $0.lastBuffer.1 } == 36)
    }

    @Test("a tap that fills up on demand from another thread loses no wake-up")
    func wakeUps() throws {
        let demand = Demand()
        let tap = ScriptedTap(onRequest: { demand.signal() })
        let running = try RunningServer(tap)
        let producer = Worker {
            while demand.wait() { running.supply(8) }
        }
        let consumers = (0..<4).map { _ in
            Consumer(path: running.path, reads: 500)
        }
        let received = consumers.flatMap { $0.join() }
        demand.finish()
        producer.join()
        #expect(received.count == 4 * 500 * 3)
        #expect(Set(received).count == received.count)
        #expect(running.statistics.lostByteCount == 0)
    }

    private func firstReadable(_ clients: [BareClient]) -> Int? {
        var entries = clients.map {
            pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0)
        }
        guard poll(&entries, nfds_t(entries.count), deadlineMilliseconds) > 0 else { return nil }
        return entries.firstIndex { $0.revents != 0 }
    }
}

/// Reads 24 bytes again and again and keeps their numbers.
private final class Consumer {
    private let worker: Worker
    private let result: Result

    final class Result: Sendable {
        let numbers = Mutex<[Int]>([])
    }

    init(path: String, reads: Int) {
        let result = Result()
        self.result = result
        worker = Worker {
            guard let client = try? BareClient(path) else { return }
            for _ in 0..<reads {
                guard (try? client.send([2, 24])) != nil, let bytes = try? client.receive(24)
                else { return }
                result.numbers.withLock { $0 += EGDServiceTests.numbers(bytes) }
            }
        }
    }

    func join() -> [Int] {
        worker.join()
        return result.numbers.withLock { $0 }
    }
}

/// Wakes a producer: an eventfd and an end.
private final class Demand: Sendable {
    private let descriptor = eventfd(0, 0)
    private let finished = Atomic<Bool>(false)

    deinit { close(descriptor) }

    func signal() { eventfd_write(descriptor, 1) }

    func finish() {
        finished.store(true, ordering: .sequentiallyConsistent)
        signal()
    }

    func wait() -> Bool {
        var count = eventfd_t()
        eventfd_read(descriptor, &count)
        return !finished.load(ordering: .sequentiallyConsistent)
    }
}

/// A seeded generator (Knuth's MMIX constants), so that a failure repeats.
struct SeededRandom {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next(below bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(bound))
    }
}
