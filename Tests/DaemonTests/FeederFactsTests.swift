// What the feeder reports, and what a hostile line can make of it.
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Daemon

@Suite struct FeederFactsTests {
    private func facts(_ lines: String...) -> FeederFacts {
        var facts = FeederFacts()
        for (index, line) in lines.enumerated() {
            facts.read(line: line[...], at: .seconds(index))
        }
        return facts
    }

    @Test("a feed is counted with its credit and its time")
    func fed() {
        let line = "event=fed bytes=64 bits=512 total-bits=512 class=self-seeding entropy-avail=256"
        let facts = facts("event=started class=self-seeding seeded=yes", line, line)
        #expect(facts.state == "feeding")
        #expect(facts.feeds == 2)
        #expect(facts.creditedBits == 1024)
        #expect(facts.entropyAvailable == 256)
        #expect(facts.lastFeed == .seconds(2))
    }

    @Test("troubles change the state and keep the figures")
    func troubles() {
        let fed = "event=fed bits=512"
        #expect(facts(fed, "event=not-permitted reason=x").state.hasPrefix("serving only: "))
        let lost = facts(fed, "event=upstream-lost reason=\"no socket there\"")
        #expect(lost.state == "waiting for the daemon's socket: no socket there")
        #expect(lost.feeds == 1)
        #expect(facts("event=upstream-lost").state.hasSuffix("no reason given"))
        let crashed = facts("event=worker-restarted reason=\"killed by signal 9\"")
        #expect(crashed.state == "restarted after a crash: killed by signal 9")
    }

    @Test(
        "unknown, empty and broken lines change nothing",
        arguments: [
            "", " ", "=", "==", "event", "event=", "event=\"", "event=later x=1", "fed",
            "\"event=fed\"", "event =fed", "Event=fed", "reason=\"event=fed",
            "reason=\"a \\\" event=fed\"", "event=later event=fed", "\u{0}event=fed",
        ]
    )
    func nothing(line: String) {
        #expect(facts(line) == FeederFacts())
    }

    @Test("impossible figures are not counted and do not overflow")
    func figures() {
        let huge = "event=fed bits=\(Int.max)"
        let facts = facts(huge, huge, "event=fed bits=-5", "event=fed bits=1e9", "event=fed")
        #expect(facts.feeds == 5)
        #expect(facts.creditedBits == Int.max)
        #expect(self.facts("event=fed bits=99999999999999999999").creditedBits == 0)
    }

    @Test(
        "values are read as they were written",
        arguments: [
            ("a=1 b=2", ["a": "1", "b": "2"]), ("  a=1   b=2  ", ["a": "1", "b": "2"]),
            (#"a="x y" b=z"#, ["a": "x y", "b": "z"]),
            (#"a="say \"x\"" b=z"#, ["a": "say \"x\"", "b": "z"]),
            (#"a="back\\" b=z"#, ["a": "back\\", "b": "z"]), ("a= b=2", ["a": "", "b": "2"]),
            (#"a="open b=2"#, ["a": "open b=2"]), ("a=b=c", ["a": "b=c"]),
            ("a=1 a=2", ["a": "1"]), (#"a="""#, ["a": ""]), ("a=ü b=2", ["a": "ü", "b": "2"]),
        ]
    )
    func logfmt(line: String, values: [String: String]) {
        let fields = LogfmtLine(line[...])
        for (key, value) in values { #expect(fields[key] == value) }
        #expect(fields["absent"] == nil)
        if values["b"] == nil { #expect(fields["b"] == nil) }
    }
}
