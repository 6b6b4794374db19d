// wellspring-feeder as a process, feeding this machine's kernel from a scripted upstream.
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@Suite(.serialized, .enabled(if: Requirements.canFeed, "feeding needs root"))
struct FeederEndToEndTests {
    @Test("the first block is fed and the report says so")
    func feeds() throws {
        let feeder = FeederProcess(upstream: .serving)
        try feeder.start(["--from", feeder.socketPath])
        try #require(feeder.pump(untilLineWith: "event=fed"))
        #expect(feeder.lines.first?.hasPrefix("event=started class=") == true)
        let fed = try #require(feeder.lines.first { $0.hasPrefix("event=fed ") })
        #expect(fed.hasPrefix("event=fed bytes=64 bits=512 total-bits=512 class="))
        #expect(fed.hasSuffix(" reason=start"))
        feeder.signal(SIGTERM)
        #expect(feeder.exitStatus() == 0)
        #expect(feeder.errors == "")
    }

    @Test("SIGTERM and SIGINT end it within a second, idle or waiting for a silent upstream")
    func stops() throws {
        for upstream in [FeederProcess.Upstream.serving, .silent] {
            for number in [SIGTERM, SIGINT] {
                let feeder = FeederProcess(upstream: upstream)
                try feeder.start(["--from", feeder.socketPath])
                let isBusy =
                    upstream == .serving
                    ? feeder.pump(untilLineWith: "event=fed")
                    : feeder.pump { feeder.requestsSeen == 1 }
                try #require(isBusy)
                let clock = ContinuousClock()
                let start = clock.now
                feeder.signal(number)
                #expect(feeder.exitStatus() == 0)
                #expect(clock.now - start < .seconds(1))
            }
        }
    }

    @Test("SIGHUP and SIGUSR1 feed at once")
    func feedsOnRequest() throws {
        for number in [SIGHUP, SIGUSR1] {
            let feeder = FeederProcess(upstream: .serving)
            try feeder.start(["--from", feeder.socketPath])
            try #require(feeder.pump(untilLineWith: "reason=start"))
            feeder.signal(number)
            #expect(feeder.pump(untilLineWith: "reason=request"))
        }
    }

    @Test("an absent upstream is named once, waited for, and fed from when it comes")
    func absentUpstream() throws {
        let feeder = FeederProcess(upstream: .absent)
        try feeder.start(["--from", feeder.socketPath])
        try #require(feeder.pump(untilLineWith: "event=upstream-lost"))
        // Long enough for a second, silent attempt after 0.25 s.
        feeder.pump(limit: .milliseconds(600)) { false }
        #expect(feeder.lines.filter { $0.hasPrefix("event=upstream-lost") }.count == 1)
        #expect(feeder.errors.contains(feeder.socketPath))
        feeder.setUpstream(.serving)
        #expect(feeder.pump(untilLineWith: "event=fed"))
        #expect(feeder.lines.contains("event=recovered"))
        #expect(feeder.lines.contains { $0.contains("reason=retry") })
    }

    @Test("a block that breaks off is not fed")
    func brokenUpstream() throws {
        let feeder = FeederProcess(upstream: .breaking)
        try feeder.start(["--from", feeder.socketPath])
        try #require(feeder.pump(untilLineWith: "event=upstream-lost"))
        #expect(feeder.lines.contains { $0.contains("before it sent a whole block") })
        #expect(!feeder.lines.contains { $0.hasPrefix("event=fed") })
        feeder.setUpstream(.serving)
        #expect(feeder.pump(untilLineWith: "event=fed"))
    }

    @Test("without privileges it says what is missing and exits 77")
    func notPermitted() throws {
        for arguments in [["--from", "/nonexistent"], ["--once", "--credit", "8"]] {
            let feeder = FeederProcess(upstream: .absent)
            try feeder.start(
                arguments,
                prefix: ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
            )
            #expect(feeder.exitStatus() == 77)
            #expect(feeder.pump { feeder.reportEnded })
            #expect(feeder.lines.contains { $0.hasPrefix("event=not-permitted reason=") })
            #expect(feeder.errors.contains("CAP_SYS_ADMIN"))
        }
    }

    @Test("bad options exit 64, --once without an upstream 69")
    func exitStatuses() throws {
        for (arguments, expected) in [
            (["--bogus"], Int32(64)), (["--user", "no-such-user"], 64),
            (["--once", "--from", "/nonexistent"], 69), (["--help"], 0),
        ] {
            let feeder = FeederProcess(upstream: .absent)
            try feeder.start(arguments)
            #expect(feeder.exitStatus() == expected, "\(arguments)")
            #expect(feeder.errors.isEmpty == (expected == 0))
        }
    }

    @Test("it keeps one capability, the user it is told, and nothing to gain more with")
    func privileges() throws {
        let feeder = FeederProcess(upstream: .serving)
        try feeder.start(["--from", feeder.socketPath, "--user", "65534:65534"])
        try #require(feeder.pump(untilLineWith: "event=fed"))
        let status = textOfFile("/proc/\(feeder.process)/status")
        // CAP_SYS_ADMIN is bit 21.
        for line in [
            "Uid:\t65534\t65534\t65534\t65534", "Gid:\t65534\t65534\t65534\t65534", "Groups:\t \n",
            "CapEff:\t0000000000200000", "CapPrm:\t0000000000200000", "CapInh:\t0000000000000000",
            "NoNewPrivs:\t1",
        ] {
            #expect(status.contains(line))
        }
        // The kernel gives the files of an undumpable process to root, whoever runs it.
        var facts = stat()
        #expect(stat("/proc/\(feeder.process)/environ", &facts) == 0)
        #expect(facts.st_uid == 0)
    }

    @Test("the service manager hears READY after the first feed, and the watchdog's signs of life")
    func notifies() throws {
        let feeder = FeederProcess(upstream: .silent)
        try feeder.start(["--from", feeder.socketPath], notify: true)
        try #require(feeder.pump { feeder.requestsSeen == 1 })
        #expect(!feeder.notifications.contains("READY=1"))
        feeder.setUpstream(.serving)
        feeder.signal(SIGHUP)
        try #require(feeder.pump(untilLineWith: "event=fed"))
        #expect(feeder.pump { feeder.notifications.filter { $0 == "WATCHDOG=1" }.count >= 3 })
        #expect(feeder.notifications.filter { $0 == "READY=1" }.count == 1)
        feeder.signal(SIGTERM)
        #expect(feeder.pump { feeder.notifications.last == "STOPPING=1" })
    }

    @Test("it ends when nobody reads its report any more")
    func reportReaderGone() throws {
        let feeder = FeederProcess(upstream: .serving)
        try feeder.start(["--from", feeder.socketPath])
        try #require(feeder.pump(untilLineWith: "event=fed"))
        feeder.closeReport()
        #expect(feeder.exitStatus() == 0)
    }
}

@Suite(.serialized, .enabled(if: Requirements.canFeed, "feeding needs root"))
struct KeepAliveTests {
    @Test("a killed worker is replaced, which is told; SIGTERM then ends both")
    func restarts() throws {
        let feeder = FeederProcess(upstream: .serving)
        try feeder.start(["--from", feeder.socketPath, "--keep-alive"])
        try #require(feeder.pump(untilLineWith: "event=fed"))
        let first = try #require(feeder.children.first)
        kill(first, SIGKILL)
        try #require(feeder.pump(untilLineWith: "event=worker-restarted"))
        #expect(feeder.lines.contains { $0.contains("killed by signal 9") })
        #expect(feeder.pump { feeder.lines.filter { $0.hasPrefix("event=fed") }.count == 2 })
        let second = try #require(feeder.children.first)
        #expect(second != first)
        let clock = ContinuousClock()
        let start = clock.now
        feeder.signal(SIGTERM)
        #expect(feeder.exitStatus() == 0)
        #expect(clock.now - start < .seconds(1))
        #expect(feeder.pump { feeder.reportEnded })
        #expect(kill(second, 0) == -1)
    }

    @Test("signals reach the worker")
    func forwards() throws {
        let feeder = FeederProcess(upstream: .serving)
        try feeder.start(["--from", feeder.socketPath, "--keep-alive"])
        try #require(feeder.pump(untilLineWith: "event=fed"))
        feeder.signal(SIGHUP)
        #expect(feeder.pump(untilLineWith: "reason=request"))
    }

    @Test("a stopped worker does not hold up the end")
    func hangingWorker() throws {
        let feeder = FeederProcess(upstream: .serving)
        try feeder.start(["--from", feeder.socketPath, "--keep-alive"])
        try #require(feeder.pump(untilLineWith: "event=fed"))
        kill(try #require(feeder.children.first), SIGSTOP)
        let clock = ContinuousClock()
        let start = clock.now
        feeder.signal(SIGTERM)
        #expect(feeder.exitStatus() == 0)
        #expect(clock.now - start < .seconds(1))
    }

    @Test("the worker does not outlive its parent")
    func parentDeath() throws {
        let feeder = FeederProcess(upstream: .serving)
        try feeder.start(["--from", feeder.socketPath, "--keep-alive"])
        try #require(feeder.pump(untilLineWith: "event=fed"))
        feeder.signal(SIGKILL)
        #expect(feeder.exitStatus() == 128 + SIGKILL)
        // Both hold the report's writing end: it ends when the worker is gone, too.
        #expect(feeder.pump { feeder.reportEnded })
    }

    @Test("orderly ends are passed on")
    func orderlyEnd() throws {
        let feeder = FeederProcess(upstream: .serving)
        try feeder.start(["--from", feeder.socketPath, "--keep-alive"])
        try #require(feeder.pump(untilLineWith: "event=fed"))
        feeder.closeReport()
        #expect(feeder.exitStatus() == 0)
    }
}
