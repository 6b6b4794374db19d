// The sources that a configuration names: started, kept, replaced, and those that are not there.
// SPDX-License-Identifier: Apache-2.0

import Configuration
import EGDProtocol
import LinuxSystem
import NoiseSources
import Testing
import WellspringTesting

@testable import Daemon

@Suite(.serialized) struct SourceSetTests {
    private func entry(_ name: String, _ type: SourceType) -> Source {
        Source(name: name, type: type)
    }

    @Test("a source that is not there is told with its reason and holds nobody up")
    func unavailable() throws {
        let folder = TemporaryDirectory()
        let pool = try makePool()
        let set = SourceSet(pool: pool, logger: quietLogger)
        defer { set.stop() }
        var missing = entry("missing", .stream)
        missing.path = AbsolutePath(folder.file("missing"))
        set.apply([missing, entry("jitter", .jitter)], safetyFactor: 0.5)
        #expect(set.usableNames == ["jitter"])
        #expect(eventually { pool.level == 4096 })
        let status = set.status(pool.facts, now: SystemClock.now)
        #expect(status.map(\.name) == ["missing", "jitter"])
        #expect(status[0].state == "unavailable")
        #expect(status[0].reason?.isEmpty == false)
        #expect(set.canEarn)
    }

    @Test("an egd source gets what the configuration says, and its upstream is shown")
    func upstream() throws {
        let server = try ScriptedServer(try #require(LoopbackListener()))
        var edge = entry("edge", .egd)
        edge.upstreams = [server.endpoint]
        edge.patience = .seconds(7)
        edge.retry = .seconds(3)
        let settings = NoiseSourceSettings(edge, lineHandler: LineHandler { _ in })
        #expect(settings.upstreams == [server.endpoint])
        #expect(settings.silenceLimit == .seconds(7))
        var delays = settings.restartDelays
        let pauses = [delays.delay(afterRunOf: .zero), delays.delay(afterRunOf: .zero)]
        #expect(pauses == [.seconds(3), .seconds(3)])

        let pool = try makePool()
        let set = SourceSet(
            pool: pool,
            logger: quietLogger,
            chain: SharedChain(own: .ofThisProcess())
        )
        defer { set.stop() }
        set.apply([edge], safetyFactor: 0.5)
        #expect(eventually { pool.level == 4096 })
        #expect(
            eventually {
                let status = set.status(pool.facts, now: SystemClock.now)[0]
                return status.resting && status.upstream?.endpoint == "\(server.endpoint)"
                    && status.upstream?.bytes == Int(status.samples)
            }
        )
        #expect(server.record.announcements.map(\.name) == [EGDNode.ofThisProcess().name])
    }

    @Test("two daemons of one host have one name and two identifiers")
    func node() {
        let (a, b) = (EGDNode.ofThisProcess(), EGDNode.ofThisProcess())
        #expect(a.name == b.name)
        #expect(a.identifier != b.identifier)
    }

    @Test("what stays in the configuration keeps running, what leaves it ends")
    func apply() throws {
        let pool = try makePool()
        let set = SourceSet(pool: pool, logger: quietLogger)
        defer { set.stop() }
        let jitter = entry("jitter", .jitter)
        set.apply([jitter], safetyFactor: 0.5)
        #expect(eventually { pool.level == 4096 })
        set.apply([entry("kernel", .kernel), jitter], safetyFactor: 0.5)
        var status = set.status(pool.facts, now: SystemClock.now)
        #expect(status.map(\.name) == ["kernel", "jitter"])
        #expect(status[1].samples > 0)
        set.apply([entry("kernel", .kernel)], safetyFactor: 0.5)
        #expect(set.usableNames == ["kernel"])
        #expect(!set.canEarn)
        // Another safety factor means another source.
        set.apply([jitter], safetyFactor: 0.25)
        status = set.status(pool.facts, now: SystemClock.now)
        #expect(status[0].creditedBitsPerSample == 0.25)
        set.apply([], safetyFactor: 0.25)
        #expect(set.status(pool.facts, now: SystemClock.now).isEmpty)
    }

    @Test("a new test can be asked of running sources only")
    func retest() throws {
        let pool = try makePool()
        let set = SourceSet(pool: pool, logger: quietLogger)
        defer { set.stop() }
        set.apply([entry("jitter", .jitter)], safetyFactor: 0.5)
        #expect(set.retest("jitter"))
        #expect(!set.retest("havege"))
        #expect(!set.retest(""))
    }
}
