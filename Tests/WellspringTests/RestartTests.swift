// kill -9 while clients read: nothing that was delivered comes again, and the sockets are taken over.
// SPDX-License-Identifier: Apache-2.0

import CWellspring
import Daemon
import Glibc
import Testing

extension EndToEnd {
    @Suite struct RestartTests {
        /// 16 bytes, compared as a whole.
        private struct Piece: Hashable {
            let high: UInt64
            let low: UInt64
        }

        @Test("nothing is delivered twice after kill -9")
        func killed() throws {
            // All of a processor: noise is wanted three times over, on a machine that may be busy.
            let daemon = RunningDaemon("sources:\n  jitter: {cpu-budget: 1.0}\n")
            try daemon.startAndWait()
            var seen: Set<Piece> = []
            var pieces = 0
            // Killed twice, so that the second start also meets what the first one left.
            for round in 0..<3 {
                let readers = try Readers(daemon)
                try #require(readers.read(atLeast: 8192))
                // All are in the middle of something when it dies.
                readers.ask()
                daemon.process?.signal(SIGKILL)
                #expect(daemon.process?.finish() == 128 + SIGKILL)
                #expect(access(daemon.entropy, F_OK) == 0)
                let streams = readers.finish()
                // Any repetition of 31 bytes or more is seen, wherever it begins: every position of
                // what came now is compared with the aligned pieces of what came before. With 2^16
                // pieces against 2^20 positions a chance match has a probability below 2^-90.
                for stream in streams where round > 0 {
                    for start in 0...(stream.count - 16) {
                        #expect(!seen.contains(piece(stream, start)))
                    }
                }
                for stream in streams {
                    for start in stride(from: 0, through: stream.count - 16, by: 16) {
                        seen.insert(piece(stream, start))
                        pieces += 1
                    }
                }
                if round < 2 { try daemon.startAndWait() }
            }
            // Nor is anything repeated among the clients of one daemon.
            #expect(seen.count == pieces)
        }

        @Test("a restarted daemon takes the sockets over and leaves none behind at its end")
        func takeover() throws {
            let daemon = RunningDaemon()
            try daemon.startAndWait()
            let first = daemon.process?.id
            daemon.process?.signal(SIGKILL)
            #expect(daemon.process?.finish() == 128 + SIGKILL)
            #expect(daemon.place.contents.filter { $0.hasSuffix(".sock") }.count == 3)
            try daemon.startAndWait()
            #expect(try daemon.status().processID != first)
            #expect(try daemon.read(16, from: daemon.generator).count == 16)
            #expect(daemon.end() == 0)
            #expect(!daemon.place.contents.contains { $0.hasSuffix(".sock") })
        }

        private func piece(_ bytes: [UInt8], _ start: Int) -> Piece {
            bytes.withUnsafeBytes {
                Piece(
                    high: $0.loadUnaligned(fromByteOffset: start, as: UInt64.self),
                    low: $0.loadUnaligned(fromByteOffset: start + 8, as: UInt64.self)
                )
            }
        }
    }
}

/// Four clients of either quality that ask for more before they have what they asked for.
private final class Readers {
    private let clients: [RawClient]
    private var streams: [[UInt8]]
    private var asked: [Int]
    private var open: [Bool]

    init(_ daemon: RunningDaemon) throws {
        let paths = [daemon.entropy, daemon.generator]
        clients = try (0..<8).map { try RawClient(paths[$0 % 2]) }
        streams = [[UInt8]](repeating: [], count: 8)
        asked = [Int](repeating: 0, count: 8)
        open = [Bool](repeating: true, count: 8)
    }

    /// 16 requests of 255 bytes by each.
    func ask() {
        let requests = (0..<32).map { $0 % 2 == 0 ? UInt8(2) : 255 }
        for index in clients.indices {
            clients[index].send(requests)
            asked[index] += 16 * 255
        }
    }

    /// Until each has `count` bytes; nobody takes much more.
    func read(atLeast count: Int) -> Bool {
        waitUntil(
            step: {
                if zip(asked, streams).contains(where: { $0 < count && $0 - $1.count < 2048 }) {
                    ask()
                }
                receive()
            },
            { streams.allSatisfy { $0.count >= count } }
        )
    }

    /// What is still on its way, up to the end of each connection.
    func finish() -> [[UInt8]] {
        waitUntil(step: { receive() }, { !open.contains(true) })
        return streams
    }

    private func receive() {
        var polled = zip(clients, open).map { client, isOpen in
            pollfd(fd: isOpen ? client.descriptor : -1, events: Int16(POLLIN), revents: 0)
        }
        poll(&polled, nfds_t(polled.count), 100)
        for index in polled.indices where polled[index].revents != 0 {
            var buffer = [UInt8](repeating: 0, count: 16_384)
            let flags = Int32(MSG_DONTWAIT)
            let count = recv(clients[index].descriptor, &buffer, buffer.count, flags)
            if count > 0 { streams[index] += buffer[..<count] } else { open[index] = false }
        }
    }
}
