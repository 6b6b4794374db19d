// What a reload would do.
// SPDX-License-Identifier: Apache-2.0

import Configuration
import Testing

@Suite("Changes between configurations")
struct ConfigurationChangesTests {
    @Test("no change is no sentence")
    func none() throws {
        let full = try parse(fullExample())
        #expect(Configuration.diff(full, full).isEmpty)
        #expect(Configuration.diff(.default(for: directories), try parse("")).isEmpty)
    }

    @Test("a change is said, live or with a restart", arguments: changes)
    func change(_ change: Change) throws {
        let found = Configuration.diff(try parse(change.old), try parse(change.new))
        #expect(found.live == change.live)
        #expect(found.restart == change.restart)
    }

    @Test("every key of the model is seen")
    func everyKey() throws {
        let found = Configuration.diff(
            try parse(""),
            try parse(
                """
                user: a
                group: b
                log: { level: error }
                reservoir: { size: 4KiB, low-mark: 1 }
                credit: { safety-factor: 1, minimum-sources: 2 }
                drbg: { reseed-interval: 1h, reseed-bytes: 1GiB }
                control: { path: /a, mode: "0600" }
                feeder: { enabled: no, interval: 1s, block: 128, credit: 0 }
                """
            )
        )
        #expect(found.live == ["credit.safety-factor changes from 0.5 to 1.0."])
        let names = found.restart.map { $0.prefix { $0 != " " } }
        #expect(
            names == [
                "user", "group", "log.level", "reservoir.size", "reservoir.low-mark",
                "credit.minimum-sources", "drbg.reseed-interval", "drbg.reseed-bytes",
                "control.path", "control.mode", "feeder.enabled", "feeder.interval", "feeder.block",
                "feeder.credit",
            ]
        )
        #expect(found.restart.allSatisfy { $0.hasSuffix("; this needs a restart.") })
        #expect(
            Array(found.restart[3...4] + found.restart[8...9]) == [
                "reservoir.size changes from 64KiB to 4KiB; this needs a restart.",
                "reservoir.low-mark changes from 0.25 to 1.0; this needs a restart.",
                "control.path changes from /run/wellspring/control.sock to /a; this needs a restart.",
                "control.mode changes from 0660 to 0600; this needs a restart.",
            ]
        )
    }
}

struct Change: Sendable {
    let old: String
    let new: String
    var live: [String] = []
    var restart: [String] = []
}

private let changes = [
    Change(
        old: "",
        new: "log: { level: debug }",
        restart: ["log.level changes from info to debug; this needs a restart."]
    ),
    Change(
        old: "",
        new: "sources: { jitter: , cpu: }",
        live: ["The sources are now those listed (jitter, cpu) instead of all there are."]
    ),
    Change(
        old: "sources: { jitter: }",
        new: "",
        live: ["The sources are now all there are instead of those listed."]
    ),
    Change(
        old: "sources: { jitter: , geiger: { type: stream, path: /a } }",
        new: "sources: { jitter: { claim: 0.5 }, cpu: }",
        live: [
            "Source geiger is removed.",
            "Source jitter: claim changes from its default to 0.5.",
            "Source cpu is added.",
        ]
    ),
    Change(
        old: "sources: { cpu: , x: { type: stream, path: /a, speed: 9600 } }",
        new: "sources: { cpu: , x: { type: command, command: date } }",
        live: [
            "Source x: type changes from stream to command, path changes from /a to its default, "
                + "speed changes from 9600 to its default, command changes from its default to date."
        ]
    ),
    Change(
        old: "",
        new: "listeners: { egd: { mode: \"0666\", max-connections: 5 }, more: }",
        live: [
            "Listener drbg is removed.",
            "Listener egd: mode changes from 0660 to 0666, max-connections changes from 1024 to 5.",
            "Listener more is added.",
        ]
    ),
    Change(
        old: "control: { mode: \"0600\" }",
        new: "",
        restart: ["control.mode changes from 0600 to 0660; this needs a restart."]
    ),
]
