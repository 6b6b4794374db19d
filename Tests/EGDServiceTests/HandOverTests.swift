// Connections that change hands: nothing is lost, nothing comes twice.
// SPDX-License-Identifier: Apache-2.0

import EGDProtocol
import EGDService
import Glibc
import LinuxSystem
import Testing
import WellspringTesting

@Suite("Handing connections over", .timeLimit(.minutes(2)))
struct HandOverTests {
    private let directory = TemporaryDirectory()

    private func configuration(
        _ tap: ScriptedTap,
        _ name: String = "test"
    ) -> EGDListenerConfiguration {
        EGDListenerConfiguration(
            name: name,
            address: .unix(EGDUnixAddress(path: directory.file("egd.sock"))),
            tap: tap
        )
    }

    /// A second server that has all of the first one's sockets.
    private func successor(
        of first: EGDServer,
        _ listener: EGDListenerConfiguration,
        inspect: (EGDHandOver) -> Void = { _ in }
    ) throws -> EGDServer {
        var sockets = first.handOver(patience: .seconds(5))
        inspect(sockets)
        // In another process the descriptors would be copies.
        for index in sockets.listeners.indices {
            sockets.listeners[index].descriptor = dup(sockets.listeners[index].descriptor)
        }
        let second = try EGDServer(listeners: [listener], inheriting: &sockets)
        #expect(sockets.listeners.isEmpty)
        first.leaveSockets()
        first.stop()
        try second.start(adopting: sockets.connections)
        return second
    }

    @Test("open requests, half a command and a half closed client go on where they were")
    func openRequests() throws {
        let tap = ScriptedTap()
        let first = try EGDServer(listeners: [configuration(tap)])
        try first.start()
        let path = directory.file("egd.sock")
        let waiting = try BareClient(path)
        let halfway = try BareClient(path)
        let leaving = try BareClient(path)
        let idle = try BareClient(path)
        _ = try idle.level()
        try waiting.send([2, 16, 0, 2, 8])
        try halfway.send([2, 8, 3, 0, 8, 4, 0xAA, 0xBB])
        #expect(eventually { tap.mixed == [0xAA, 0xBB] })
        try leaving.send([2, 24])
        leaving.endOutput()
        #expect(eventually { first.statistics[0].waitingClients == 3 })
        tap.supply(10)
        first.wake()
        #expect(eventually { tap.taken == 10 })

        let second = try successor(of: first, configuration(tap)) { sockets in
            #expect(sockets.connections.count == 4)
        }
        defer { second.stop() }
        // What was collected for the oldest is gone and counted; nobody gets it again.
        #expect(first.statistics[0].lostByteCount == 10)
        tap.supply(16 + 8 + 8 + 24)
        second.wake()
        var seen = try waiting.receive(16)
        _ = try waiting.receive(4)
        seen += try waiting.receive(8) + halfway.receive(8) + leaving.receive(24)
        #expect(try leaving.receiveOnce(upTo: 1).isEmpty)
        #expect(numbersOf(seen) == Set(stream(10..<66)))
        try halfway.send([0xCC, 0xDD, 0])
        _ = try halfway.receive(4)
        #expect(tap.mixed == [0xAA, 0xBB, 0xCC, 0xDD])
        #expect(try idle.level() == 0)
        #expect(second.statistics[0].connections == 3)
        // New clients come in by the same socket, which the first server did not remove.
        #expect(try BareClient(path).level() == 0)
    }

    private func numbersOf(_ bytes: [UInt8]) -> Set<UInt8> { Set(bytes) }

    @Test("a reply that is being taken is sent to its end first")
    func unsent() throws {
        let tap = ScriptedTap(available: 1 << 20)
        let first = try EGDServer(listeners: [configuration(tap)])
        try first.start()
        let slow = try BareClient(directory.file("egd.sock"))
        let requests = Array(repeating: [2, 250] as [UInt8], count: 600).flatMap { $0 }
        try slow.send(requests)
        // The socket is full and a part of a reply lies in the server.
        #expect(
            eventually { tap.taken > 30_000 && first.statistics[0].deliveredByteCount < tap.taken }
        )
        let reader = Reader(slow, count: 600 * 250)
        let second = try successor(of: first, configuration(tap))
        defer { second.stop() }
        #expect(reader.join() == stream(0..<600 * 250))
        #expect(first.statistics[0].lostByteCount == 0)
    }

    @Test("a client that never takes its reply is closed, and the others change hands")
    func stubborn() throws {
        let tap = ScriptedTap(available: 1 << 20)
        let first = try EGDServer(listeners: [configuration(tap)])
        try first.start()
        let stubborn = try BareClient(directory.file("egd.sock"))
        let other = try BareClient(directory.file("egd.sock"))
        try stubborn.send(Array(repeating: [2, 250] as [UInt8], count: 600).flatMap { $0 })
        _ = try other.level()
        #expect(eventually { tap.taken > 30_000 })
        var sockets = first.handOver(patience: .milliseconds(20))
        #expect(sockets.connections.count == 1)
        #expect(first.statistics[0].lostByteCount > 0)
        #expect(
            first.statistics[0].lostByteCount + first.statistics[0].deliveredByteCount == tap.taken
        )
        sockets.listeners = []
        sockets.closeAll()
        first.stop()
    }

    @Test("when nobody takes them, the server goes on itself")
    func resume() throws {
        let tap = ScriptedTap()
        let server = try EGDServer(listeners: [configuration(tap)])
        try server.start()
        defer { server.stop() }
        let client = try BareClient(directory.file("egd.sock"))
        try client.send([2, 16])
        #expect(eventually { server.statistics[0].waitingClients == 1 })
        let sockets = server.handOver(patience: .seconds(5))
        try server.start(adopting: sockets.connections)
        #expect(eventually { server.statistics[0].waitingClients == 1 })
        tap.supply(16)
        server.wake()
        #expect(try client.receive(16) == stream(0..<16))
        #expect(try BareClient(directory.file("egd.sock")).level() == 0)
    }

    @Test("connections of a listener that is no more are closed")
    func listenerGone() throws {
        let tap = ScriptedTap()
        let first = try EGDServer(listeners: [configuration(tap, "old")])
        try first.start()
        let client = try BareClient(directory.file("egd.sock"))
        _ = try client.level()
        var sockets = first.handOver(patience: .seconds(5))
        first.stop()
        sockets.listeners = []
        let second = try EGDServer(listeners: [configuration(tap, "new")], inheriting: &sockets)
        try second.start(adopting: sockets.connections)
        defer { second.stop() }
        #expect(try client.receiveOnce(upTo: 1).isEmpty)
    }

    @Test("a socket that a service manager made is used, and left alone in the end")
    func activation() throws {
        let path = directory.file("managed.sock")
        let made = try StreamListener(path: path, mode: 0o600)
        let tap = ScriptedTap(available: 16)
        var listener = configuration(tap)
        listener.address = .unix(EGDUnixAddress(path: path, mode: 0o666))
        var sockets = EGDHandOver(listeners: [
            EGDHandedListener(descriptor: dup(made.descriptor), name: nil, isOwn: false)
        ])
        let server = try EGDServer(listeners: [listener], inheriting: &sockets)
        try server.start()
        #expect(try BareClient(path).level() == 128)
        server.stop()
        #expect(access(path, F_OK) == 0)
    }

    @Test("what nobody wants is closed, and its file removed if it was ours")
    func leftOver() throws {
        let path = directory.file("left.sock")
        let made = try StreamListener(path: path, mode: 0o600)
        let copy = dup(made.descriptor)
        var sockets = EGDHandOver(listeners: [
            EGDHandedListener(descriptor: copy, name: "left", isOwn: true)
        ])
        made.leaveFile()
        sockets.discardListeners()
        #expect(access(path, F_OK) != 0)
        #expect(fcntl(copy, F_GETFD) == -1)
    }
}

@Suite("EGDConnectionState")
struct EGDConnectionStateTests {
    @Test("a state is one word, and comes back from it")
    func roundTrip() throws {
        let node = EGDNode(identifier: 0xCAFE, name: "vm3")
        for (bytes, requests) in [
            ([], []), ([2], [.readBlocking(64)]), ([3, 0], [.level, .processID]),
            ([3, 1, 2, 9, 7, 7], [.readNonBlocking(0), .readBlocking(255)]),
        ] as [([UInt8], [EGDRequest])] {
            var parser = EGDCommandParser()
            var offset = 0
            bytes.withUnsafeBytes { buffer in
                while parser.next(in: buffer, from: &offset) != nil {}
            }
            for node in [nil, node] {
                let state = EGDConnectionState(parser: parser, requests: requests, node: node)
                #expect(!state.text.contains(" "))
                #expect(EGDConnectionState(text: state.text) == state)
            }
        }
    }

    @Test(
        "anything else is refused",
        arguments: [
            "", "0,0,0", "0,0,0;-", "0,0,0;-;02", "0,0,0;-;0340", "0,0,0;-;05ff", "9,0,0;-;",
            "0,1,0;-;", "6,0,0;-;", "0,0,0;x;", "0,0,0;-;0240;", "0,0,99999;-;", "0,0,0;-;02g0",
            "0,0,0;-;+240",
        ]
    )
    func refused(_ text: String) {
        #expect(EGDConnectionState(text: text) == nil)
    }
}

/// Takes bytes on a thread of its own.
private final class Reader {
    private let worker: Worker
    private let result = Result()

    final class Result: @unchecked Sendable {
        // Unchecked: written by the thread, read after its end.
        var bytes: [UInt8] = []
    }

    init(_ client: BareClient, count: Int) {
        let descriptor = client.descriptor
        let result = self.result
        worker = Worker {
            var chunk = [UInt8](repeating: 0, count: 4_096)
            while result.bytes.count < count {
                let got = recv(descriptor, &chunk, chunk.count, 0)
                guard got > 0 else { return }
                result.bytes += chunk[..<got]
            }
        }
    }

    func join() -> [UInt8] {
        worker.join()
        return result.bytes
    }
}
