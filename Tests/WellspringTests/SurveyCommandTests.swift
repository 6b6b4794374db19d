// `wellspring sources`, `doctor` and `status`: what they tell, and how they end.
// SPDX-License-Identifier: Apache-2.0

import Daemon
import Entropy
import FoundationEssentials
import Testing

extension EndToEnd {
    @Suite struct SurveyCommandTests {
        private static let sources = [
            "jitter", "havege", "sleep", "cpu", "hwrng", "entropy-key", "stream", "command", "egd",
            "kernel",
        ]

        @Test("sources lists all ten, with the reason where one cannot be used")
        func sourcesTable() throws {
            let outcome = try Workplace().run(["sources", "--time", "0.01"])
            #expect(outcome.status == 0)
            let lines = outcome.text.split(separator: "\n")
            #expect(lines.count == 11)
            for (line, name) in zip(lines.dropFirst(), Self.sources) {
                #expect(line.hasPrefix("\(name) "))
            }
            #expect(outcome.text.contains("no path is configured"))
            #expect(outcome.text.contains("no command line is configured"))
        }

        @Test("sources --json can be parsed and says the same")
        func sourcesJSON() throws {
            struct Finding: Decodable {
                let name: String
                let state: String
                let remark: String
                let samplesPerSecond: Double?
            }
            let outcome = try Workplace().run(["sources", "--time", "0.01", "--json"])
            #expect(outcome.status == 0)
            let findings = try JSONDecoder().decode([Finding].self, from: Data(outcome.bytes))
            #expect(findings.map(\.name) == Self.sources)
            for finding in findings {
                #expect(!finding.remark.isEmpty)
                if finding.state == "healthy" { #expect(finding.samplesPerSecond ?? 0 > 0) }
            }
            #expect(findings.first?.state == "healthy")
        }

        @Test("doctor has its five sections and something to say in each")
        func doctor() throws {
            let outcome = try Workplace().run(["doctor"])
            #expect(outcome.status == 0 || outcome.status == 1)
            let sections = [
                "This kernel\n  ", "What it has\n  ", "Wellspring here\n  No daemon answers.",
                "What it is good for here\n  ", "What to do next\n  ",
            ]
            for section in sections { #expect(outcome.text.contains(section)) }
            #expect((outcome.status == 0) == outcome.text.contains("What to do next\n  Nothing."))
        }

        @Test("doctor asks the daemon that runs")
        func doctorAndDaemon() throws {
            let daemon = RunningDaemon()
            try daemon.startAndWait()
            try daemon.waitForStatus { $0.sources.first?.state == "healthy" }
            let outcome = try daemon.place.run(["doctor"])
            #expect(outcome.text.contains("A daemon is running (pid \(daemon.process?.id ?? 0))"))
            #expect(outcome.text.contains("Healthy sources: jitter."))
        }

        @Test("status shows a daemon that is well, on one screen, and ends with 0")
        func status() throws {
            let daemon = RunningDaemon()
            try daemon.startAndWait()
            let report = try daemon.waitForStatus { !$0.reservoir.gathering && $0.drbg.seeded }
            #expect(report.warnings.isEmpty)
            let outcome = try daemon.place.run(["status"])
            #expect(outcome.status == 0, "\(outcome.text)")
            let lines = outcome.text.split(separator: "\n")
            #expect(lines.count <= 24)
            #expect(lines.first?.hasPrefix("wellspring \(Version.current), pid ") == true)
            #expect(lines.contains { $0.split(separator: " ").prefix(2) == ["jitter", "healthy"] })
            #expect(outcome.text.contains(" of 65536 bytes full-entropy"))
            for path in [daemon.entropy, daemon.generator] { #expect(outcome.text.contains(path)) }
            let named = try daemon.place.run(["status", "--socket", daemon.control])
            #expect(named.status == 0)
        }

        @Test("status --json is the daemon's report")
        func statusJSON() throws {
            let daemon = RunningDaemon()
            try daemon.startAndWait()
            try daemon.waitForStatus { $0.reservoir.levelBytes > 0 }
            let outcome = try daemon.place.run(["status", "--json"])
            #expect(outcome.status == 0)
            let report = try JSONDecoder().decode(StatusReport.self, from: Data(outcome.bytes))
            #expect(report.processID == daemon.process?.id)
            #expect(report.listeners.map(\.name) == ["egd", "drbg"])
            #expect(report.listeners.map(\.quality) == ["full-entropy", "drbg"])
            #expect(report.sources.map(\.name) == ["jitter"])
        }

        @Test("status of a daemon in trouble ends with 1 and says what is wrong")
        func statusWithWarnings() throws {
            let daemon = RunningDaemon.withoutEntropy()
            try daemon.startAndWait()
            let outcome = try daemon.place.run(["status"])
            #expect(outcome.status == 1)
            #expect(outcome.text.contains("! no source earns credit: full-entropy readers wait"))
        }

        @Test("status without a daemon ends with 69 and says how to start one")
        func noDaemon() throws {
            let place = Workplace()
            let outcome = try place.run(["status"])
            #expect(outcome.status == 69)
            #expect(outcome.errors.contains("no daemon answers on \(place.file("control.sock"))"))
            #expect(outcome.errors.contains("wellspring run"))
        }
    }
}
