// `wellspring run`: start, reload, end, and what must not stop it.
// SPDX-License-Identifier: Apache-2.0

import Daemon
import EGDService
import Glibc
import Testing

extension EndToEnd {
    @Suite struct RunCommandTests {
        @Test("it serves both qualities, with the modes that were configured")
        func serves() throws {
            let daemon = RunningDaemon()
            try daemon.startAndWait()
            for path in [daemon.entropy, daemon.generator] {
                #expect(try daemon.read(1000, from: path).count == 1000)
                var facts = stat()
                #expect(stat(path, &facts) == 0)
                #expect(facts.st_mode & 0o7777 == 0o666)
                if isRoot { #expect(facts.st_uid == nobody) }
            }
            let report = try daemon.status()
            #expect(report.processID == daemon.process?.id)
            #expect(report.drbg.seeded)
            #expect(report.kernel.feeder.hasPrefix("serving only"))
            #expect(daemon.log.contains("wellspring is up"))
        }

        @Test("started by root, it keeps nothing of root", .enabled(if: mayBeRoot, "needs root"))
        func privileges() throws {
            let daemon = RunningDaemon()
            try daemon.startAndWait()
            let process = try #require(daemon.process?.id)
            let facts = String(decoding: bytesOfFile("/proc/\(process)/status"), as: UTF8.self)
            for line in [
                "Uid:\t\(nobody)\t\(nobody)\t\(nobody)\t\(nobody)\n", "Groups:\t \n",
                "CapPrm:\t0000000000000000", "CapEff:\t0000000000000000", "NoNewPrivs:\t1",
            ] {
                #expect(facts.contains(line))
            }
            #expect(try daemon.status().user == "nobody")
        }

        @Test(
            "a signal ends it within a second and its sockets are gone",
            arguments: [SIGTERM, SIGINT]
        )
        func ends(number: Int32) throws {
            let daemon = RunningDaemon()
            try daemon.startAndWait()
            // Clients that wait, ask and are silent do not hold it up.
            let clients = try [daemon.entropy, daemon.generator, daemon.control].map({
                try RawClient($0)
            })
            clients[0].send([UInt8](repeating: 2, count: 4096))
            clients[1].send([2, 255])
            let clock = ContinuousClock()
            let start = clock.now
            #expect(daemon.end(number) == 0)
            #expect(clock.now - start < .seconds(1))
            #expect(daemon.place.contents == ["log", "wellspring.yaml"])
            #expect(daemon.log.contains("ending signal=\(number)"))
        }

        @Test("it ends within a second while a source gives nothing")
        func endsWhileSilent() throws {
            let daemon = RunningDaemon.withoutEntropy()
            try daemon.startAndWait()
            let client = try RawClient(daemon.entropy)
            client.send([2, 16])
            try daemon.waitForStatus { $0.listeners[0].waitingClients == 1 }
            let clock = ContinuousClock()
            let start = clock.now
            #expect(daemon.end() == 0)
            #expect(clock.now - start < .seconds(1))
            #expect(client.receiveAll() == "")
        }

        @Test("SIGHUP brings a new listener and keeps the clients of the old ones")
        func reloads() throws {
            let daemon = RunningDaemon()
            try daemon.startAndWait()
            var client = try EGDClient(path: daemon.generator)
            _ = try RunningDaemon.read(16, from: &client)
            let extra = daemon.place.file("extra.sock")
            daemon.configure(
                RunningDaemon.jitterAlone,
                listeners: "  extra: {path: \(extra), mode: \"0600\", quality: drbg}"
            )
            daemon.process?.signal(SIGHUP)
            try daemon.waitForStatus { $0.listeners.map(\.name) == ["egd", "drbg", "extra"] }
            #expect(daemon.waitForLog("Listener extra is added"))
            #expect(try daemon.read(100, from: extra).count == 100)
            _ = try RunningDaemon.read(1000, from: &client)
            #expect(try daemon.status().listeners[1].connections == 1)
            // And away again, by the control socket.
            daemon.configure(RunningDaemon.jitterAlone)
            let answer = try ControlClient.change("reload", path: daemon.control)
            #expect(answer.contains("Listener extra is removed"))
            try daemon.waitForStatus { $0.listeners.map(\.name) == ["egd", "drbg"] }
            #expect(waitUntil { access(extra, F_OK) != 0 })
            _ = try RunningDaemon.read(1000, from: &client)
        }

        @Test("the first trusted writers need a restart, and a reload says so")
        func reloadsWriters() throws {
            let daemon = RunningDaemon()
            try daemon.startAndWait()
            let extra = daemon.place.file("extra.sock")
            for (users, sentence) in [
                ("", "Listener extra is added."),
                (
                    ", trusted-writers: [root]",
                    "extra: trusted-writers changes from its default to root.; needs a restart: no "
                        + "trusted-writers are there yet."
                ),
            ] {
                daemon.configure(
                    RunningDaemon.jitterAlone,
                    listeners: "  extra: {path: \(extra)\(users)}"
                )
                let answer = try ControlClient.change("reload", path: daemon.control)
                #expect(answer.hasSuffix(sentence), "\(answer)")
            }
        }

        @Test("SIGHUP changes the sources")
        func reloadsSources() throws {
            let daemon = RunningDaemon()
            try daemon.startAndWait()
            daemon.configure("sources:\n  havege: {}\n  jitter: {}\n")
            daemon.process?.signal(SIGHUP)
            let report = try daemon.waitForStatus { $0.sources.count == 2 }
            #expect(report.sources.map(\.name) == ["havege", "jitter"])
            daemon.configure("sources:\n  havege: {}\n")
            daemon.process?.signal(SIGHUP)
            try daemon.waitForStatus { $0.sources.map(\.name) == ["havege"] }
            #expect(try daemon.read(70_000, from: daemon.entropy).count == 70_000)
        }

        @Test("a broken file changes nothing and is named in the log")
        func brokenReload() throws {
            let daemon = RunningDaemon()
            try daemon.startAndWait()
            var client = try EGDClient(path: daemon.entropy)
            daemon.configure("sources: {jitter: {}}\nbogus: 1\nlog: {level: loud}\n")
            daemon.process?.signal(SIGHUP)
            #expect(daemon.waitForLog("not reloaded: \(daemon.configuration):8:1: bogus: "))
            #expect(daemon.log.contains("\(daemon.configuration):9:14: log.level: "))
            // One event, one line.
            #expect(daemon.log.split(separator: "\n").allSatisfy { $0.hasPrefix("20") })
            let report = try daemon.status()
            #expect(report.listeners.map(\.name) == ["egd", "drbg"])
            _ = try RunningDaemon.read(1000, from: &client)
            unlink(daemon.configuration)
            daemon.process?.signal(SIGHUP)
            #expect(daemon.waitForLog("cannot be read (No such file or directory)"))
            _ = try RunningDaemon.read(1000, from: &client)
        }

        @Test("a listener that cannot be made changes nothing")
        func impossibleReload() throws {
            let daemon = RunningDaemon()
            try daemon.startAndWait()
            daemon.configure(
                RunningDaemon.jitterAlone,
                listeners: "  extra: {path: \(daemon.place.file("missing/extra.sock"))}"
            )
            daemon.process?.signal(SIGHUP)
            #expect(daemon.waitForLog("not reloaded: "))
            #expect(try daemon.status().listeners.map(\.name) == ["egd", "drbg"])
            #expect(try daemon.read(10, from: daemon.entropy).count == 10)
        }

        @Test("a second daemon on the same sockets is refused, and the first does not notice")
        func second() throws {
            let daemon = RunningDaemon()
            try daemon.startAndWait()
            // The same listeners; then others, but the same control socket.
            let others = daemon.place.write(
                "user: nobody\ncontrol: {path: \(daemon.control)}\n"
                    + "listeners: {other: {path: \(daemon.place.file("other.sock"))}}\n",
                to: "others.yaml"
            )
            for file in [daemon.configuration, others] {
                let outcome = try daemon.place.run(["run", "--no-feeder", "--config", file])
                #expect(outcome.status == 1)
                let path = file == others ? daemon.control : daemon.entropy
                #expect(outcome.errors.contains(path), "\(outcome.errors)")
                #expect(outcome.errors.contains("nother"))
            }
            #expect(!daemon.place.contents.contains("other.sock"))
            #expect(try daemon.read(100, from: daemon.entropy).count == 100)
            #expect(try daemon.status().processID == daemon.process?.id)
        }

        @Test("something else under a socket's name is left alone")
        func inTheWay() throws {
            let daemon = RunningDaemon()
            daemon.place.write("precious", to: "egd.sock")
            try daemon.start()
            #expect(daemon.process?.finish() == 1)
            #expect(daemon.log.contains("\(daemon.entropy) exists and is not a socket"))
            #expect(bytesOfFile(daemon.entropy) == Array("precious".utf8))
        }

        @Test("without an allowance for locked memory it runs, and warns")
        func noLockedMemory() throws {
            let daemon = RunningDaemon()
            let user = [
                "setpriv", "--reuid", "\(nobody)", "--regid", "\(nobody)", "--clear-groups",
            ]
            try daemon.startAndWait(prefix: (isRoot ? user : []) + ["prlimit", "--memlock=0:0"])
            let report = try daemon.waitForStatus { $0.reservoir.levelBytes > 0 }
            #expect(report.memory.refusedLocks > 0)
            #expect(report.warnings.contains { $0.contains("raise RLIMIT_MEMLOCK") })
            #expect(try daemon.read(100, from: daemon.entropy).count == 100)
            let outcome = try daemon.place.run(["status"])
            #expect(outcome.status == 1)
            #expect(outcome.text.contains("NOT ALL LOCKED"))
        }

        @Test("a log on a full disk does not stop it")
        func fullLog() throws {
            let daemon = RunningDaemon()
            try daemon.startAndWait(errors: .file("/dev/full"))
            daemon.process?.signal(SIGHUP)
            #expect(try daemon.read(100, from: daemon.entropy).count == 100)
            #expect(daemon.end() == 0)
        }

        @Test("a log that nobody reads any more does not stop it")
        func brokenLog() throws {
            let daemon = RunningDaemon()
            var ends: [Int32] = [-1, -1]
            try #require(pipe(&ends) == 0)
            try daemon.start(errors: .descriptor(ends[1]))
            for end in ends { close(end) }
            try daemon.waitForStatus { $0.reservoir.levelBytes > 0 }
            daemon.process?.signal(SIGHUP)
            #expect(try daemon.read(100, from: daemon.entropy).count == 100)
            #expect(daemon.end() == 0)
        }

        @Test("sources that die do not stop it: a command that ends, a FIFO that stays empty")
        func dyingSources() throws {
            let daemon = RunningDaemon()
            let fifo = daemon.place.file("silence")
            mkfifo(fifo, 0o644)
            daemon.configure(
                """
                sources:
                  jitter: {}
                  ends: {type: command, command: "echo some noise; exit 3", claim: 1}
                  silent: {type: stream, path: \(fifo), claim: 1}
                  missing: {type: stream, path: \(daemon.place.file("nothing")), claim: 1}
                """
            )
            try daemon.startAndWait()
            let report = try daemon.waitForStatus { report in
                report.sources.contains { $0.name == "ends" && $0.state == "failed" }
                    && report.sources.contains { $0.name == "jitter" && $0.state == "healthy" }
            }
            #expect(report.sources.first { $0.name == "missing" }?.state == "unavailable")
            #expect(report.sources.first { $0.name == "ends" }?.reason?.contains("ends: ") == true)
            #expect(report.warnings.contains { $0.hasPrefix("source ends is failed") })
            #expect(try daemon.read(100_000, from: daemon.entropy).count == 100_000)
        }
    }
}
