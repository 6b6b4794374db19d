// `wellspring feed`: the kernel fed from scripted EGD servers, and the options of ekeyd-egd-linux.
// SPDX-License-Identifier: Apache-2.0

import Daemon
import Glibc
import LinuxSystem
import Testing
import WellspringTesting

extension EndToEnd {
    @Suite struct FeedCommandTests {
        @Suite(.enabled(if: mayBeRoot, "feeding needs root"))
        struct Feeding {
            @Test("the old program's options: host, port, blocks, figure; the kernel is fed")
            func oldOptions() throws {
                let server = try ScriptedServer(try #require(LoopbackListener()))
                let feed = try RunningFeed(
                    ["-H", "localhost", "-p\(try server.port)", "-b2", "-S", "8", "-r", "1"]
                )
                let report = try feed.waitForStatus { $0.kernel.feeds > 0 }
                // Whole blocks of 8 bits per byte, whatever the servers' bytes count for.
                #expect(report.kernel.creditedBits == report.kernel.feeds * 2 * 128 * 8)
                #expect(report.sources.map(\.name) == ["egd"])
                #expect(report.sources[0].creditedBitsPerSample == 8)
                #expect(report.sources[0].claimOrigin == "operator")
                #expect(report.sources[0].upstream?.bytes ?? 0 > 0)
                #expect(report.listeners.map(\.name) == ["egd"])
                #expect(report.user != "root")
                let clock = ContinuousClock()
                let start = clock.now
                #expect(feed.end() == 0)
                #expect(clock.now - start < .seconds(1))
                #expect(feed.log.contains("the kernel was fed"))
                #expect(feed.place.contents == ["log"])
            }

            @Test("what a byte counts for: 7 of the old program, 4 of --from, or what -S says")
            func credit() throws {
                let server = try ScriptedServer(try #require(LoopbackListener()))
                for (arguments, credit) in [
                    (["-p", try server.port], 7.0), (["--from", "\(server.endpoint)"], 4.0),
                    (["--from", "\(server.endpoint)", "-S", "1"], 1.0),
                ] {
                    let feed = try RunningFeed(arguments)
                    let report = try feed.waitForStatus { _ in true }
                    #expect(report.sources[0].creditedBitsPerSample == credit)
                    #expect(feed.end() == 0)
                }
            }

            @Test("of several servers the first that works feeds; none is waited for")
            func servers() throws {
                let server = try ScriptedServer(
                    try #require(LoopbackListener(ipv6: true) ?? LoopbackListener())
                )
                let dead = try #require(LoopbackListener()).endpoint
                let feed = try RunningFeed(["--from", "\(dead), \(server.endpoint)"])
                let report = try feed.waitForStatus { $0.kernel.feeds > 0 }
                #expect(report.sources[0].upstream?.endpoint == "\(server.endpoint)")
                #expect(feed.end() == 0)

                let waiting = try RunningFeed(["--from", "\(dead)"])
                try waiting.waitForStatus { $0.sources[0].state == "failed" }
                #expect(waiting.end(SIGINT) == 0)
                #expect(waiting.place.contents == ["log"])
            }

            @Test("SIGHUP reads no file of a daemon's")
            func reload() throws {
                let server = try ScriptedServer(try #require(LoopbackListener()))
                let feed = try RunningFeed(["--from", "\(server.endpoint)"])
                try feed.waitForStatus { _ in true }
                feed.process.signal(SIGHUP)
                #expect(waitUntil { feed.log.contains("not reloaded") })
                #expect(try feed.waitForStatus { _ in true }.sources.map(\.name) == ["egd"])
            }

            @Test("without the capability it says so and exits 77")
            func notPermitted() throws {
                let outcome = try Workplace().run(
                    ["feed"],
                    prefix: ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
                )
                #expect(outcome.status == 77)
                #expect(outcome.errors.contains("CAP_SYS_ADMIN"))
            }

            @Test("without a feeder there is no use: missing or killed, it ends with 1")
            func feederGone() throws {
                let server = try ScriptedServer(try #require(LoopbackListener()))
                let place = Workplace()
                let missing = try place.run(
                    ["feed", "--from", "\(server.endpoint)", "--feeder", place.file("missing")]
                )
                #expect(missing.status == 1)
                #expect(missing.errors.contains("cannot start"))
                #expect(place.contents.isEmpty)

                let feed = try RunningFeed(["--from", "\(server.endpoint)"])
                try feed.waitForStatus { $0.kernel.feeds > 0 }
                for child in feed.process.children {
                    for worker in childrenOf(child) { kill(worker, SIGKILL) }
                    kill(child, SIGKILL)
                }
                #expect(feed.process.finish() == 1)
                #expect(feed.log.contains("the kernel is not fed: "))
                #expect(feed.place.contents == ["log"])
            }
        }

        @Test(
            "mistakes end with 64 and a sentence",
            arguments: [
                (["-D", "/run/x.pid"], "the service manager"),
                (["-b", "5"], "-b is a number from 1 to 4"),
                (["-S", "0"], "-S is a number from 1 to 8"), (["-t", "601"], "-t is a number"),
                (["-r", "-1"], "-r"), (["-p", "0"], "not a server's address"),
                (["-p", "65536"], "65536"), (["--from", ""], "not a server's address"),
                (["--from", "tcp://a:1", "-H", "b"], "excludes"),
                (["--from", "tcp://a:1,"], "not a server's address"),
                (["-H", "a b"], "not a server's address"), (["--interval", "0"], "--interval"),
            ]
        )
        func mistakes(arguments: [String], words: String) throws {
            let outcome = try Workplace().run(["feed"] + arguments)
            #expect(outcome.status == 64)
            #expect(outcome.errors.contains(words), "\(outcome.errors)")
        }
    }
}

/// `wellspring feed` in a folder of its own. Killed and reaped at the latest when this object goes.
private final class RunningFeed {
    let place = Workplace()
    let process: ChildProcess

    init(_ arguments: [String]) throws {
        process = try place.start(
            ["feed"] + arguments,
            output: .null,
            errors: .file(place.file("log"))
        )
    }

    var log: String { String(decoding: bytesOfFile(place.file("log")), as: UTF8.self) }

    @discardableResult
    func waitForStatus(_ condition: (StatusReport) -> Bool) throws -> StatusReport {
        var last: StatusReport?
        waitUntil(limit: .seconds(20)) {
            guard process.isRunning else { return true }
            guard let folder = place.contents.first(where: { $0.hasPrefix("feed-") }),
                let report = try? ControlClient.status(path: place.file(folder + "/control.sock"))
            else { return false }
            last = report
            return condition(report)
        }
        let report = try #require(last, "it does not answer: \(log)")
        try #require(condition(report), "\(report)")
        return report
    }

    func end(_ signal: Int32 = SIGTERM) -> Int32? {
        process.signal(signal)
        return process.finish()
    }
}

extension ScriptedServer {
    fileprivate var port: String {
        get throws {
            guard case .tcp(_, let port) = endpoint else { throw SystemError("find a port") }
            return "\(port)"
        }
    }
}
