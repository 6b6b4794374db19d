// The egd source on scripted servers: demand, pieces, wake-ups, fail-over, pauses and fail-back.
// SPDX-License-Identifier: Apache-2.0

import EGDProtocol
import Entropy
import LinuxSystem
import NoiseSources
import StreamConnections
import Testing
import WellspringTesting

@testable import UpstreamSources

@Suite("EGDSource", .timeLimit(.minutes(2)))
struct EGDSourceTests {
    @Test("bytes come once and in order, over Unix and TCP, whole or not", arguments: [1, 7, 4096])
    func bytes(_ pieceLimit: Int) throws {
        let folder = TemporaryDirectory()
        var listeners = [LoopbackListener(path: folder.file("egd")), LoopbackListener()]
        listeners.append(LoopbackListener(ipv6: true))
        for listener in listeners.compactMap({ $0 }) {
            var behaviour = ScriptedServer.Behaviour()
            behaviour.pieceLimit = pieceLimit
            let server = try ScriptedServer(listener, behaviour)
            let source = EGDSource(settings([server.endpoint]))
            try source.open()
            #expect(try source.allSamples(1_000) == stream(0..<1_000))
            #expect(server.record.given == 1_000)
            #expect(source.upstream?.endpoint == server.endpoint)
            #expect(source.upstream?.byteCount == 1_000)
            source.close()
        }
    }

    @Test("nothing is asked for before sampling, and no more than was wanted")
    func demand() throws {
        let server = try server()
        let source = EGDSource(settings([server.endpoint]))
        try source.open()
        #expect(server.record.connections == 0)
        #expect(try source.allSamples(300).count == 300)
        #expect(server.record.requests.map(\.byteCount).reduce(0, +) == 300)
        source.close()
        #expect(eventually { server.record.openConnections == 0 })
    }

    @Test("what is owed when woken comes with the next call")
    func wokenWhileWaiting() throws {
        let server = try server { $0.supply = 0 }
        let source = EGDSource(settings([server.endpoint]))
        #expect(try source.samplesWhenWoken(upTo: 100).isEmpty)
        #expect(eventually { server.record.requests == [.readBlocking(100)] })
        server.change { $0.supply = 40 }
        #expect(try source.samples(upTo: 10) == stream(0..<10))
        #expect(try source.samples(upTo: 100) == stream(10..<40))
        #expect(try source.samplesWhenWoken(upTo: 100).isEmpty)
        server.change { $0.supply = nil }
        #expect(try source.allSamples(160) == stream(40..<200))
        #expect(server.record.connections == 1)
        source.close()
    }

    @Test("it is woken while it connects and while it pauses")
    func wokenEarly() throws {
        let endpoint = try nowhere()
        // As a connection that hangs: StreamSocketTests show that it can be woken.
        let connecting = EGDSource(settings([endpoint])) { endpoint, limit, wake in
            let outcome = waitForInput(-1, wake: wake, until: SystemClock.awake + limit)
            return .failure(outcome == .woken ? .interrupted(endpoint) : .tooLate(endpoint))
        }
        #expect(try connecting.samplesWhenWoken(upTo: 1).isEmpty)
        let pausing = EGDSource(
            settings([endpoint]) {
                $0.restartDelays = RestartDelays(
                    first: .seconds(600),
                    longest: .seconds(600),
                    settledRun: .seconds(600)
                )
            }
        )
        let error = #expect(throws: NoiseSourceError.self) { try pausing.samples(upTo: 1) }
        #expect(error?.code == .unavailable)
        #expect(error?.description.contains("\(endpoint)") == true)
        #expect(try pausing.samplesWhenWoken(upTo: 1).isEmpty)
    }

    @Test("the first that works is read from; a lost one is followed by the next at once")
    func failOver() throws {
        let (first, second) = (try server(), try server())
        let lines = Lines()
        let source = EGDSource(
            settings([try nowhere(), first.endpoint, second.endpoint]) {
                $0.lineHandler = lines.handler
            }
        )
        #expect(try source.samples(upTo: 10) == stream(0..<10))
        #expect(source.upstream?.endpoint == first.endpoint)
        #expect(source.upstream?.switches == 0)
        first.stop()
        #expect(try source.samples(upTo: 10) == stream(0..<10))
        #expect(source.upstream?.endpoint == second.endpoint)
        #expect(source.upstream?.switches == 1)
        #expect(lines.all.count == 2)
        #expect(lines.all.last?.contains("\(first.endpoint) closed the connection") == true)
        source.close()
        #expect(source.upstream?.endpoint == nil)
    }

    @Test("a half reply, surplus bytes and silence lead to the next")
    func misbehaviour() throws {
        let good = try server()
        let half = try server {
            $0.supply = 5
            $0.closesWhenEmpty = true
        }
        let source = EGDSource(settings([half.endpoint, good.endpoint]))
        #expect(try source.samples(upTo: 10) == stream(0..<5))
        #expect(try source.samples(upTo: 10) == stream(0..<10))
        #expect(source.upstream?.endpoint == good.endpoint)

        let talkative = try server { $0.surplus = [1, 2, 3] }
        let other = EGDSource(settings([talkative.endpoint, good.endpoint]))
        #expect(try other.samples(upTo: 10) == stream(0..<10))
        #expect(try other.samples(upTo: 10) == stream(10..<20))
        #expect(other.upstream?.endpoint == good.endpoint)

        let silent = try server { $0.supply = 0 }
        let third = EGDSource(
            settings([silent.endpoint, good.endpoint]) { $0.silenceLimit = .milliseconds(50) }
        )
        #expect(try third.samples(upTo: 10) == stream(20..<30))
        #expect(third.upstream?.endpoint == good.endpoint)
    }

    @Test("all failed: an error names each, once; then it goes on trying and recovers")
    func allFail() throws {
        let server = try server {
            $0.supply = 0
            $0.closesWhenEmpty = true
        }
        let dead = try nowhere()
        let source = EGDSource(settings([dead, server.endpoint]))
        let error = #expect(throws: NoiseSourceError.self) { try source.samples(upTo: 1) }
        #expect(error?.code == .unavailable)
        for endpoint in [dead, server.endpoint] {
            #expect(error?.reason.contains("\(endpoint)") == true)
        }
        source.close()
        // The same failures again are no news; they end when the server has bytes.
        let before = server.record.connections
        let call = Call(source, count: 5)
        #expect(eventually { server.record.connections > before + 3 })
        server.change { $0.supply = nil }
        #expect(try call.result() == stream(0..<5))
    }

    @Test("a lower one is left for a preferred one that came back, without a lost byte")
    func failBack() throws {
        let (preferred, lower) = (try server(), try server())
        let source = EGDSource(
            settings([preferred.endpoint, lower.endpoint]) { $0.failBackDelays = hardlyAny }
        )
        preferred.change {
            $0.supply = 0
            $0.closesWhenEmpty = true
        }
        #expect(try source.samples(upTo: 10) == stream(0..<10))
        #expect(source.upstream?.endpoint == lower.endpoint)
        preferred.change { $0.supply = nil }
        // Something owed keeps it where it is.
        lower.change { $0.supply = 4 }
        let first = try source.samples(upTo: 10)
        if source.upstream?.endpoint == lower.endpoint {
            #expect(first == stream(10..<14))
            lower.change { $0.supply = nil }
            #expect(try source.allSamples(6) == stream(14..<20))
            #expect(try source.samples(upTo: 10) == stream(0..<10))
        }
        #expect(source.upstream?.endpoint == preferred.endpoint)
        #expect(lower.record.given == 10 || lower.record.given == 20)
    }

    @Test("without upstreams it cannot be opened, and its claim is the operator's")
    func facts() throws {
        let none = EGDSource(NoiseSourceSettings())
        let error = #expect(throws: NoiseSourceError.self) { try none.open() }
        #expect(error?.code == .invalidSetting)
        #expect(
            EGDSource.availability(settings([.tcp(host: "a", port: 1), .unix(path: "/b")]))
                == .available(note: "tcp://a:1, unix:/b")
        )
        #expect(
            EGDSource.standard.claim
                == EntropyClaim(minEntropy: BitsPerSample(8)!, origin: .operatorStated)
        )
    }
}
