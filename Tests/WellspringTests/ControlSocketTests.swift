// The control socket under garbage, silence and crowds, and who may change the daemon's state.
// SPDX-License-Identifier: Apache-2.0

import Daemon
import Glibc
import Testing

extension EndToEnd {
    @Suite struct ControlSocketTests {
        @Test("garbage is answered with an error, and is all that this client gets")
        func garbage() throws {
            let daemon = RunningDaemon()
            try daemon.startAndWait()
            for text in ["bogus\n", "\n", "status now\n", "\u{0}\u{1}\u{2}\n", "retest\n"] {
                let client = try RawClient(daemon.control)
                client.send(text)
                let answer = try #require(client.receiveAll())
                #expect(answer.hasPrefix(#"{"error":"unknown request"#), "\(answer)")
                #expect(answer.hasSuffix("\n"))
            }
            let client = try RawClient(daemon.control)
            client.send((128...255).map { UInt8($0) } + [10])
            #expect(client.receiveAll()?.contains("unknown request") == true)
        }

        @Test("a line that is too long is not answered")
        func oversized() throws {
            let daemon = RunningDaemon()
            try daemon.startAndWait()
            for count in [256, 300, 100_000] {
                let client = try RawClient(daemon.control)
                client.send([UInt8](repeating: UInt8(ascii: "a"), count: count))
                #expect(client.receiveAll() == "")
            }
            #expect(try daemon.status().processID == daemon.process?.id)
        }

        @Test("a request may come in pieces; of several only the first counts")
        func pieces() throws {
            let daemon = RunningDaemon()
            try daemon.startAndWait()
            let slow = try RawClient(daemon.control)
            for byte in "status\n".utf8 {
                slow.send([byte])
                _ = try daemon.status()
            }
            #expect(slow.receiveAll()?.hasPrefix("{") == true)
            let several = try RawClient(daemon.control)
            several.send("status\nreload\nstatus\n")
            #expect(several.receiveAll()?.split(separator: "\n").count == 1)
            let closing = try RawClient(daemon.control)
            closing.send("status\n")
            shutdown(closing.descriptor, Int32(SHUT_WR))
            #expect(closing.receiveAll()?.contains("\"sources\"") == true)
            let half = try RawClient(daemon.control)
            half.send("sta")
            shutdown(half.descriptor, Int32(SHUT_WR))
            #expect(half.receiveAll() == "")
        }

        @Test("forty clients at once are all answered")
        func crowd() throws {
            let daemon = RunningDaemon()
            try daemon.startAndWait()
            let clients = try (0..<40).map { _ in try RawClient(daemon.control) }
            for client in clients { client.send("status\n") }
            for client in clients { #expect(client.receiveAll()?.hasPrefix("{") == true) }
        }

        @Test("forty clients that vanish leave nothing behind")
        func vanishing() throws {
            let daemon = RunningDaemon()
            try daemon.startAndWait()
            let process = try #require(daemon.process?.id)
            func descriptors() -> Int { namesIn("/proc/\(process)/fd").count }
            let before = descriptors()
            for index in 0..<40 {
                let client = try RawClient(daemon.control)
                if index % 2 == 0 { client.send("status\n") } else { client.send("sta") }
            }
            #expect(waitUntil { (try? daemon.status()) != nil && descriptors() <= before })
        }

        @Test("silent clients are dropped when their time is over, and cost no processor time")
        func silence() throws {
            let daemon = RunningDaemon()
            try daemon.startAndWait()
            // A full reservoir: the sources rest.
            let before = try daemon.waitForStatus { !$0.reservoir.gathering }.cpuSeconds
            // More than are served at once: the queue must not keep the daemon busy.
            let clients = try (0..<20).map { _ in try RawClient(daemon.control) }
            let after = try daemon.waitForStatus { _ in true }
            #expect(after.cpuSeconds - before < 0.5)
            #expect(clients[0].receiveAll() == "")
        }

        @Test("the daemon's user and root may change its state")
        func permitted() throws {
            let daemon = RunningDaemon()
            try daemon.startAndWait()
            try daemon.waitForStatus { $0.sources[0].state == "healthy" }
            let answer = try ControlClient.change("retest jitter", path: daemon.control)
            #expect(answer == "a new start-up test of jitter begins")
            // A reader makes the source run.
            _ = try daemon.read(70_000, from: daemon.entropy)
            try daemon.waitForStatus { $0.sources[0].startUps == 2 }
            #expect(throws: ControlError.self) {
                try ControlClient.change("retest bogus", path: daemon.control)
            }
        }

        @Test("another user may look and change nothing", .enabled(if: mayBeRoot, "needs root"))
        func refused() throws {
            let daemon = RunningDaemon()
            try daemon.startAndWait()
            let stranger = ["setpriv", "--reuid", "65533", "--regid", "65533", "--clear-groups"]
            let script = """
                my $socket = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die "no connection: $!";
                print $socket "$ARGV[1]\\n"; $socket->flush; print <$socket>;
                """
            for request in ["reload", "retest jitter"] {
                let client = try ChildProcess(
                    stranger + [
                        "perl", "-MIO::Socket::UNIX", "-e", script, daemon.control, request,
                    ],
                    environment: daemon.place.environment
                )
                #expect(client.finish() == 0)
                let answer = String(decoding: client.output, as: UTF8.self)
                #expect(answer.contains("not permitted: only root"), "\(answer)")
            }
            // Nothing is known of a source before its first batch.
            let report = try daemon.waitForStatus { $0.sources[0].startUps > 0 }
            #expect(report.sources[0].startUps == 1)
            #expect(!daemon.log.contains("reloaded"))
            let outcome = try daemon.place.run(
                ["status", "--json", "--socket", daemon.control],
                prefix: stranger
            )
            #expect(outcome.text.contains("\"processID\""))
        }

        @Test(
            "a socket closed to others stays closed to them",
            .enabled(if: mayBeRoot, "needs root")
        )
        func mode() throws {
            let daemon = RunningDaemon()
            daemon.configure(RunningDaemon.jitterAlone)
            try daemon.startAndWait()
            chmod(daemon.control, 0o660)
            let stranger = ["setpriv", "--reuid", "65533", "--regid", "65533", "--clear-groups"]
            let outcome = try daemon.place.run(
                ["status", "--socket", daemon.control],
                prefix: stranger
            )
            #expect(outcome.status == 69)
            #expect(outcome.errors.contains("Permission denied"))
        }
    }
}
