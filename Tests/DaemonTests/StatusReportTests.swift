// The report as JSON, and the sentences about what is wrong.
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import NoiseSources
import Testing

@testable import Daemon

@Suite struct StatusReportTests {
    private static func source(_ name: String, _ state: String) -> StatusReport.Source {
        var source = StatusReport.Source.unavailable(name, reason: "")
        source.reason = nil
        source.state = state
        source.creditedBitsPerSample = state == "unavailable" ? 0 : 0.5
        return source
    }

    private var well: StatusReport {
        StatusReport(
            version: "1",
            processID: 7,
            user: "nobody",
            uptimeSeconds: 1.5,
            cpuSeconds: 0.25,
            kernel: .init(
                generation: "self-seeding",
                release: "6.1",
                ready: true,
                entropyAvailable: 256,
                poolSize: 256,
                feeder: "feeding",
                feeds: 1,
                creditedBits: 512,
                secondsSinceFeed: 0.5
            ),
            sources: [Self.source("jitter", "healthy"), Self.source("hwrng", "unavailable")],
            reservoir: .init(
                levelBytes: 64,
                capacityBytes: 4096,
                blocksDrawn: 2,
                deliveredBytes: 64,
                gathering: true,
                minimumSources: 1
            ),
            drbg: .init(seeded: true, reseeds: 1, generatedBytes: 10),
            listeners: [
                .init(
                    name: "egd",
                    path: "/run/\"x\"/ü.sock",
                    quality: "full-entropy",
                    clients: 1,
                    waitingClients: 0,
                    longestWaitSeconds: 0,
                    longestPastWaitSeconds: 0.25,
                    connections: 1,
                    refused: 0,
                    foreign: 0,
                    evicted: 0,
                    requests: UInt64.max,
                    deliveredBytes: 64,
                    lostBytes: 0,
                    waits: 3,
                    throttles: 0,
                    protocolErrors: 0,
                    circles: 0,
                    contributedBytes: 0,
                    accounts: [
                        .init(
                            name: "10.0.0.7",
                            node: "0badcafe:vm3",
                            connections: 1,
                            waiting: 0,
                            requests: 9,
                            deliveredBytes: 64,
                            lostBytes: 0,
                            waits: 3,
                            longestWaitSeconds: 0.25,
                            throttles: 0,
                            refused: 0
                        )
                    ]
                )
            ],
            memory: .init(secretBytes: 4096, refusedLocks: 0),
            warnings: ["a \"quoted\"\nwarning"]
        )
    }

    @Test("a report survives the way through JSON, with and without what is optional")
    func roundTrip() throws {
        var bare = well
        bare.kernel.entropyAvailable = nil
        bare.kernel.poolSize = nil
        bare.kernel.secondsSinceFeed = nil
        var remote = well
        remote.sources[0].upstream = .init(
            endpoint: "tcp://[::1]:8888",
            path: ["own", "rack"],
            failOvers: 1,
            bytes: 512
        )
        var keyed = well
        keyed.sources[0].device = .init(
            state: "Running OK",
            place: "/dev/ttyACM0",
            serial: "M/3lUoWERuOdXD+R",
            statistics: [
                "TotalEntropy": .count(.max), "BytesWritten": .count(0),
                "KeyVoltage": .number(3.254),
                "KeyTemperatureC": .number(-41.85), "KeyShortBadness": .text("efm_ok"),
                "KeyRawBadness": .text("0"), "KeyEnglishBadness": .text("\"no\"\nfailure"),
            ]
        )
        for report in [well, bare, remote, keyed] {
            let json = JSON.encode(report)
            #expect(!json.contains("\n"))
            #expect(try JSONDecoder().decode(StatusReport.self, from: Data(json.utf8)) == report)
        }
    }

    @Test("a device's numbers are numbers in JSON, and its words are words")
    func statistics() throws {
        let facts = DeviceFacts(
            state: "Running OK",
            place: nil,
            serial: nil,
            objection: nil,
            statistics: [
                .init("Count", .count(7)), .init("Voltage", .number(3.25)),
                .init("Word", .text("0")),
                .init("Count", .count(8)),
            ]
        )
        let device = StatusReport.Device(facts)
        #expect(
            device.statistics == ["Count": .count(7), "Voltage": .number(3.25), "Word": .text("0")]
        )
        let json = JSON.encode(device)
        #expect(json.contains(#""Count":7"#))
        #expect(json.contains(#""Voltage":3.25"#))
        #expect(json.contains(#""Word":"0""#))
        #expect(try JSONDecoder().decode(StatusReport.Device.self, from: Data(json.utf8)) == device)
        // A number that happens to be whole is a count on the other side, which is the same number.
        let whole = JSON.encode(["KeyVoltage": StatusReport.Statistic.number(3)])
        #expect(
            try JSONDecoder().decode([String: StatusReport.Statistic].self, from: Data(whole.utf8))
                == ["KeyVoltage": .count(3)]
        )
    }

    @Test("a source that objects to its own samples is told of, once it could earn")
    func objection() {
        var report = well
        report.sources[0].device = .init(state: "Running OK", statistics: [:])
        #expect(Warnings.of(report, generatorError: nil).isEmpty)
        report.sources[0].device?.objection = "the key reports failure 3"
        #expect(
            Warnings.of(report, generatorError: nil)
                == ["source jitter earns nothing: the key reports failure 3"]
        )
        // A source that does not work has a graver reason.
        report.sources[0].state = "failed"
        #expect(
            !Warnings.of(report, generatorError: nil).contains { $0.contains("earns nothing") }
        )
    }

    @Test("a daemon that is well has no warnings")
    func noWarnings() {
        #expect(Warnings.of(well, generatorError: nil).isEmpty)
    }

    @Test("each trouble has its sentence", arguments: ["degraded", "failed", "retired"])
    func sources(state: String) {
        var report = well
        report.sources.append(Self.source("havege", state))
        #expect(Warnings.of(report, generatorError: nil) == ["source havege is \(state)"])
        report.sources[2].lastFailure = "it failed"
        #expect(
            Warnings.of(report, generatorError: nil) == ["source havege is \(state): it failed"]
        )
        report.sources[2].reason = "because"
        #expect(Warnings.of(report, generatorError: nil) == ["source havege is \(state): because"])
    }

    @Test("silence is told from fifteen seconds on")
    func silence() {
        var report = well
        report.sources[0].silentSeconds = 14.9
        #expect(Warnings.of(report, generatorError: nil).isEmpty)
        report.sources[0].silentSeconds = 15.2
        #expect(
            Warnings.of(report, generatorError: nil) == ["source jitter has been silent for 15 s"]
        )
    }

    @Test("missing credit is told as readers will feel it")
    func credit() {
        var report = well
        report.sources[0].state = "starting"
        #expect(Warnings.of(report, generatorError: nil).first?.contains("only 0 of the 1") == true)
        report.reservoir.levelBytes = 0
        #expect(
            Warnings.of(report, generatorError: nil)
                == ["no source earns credit: full-entropy readers wait"]
        )
        report.sources[0].state = "healthy"
        report.reservoir.minimumSources = 2
        #expect(Warnings.of(report, generatorError: nil).first?.contains("only 1 of the 2") == true)
    }

    @Test("memory, generator and feeder")
    func others() {
        var report = well
        report.memory.refusedLocks = 3
        report.kernel.feeder = "the feeder was killed by signal 9; restart"
        let warnings = Warnings.of(report, generatorError: "self-test")
        #expect(warnings.count == 3)
        #expect(warnings[0].contains("3 regions"))
        #expect(warnings[1] == "the DRBG gives nothing: self-test")
        #expect(warnings[2] == "the kernel is not fed: the feeder was killed by signal 9; restart")
    }
}
