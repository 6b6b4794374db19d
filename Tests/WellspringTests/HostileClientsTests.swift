// A daemon among clients that mean harm, all kinds at once: others notice nothing, memory stays bounded.
// SPDX-License-Identifier: Apache-2.0

import Daemon
import Glibc
import LinuxSystem
import Synchronization
import Testing
import WellspringTesting

extension EndToEnd {
    @Suite struct HostileClientsTests {
        @Test("an innocent client is served while seven kinds of hostile ones do their worst")
        func together() throws {
            let daemon = RunningDaemon(RunningDaemon.jitterAlone)
            daemon.configure(
                RunningDaemon.jitterAlone,
                listeners: "  rack: {address: \"127.0.0.1:0\", quality: drbg}\n"
            )
            try daemon.startAndWait()
            try daemon.waitForStatus { $0.drbg.seeded }
            let tcp = try #require(daemon.status().listeners.first { $0.name == "rack" }).path
            let process = try #require(daemon.process?.id)
            let before = residentMebibytes(process)
            let mob = Mob(unix: daemon.generator, entropy: daemon.entropy, tcp: tcp)
            let innocent = try RawClient(daemon.generator)
            let remote = try RawClient(tcp: tcp)
            for round in 0..<400 {
                for client in [innocent, remote] {
                    client.send([2, 255])
                    #expect(client.receive(255, limit: .seconds(5))?.count == 255, "round \(round)")
                }
            }
            let most = residentMebibytes(process)
            let deeds = mob.disperse()
            // Slots, queues and tables at their bounds: 4 + 4 + 2 MiB, and what the allocator keeps.
            #expect(most - before < 24, "\(before) MiB before, \(most) MiB amidst")
            let report = try daemon.waitForStatus { report in
                report.listeners.reduce(0) { $0 + $1.clients } <= 2
            }
            let listeners = report.listeners
            #expect(listeners.reduce(0) { $0 + $1.protocolErrors } == deeds.unknownCommands)
            #expect(listeners.reduce(0) { $0 + $1.connections } >= deeds.connections / 2)
            let writer = try #require(listeners.first { $0.name == "drbg" })
            #expect(writer.contributedBytes == 0)
            // What was claimed with 03 counts for nothing.
            #expect(report.sources.map(\.name) == ["jitter"])
            #expect(try daemon.read(64, from: daemon.entropy).count == 64)
            #expect(daemon.end() == 0)
        }

        private func residentMebibytes(_ process: pid_t) -> Double {
            let status = String(decoding: bytesOfFile("/proc/\(process)/status"), as: UTF8.self)
            let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
            let kibibytes = line?.split(separator: " ").dropLast().last.flatMap { Double($0) }
            return (kibibytes ?? .nan) / 1_024
        }
    }
}

/// Threads that each do one kind of harm until they are called back.
private final class Mob {
    struct Deeds {
        var unknownCommands: UInt64
        var connections: UInt64
    }

    private final class Tally: Sendable {
        let isOver = Atomic<Bool>(false)
        let unknownCommands = Atomic<UInt64>(0)
        let connections = Atomic<UInt64>(0)

        var goesOn: Bool { !isOver.load(ordering: .relaxed) }
    }

    private let tally = Tally()
    private var threads: [Worker] = []

    init(unix: String, entropy: String, tcp: String) {
        let tally = self.tally
        func start(_ harm: @escaping @Sendable () throws -> Void) {
            threads.append(Worker { while tally.goesOn { try? harm() } })
        }
        start {
            _ = try RawClient(unix)
            tally.connections.add(1, ordering: .relaxed)
        }
        start {
            // Half requests, and silence.
            let halves = try (0..<100).map { _ in try RawClient(unix) }
            for half in halves { half.send([2]) }
            while tally.goesOn { poll(nil, 0, 10) }
        }
        start {
            // 64 KiB of requests, and no reading.
            let deaf = try (0..<20).map { _ in try RawClient(tcp: tcp) }
            for client in deaf {
                client.tryToSend(Array(repeating: [2, 255], count: 32_768).flatMap { $0 })
            }
            while tally.goesOn { poll(nil, 0, 10) }
        }
        start {
            let client = try RawClient(tcp: tcp)
            client.tryToSend(Array(repeating: [2, 255], count: 100).flatMap { $0 })
            var now = linger(l_onoff: 1, l_linger: 0)
            let size = socklen_t(MemoryLayout<linger>.size)
            setsockopt(client.descriptor, SOL_SOCKET, SO_LINGER, &now, size)
        }
        start {
            let client = try RawClient(unix)
            client.send([UInt8.random(in: 5...255)])
            if client.receiveAll() != nil { tally.unknownCommands.add(1, ordering: .relaxed) }
        }
        start {
            let client = try RawClient(unix)
            client.tryToSend([3, 255, 255, 255] + [UInt8](repeating: 0xAA, count: 255))
        }
        start {
            // Starves everybody else of full entropy, a byte at a time.
            let client = try RawClient(entropy)
            for _ in 0..<200 where tally.goesOn {
                client.send([2])
                client.send([255])
                _ = client.receive(255, limit: .seconds(1))
            }
        }
    }

    /// Ends them all.
    func disperse() -> Deeds {
        tally.isOver.store(true, ordering: .relaxed)
        for thread in threads { thread.join() }
        return Deeds(
            unknownCommands: tally.unknownCommands.load(ordering: .relaxed),
            connections: tally.connections.load(ordering: .relaxed)
        )
    }
}
