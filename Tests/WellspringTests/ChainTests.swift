// Daemons that read from each other: entropy flows down a chain, and never in a circle.
// SPDX-License-Identifier: Apache-2.0

import Daemon
import Glibc
import LinuxSystem
import Testing
import WellspringTesting

extension EndToEnd {
    @Suite struct ChainTests {
        @Test("a generator's output is never credited, whatever is claimed for it")
        func generated() throws {
            let hub = RunningDaemon()
            try hub.startAndWait()
            try hub.waitForStatus { $0.drbg.seeded }
            let leaf = RunningDaemon()
            leaf.configure("sources:\n  hub: {type: egd, upstreams: [\(hub.generator)]}\n")
            try leaf.startAndWait()
            let report = try leaf.waitForStatus {
                $0.sources.first?.reason?.contains("a generator's output") == true
            }
            #expect(report.reservoir.blocksDrawn == 0)
            leaf.configure(
                "sources:\n  jitter: {}\n  hub: {type: egd, upstreams: [\(hub.generator)], claim: 0}\n"
            )
            leaf.process?.signal(SIGHUP)
            let mixed = try leaf.waitForStatus { report in
                report.sources.contains { $0.name == "hub" && $0.samples > 0 }
            }
            #expect(mixed.sources.first { $0.name == "hub" }?.creditedBits == 0)
        }

        @Test("a daemon reads another's socket: bytes flow, are tested and credited")
        func two() throws {
            let hub = RunningDaemon()
            try hub.startAndWait()
            let edge = RunningDaemon(upstreams([hub]))
            try edge.startAndWait()
            let report = try edge.waitForStatus { $0.reservoir.levelBytes > 0 }
            let source = report.sources[0]
            #expect(source.state == "healthy")
            #expect(source.claimedBitsPerSample == 8)
            #expect(source.creditedBitsPerSample == 4)
            #expect(source.creditedBits > 0)
            #expect(source.upstream?.endpoint == "unix:\(hub.entropy)")
            #expect(try edge.read(1_000, from: edge.entropy).count == 1_000)
            let screen = try edge.place.run(["status"]).text
            #expect(screen.contains("  upstream: reads from unix:\(hub.entropy)"))
            #expect(screen.contains(" 0 fail-overs"))
        }

        @Test("when the hub ends the next one takes over, and when none is left status says so")
        func failOver() throws {
            let (first, second) = (RunningDaemon(), RunningDaemon())
            try first.startAndWait()
            try second.startAndWait()
            let edge = RunningDaemon(upstreams([first, second]))
            try edge.startAndWait()
            try edge.waitForStatus { !$0.reservoir.gathering }
            #expect(first.end() == 0)
            // Below the low mark it reads on.
            #expect(try edge.read(60_000, from: edge.entropy).count == 60_000)
            let report = try edge.waitForStatus {
                $0.sources[0].upstream?.endpoint == "unix:\(second.entropy)"
                    && !$0.reservoir.gathering
            }
            #expect(report.sources[0].upstream?.failOvers == 1)
            #expect(second.end() == 0)
            #expect(try edge.read(60_000, from: edge.entropy).count == 60_000)
            try edge.waitForStatus {
                $0.sources[0].state == "failed"
                    && $0.sources[0].reason?.contains(second.entropy) == true
            }
            #expect(edge.end() == 0)
        }

        @Test("a chain of three: the last one knows the whole way")
        func three() throws {
            let hub = RunningDaemon()
            try hub.startAndWait()
            let rack = RunningDaemon(upstreams([hub]))
            try rack.startAndWait()
            try rack.waitForStatus { $0.reservoir.levelBytes > 0 }
            let guest = RunningDaemon(upstreams([rack]))
            try guest.startAndWait()
            let report = try guest.waitForStatus {
                $0.reservoir.levelBytes > 0 && $0.sources[0].upstream?.path?.count == 3
            }
            #expect(report.sources[0].state == "healthy")
            #expect(try guest.place.run(["status"]).text.contains(" < "))
            #expect(guest.end() == 0)
            // Whoever has left is no reader any more: the hub may read from what was its reader's.
            #expect(rack.end() == 0)
        }

        @Test("a daemon that names its own socket is told so, and gets nothing from it")
        func itself() throws {
            let daemon = RunningDaemon()
            daemon.configure(upstreams([daemon]) + "  jitter: {}\n")
            try daemon.startAndWait()
            let report = try daemon.waitForStatus { $0.sources[0].state == "failed" }
            #expect(report.sources[0].reason?.contains("is this daemon itself") == true)
            #expect(report.sources[0].creditedBits == 0)
        }

        @Test("two daemons that name each other: one of them says which circle it is")
        func circle() throws {
            let (a, b) = (RunningDaemon(), RunningDaemon())
            a.configure(upstreams([b]) + "  jitter: {}\n")
            b.configure(upstreams([a]) + "  sleep: {}\n")
            try a.startAndWait()
            try b.startAndWait()
            var reasons: [String] = []
            #expect(
                waitUntil {
                    // Their readers keep them hungry.
                    for daemon in [a, b] { _ = try? daemon.read(1_000, from: daemon.entropy) }
                    reasons = [a, b].compactMap { try? $0.status().sources[0].reason }
                    return reasons.contains { $0.contains("the same bits would go in circles") }
                },
                "\(reasons)"
            )
            for daemon in [a, b] { #expect(daemon.end() == 0) }
        }

        @Test("a circle that a reload closes is found although all were connected before")
        func circleByReload() throws {
            let hub = RunningDaemon()
            try hub.startAndWait()
            let rack = RunningDaemon(upstreams([hub]))
            try rack.startAndWait()
            try rack.waitForStatus { $0.reservoir.levelBytes > 0 }
            hub.configure(upstreams([rack]) + "  jitter: {}\n")
            hub.process?.signal(SIGHUP)
            var reasons: [String] = []
            #expect(
                waitUntil {
                    for daemon in [hub, rack] { _ = try? daemon.read(1_000, from: daemon.entropy) }
                    reasons = [hub, rack].compactMap { try? $0.status().sources[0].reason }
                    return reasons.contains { $0.contains("the same bits would go in circles") }
                },
                "\(reasons)"
            )
        }

        @Test("other commands reach a server over TCP")
        func commands() throws {
            let server = try ScriptedServer(try #require(LoopbackListener()))
            let place = Workplace()
            let drained = try place.run(["drain", "\(server.endpoint)", "--size", "2000"])
            #expect(drained.status == 0, "\(drained.errors)")
            #expect(drained.text.contains("2000 of 2000 bytes"))
            let given = server.record.given
            let read = try place.run(
                ["read", "300", "-q", "full-entropy", "--socket", "\(server.endpoint)"]
            )
            #expect(read.bytes == (given..<given + 300).map { UInt8($0 % 251) })
            let captured = try place.run([
                "capture", "egd", "--upstream", "\(server.endpoint)", "-n", "100", "-o",
                place.file("bytes"),
            ])
            #expect(captured.status == 0, "\(captured.errors)")
            let dead = try #require(LoopbackListener()).endpoint
            let refused = try place.run(["read", "16", "--socket", "\(dead)"])
            #expect(refused.status == 69)
            #expect(refused.errors.contains("Nobody listens on \(dead)"))
        }

        /// A section of sources that begins with one that reads from `daemons`.
        private func upstreams(_ daemons: [RunningDaemon]) -> String {
            let list = daemons.map { "unix:\($0.entropy)" }.joined(separator: ", ")
            return "sources:\n  upstream: {type: egd, upstreams: \"\(list)\"}\n"
        }
    }
}
