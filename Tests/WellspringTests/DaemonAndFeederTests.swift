// The daemon with its feeder: the kernel is fed, and the daemon lives on whatever becomes of the feeder.
// SPDX-License-Identifier: Apache-2.0

import Daemon
import Glibc
import Testing

extension EndToEnd {
    @Suite(.enabled(if: mayBeRoot, "feeding needs root"))
    struct DaemonAndFeederTests {
        @Test("the kernel is fed within ten seconds; a killed worker is replaced")
        func feeds() throws {
            let daemon = RunningDaemon()
            try daemon.startAndWait([])
            let report = try daemon.waitForStatus(limit: .seconds(10)) {
                $0.kernel.feeder == "feeding"
            }
            #expect(report.kernel.feeds >= 1)
            #expect(report.kernel.creditedBits == report.kernel.feeds * 512)
            #expect(report.warnings.isEmpty)
            #expect(daemon.waitForLog("the kernel was fed"))
            let worker = try #require(try feeders(of: daemon).last)
            kill(worker, SIGKILL)
            try daemon.waitForStatus { $0.kernel.feeds > report.kernel.feeds }
            let second = try #require(try feeders(of: daemon).last)
            #expect(second != worker)
            #expect(daemon.end() == 0)
            #expect(waitUntil { isGone(second) })
        }

        @Test("the feeder reaches a socket that only the daemon's group may connect to")
        func feedsThroughClosedSocket() throws {
            let daemon = RunningDaemon()
            daemon.configureDefaultModes()
            try daemon.startAndWait([])
            try daemon.waitForStatus(limit: .seconds(10)) { $0.kernel.feeder == "feeding" }
        }

        @Test("both feeder processes killed: a warning, and the daemon serves on")
        func feederKilled() throws {
            let daemon = RunningDaemon()
            try daemon.startAndWait([])
            try daemon.waitForStatus { $0.kernel.feeder == "feeding" }
            for process in try feeders(of: daemon) { kill(process, SIGKILL) }
            let report = try daemon.waitForStatus { !$0.warnings.isEmpty }
            #expect(
                report.warnings.contains {
                    $0.hasPrefix("the kernel is not fed: the feeder was killed by signal 9")
                },
                "\(report.warnings)"
            )
            #expect(daemon.log.contains("the feeder is gone"))
            for path in [daemon.entropy, daemon.generator] {
                #expect(try daemon.read(70_000, from: path).count == 70_000)
            }
            let outcome = try daemon.place.run(["status"])
            #expect(outcome.status == 1)
            #expect(outcome.text.contains("! the kernel is not fed"))
            #expect(daemon.process?.children.isEmpty == true)
            #expect(daemon.end() == 0)
        }

        @Test("the feeder does not outlive a killed daemon")
        func daemonKilled() throws {
            let daemon = RunningDaemon()
            try daemon.startAndWait([])
            try daemon.waitForStatus { $0.kernel.feeder == "feeding" }
            let processes = try feeders(of: daemon)
            daemon.process?.signal(SIGKILL)
            #expect(daemon.process?.finish() == 128 + SIGKILL)
            #expect(waitUntil { processes.allSatisfy { isGone($0) } })
        }

        @Test("a feeder that is missing, ends at once or reports nonsense does no harm")
        func otherFeeders() throws {
            let place = Workplace()
            let hostile = place.write(
                """
                #!/bin/sh
                for line in 'event=fed bits=9223372036854775807' 'event=fed bits=9223372036854775807' \\
                    'event=fed bits=-5' 'event=upstream-lost reason="a \\" event=fed' '=' '"' ''; do
                    echo "$line" >&3
                done
                head -c 100000 /dev/zero >&3
                exec sleep 600
                """,
                to: "feeder.sh"
            )
            chmod(hostile, 0o755)
            for (feeder, words) in [
                (place.file("missing"), "cannot start"),
                ("/bin/false", "the feeder ended with status 1"),
                ("/bin/true", "the feeder ended with status 0"),
                (hostile, "waiting for the daemon's socket: a \" event=fed"),
            ] {
                let daemon = RunningDaemon()
                try daemon.startAndWait(["--feeder", feeder])
                try daemon.waitForStatus { $0.kernel.feeder.contains(words) }
                #expect(try daemon.read(100, from: daemon.entropy).count == 100)
                let clock = ContinuousClock()
                let start = clock.now
                #expect(daemon.end() == 0)
                #expect(clock.now - start < .seconds(1))
            }
        }

        @Test("feeder: {enabled: no} and no full-entropy listener are said plainly")
        func noFeeder() throws {
            let off = RunningDaemon(RunningDaemon.jitterAlone + "feeder: {enabled: \"no\"}\n")
            try off.startAndWait([])
            #expect(try off.status().kernel.feeder == "serving only: no feeder wanted")
        }

        /// The feeder and its worker, in this order.
        private func feeders(of daemon: RunningDaemon) throws -> [pid_t] {
            let feeder = try #require(daemon.process?.children.first)
            var worker: pid_t?
            try #require(
                waitUntil {
                    worker = childrenOf(feeder).first
                    return worker != nil
                }
            )
            return [feeder, try #require(worker)]
        }

        /// Ended, though maybe not yet reaped by whoever inherited it.
        private func isGone(_ process: pid_t) -> Bool {
            let text = String(decoding: bytesOfFile("/proc/\(process)/stat"), as: UTF8.self)
            guard let end = text.lastIndex(of: ")") else { return true }
            return text[end...].dropFirst(2).first == "Z"
        }
    }
}
