// What the kernel is really asked, as strace sees it.
// SPDX-License-Identifier: Apache-2.0

import Testing

@Suite(.serialized, .enabled(if: Requirements.canTrace, "needs root and strace"))
struct FeederTraceTests {
    /// -xx: strings as hexadecimal; -s: whole blocks; -v: no abbreviations.
    private let strace = ["strace", "-f", "-v", "-xx", "-s", "512", "-e", "trace=ioctl,getrandom"]

    @Test("RNDADDENTROPY carries the upstream's bytes and exactly their credit, then a rekeying")
    func exactCredit() throws {
        let feeder = FeederProcess(upstream: .serving)
        try feeder.start(["--once", "--from", feeder.socketPath], prefix: strace)
        #expect(feeder.exitStatus() == 0)
        let calls = feeder.trace.filter { $0.contains(", RND") }
        try #require(calls.count == 4)
        #expect(calls[0].contains("RNDADDENTROPY, {entropy_count=0, buf_size=0"))
        #expect(
            calls[1].contains(
                "RNDADDENTROPY, {entropy_count=512, buf_size=64, buf=\"\(hex(0..<64))\"}) = 0"
            )
        )
        #expect(calls[2].contains("RNDRESEEDCRNG"))
        #expect(calls[3].contains("RNDGETENTCNT"))
    }

    @Test("a block of two requests arrives whole; credit is the operator's figure, rounded down")
    func operatorCredit() throws {
        let feeder = FeederProcess(upstream: .serving)
        try feeder.start(
            ["--once", "--from", feeder.socketPath, "--block=300", "--credit=1.005"],
            prefix: strace
        )
        #expect(feeder.exitStatus() == 0)
        let bytes = hex(0..<255) + hex(0..<45)
        let additions = feeder.trace.filter { $0.contains("buf_size=300") }
        #expect(additions.count == 1)
        #expect(
            additions.allSatisfy {
                $0.contains("{entropy_count=301, buf_size=300, buf=\"\(bytes)\"}) = 0")
            }
        )
    }

    @Test("--credit none mixes without credit and rekeys nothing")
    func noCredit() throws {
        let feeder = FeederProcess(upstream: .serving)
        try feeder.start(["--from", feeder.socketPath, "--credit", "none"], prefix: strace)
        try #require(feeder.pump(untilLineWith: "event=fed bytes=64 bits=0"))
        feeder.closeReport()
        #expect(feeder.exitStatus() == 0)
        #expect(feeder.trace.contains { $0.contains("{entropy_count=0, buf_size=64") })
        #expect(!feeder.trace.contains { $0.contains("RNDRESEEDCRNG") })
    }

    @Test("nothing may wait for the kernel's first seed before the first credit")
    func neverWaitsForTheSeed() throws {
        let feeder = FeederProcess(upstream: .absent)
        try feeder.start(["--once"], prefix: strace)
        #expect(feeder.exitStatus() == 0)
        let trace = feeder.trace
        let credit = try #require(trace.firstIndex { $0.contains("entropy_count=512") })
        let early = trace[..<credit].filter { $0.contains("getrandom(") }
        // The C library's own, and the question whether the kernel is seeded.
        #expect(early.count >= 1)
        #expect(early.allSatisfy { $0.contains("GRND_NONBLOCK") })
    }

    private func hex(_ bytes: Range<UInt8>) -> String {
        let digits = Array("0123456789abcdef")
        return bytes.map { "\\x\(digits[Int($0 >> 4)])\(digits[Int($0 & 15)])" }.joined()
    }
}
