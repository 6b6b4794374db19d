// The egd source among nodes: introductions, servers that do not bear them, and circles.
// SPDX-License-Identifier: Apache-2.0

import EGDProtocol
import Entropy
import LinuxSystem
import NoiseSources
import Testing
import WellspringTesting

@testable import UpstreamSources

@Suite("EGDSource in a chain", .timeLimit(.minutes(2)))
struct EGDSourceChainTests {
    private let chain = SharedChain(own: ownNode)
    private var path: EGDPath { chain.withLock { $0.path } }

    @Test("a node is introduced, and its upstream's path becomes part of its own while it is read")
    func pathOfUpstream() throws {
        let server = try server { $0.replies = [reply(rack, hub)] }
        let source = EGDSource(settings([server.endpoint], chain: chain))
        #expect(try source.samples(upTo: 500) == stream(0..<500))
        #expect(server.record.announcements == [ownNode])
        #expect(path.nodes == [ownNode, rack, hub])
        #expect(source.upstream?.path == ["own", "rack", "hub"])
        server.change { $0.replies = [reply(rack)] }
        #expect(try source.samples(upTo: 500) == stream(500..<1_000))
        #expect(path.nodes == [ownNode, rack])
        // One question at the start, one behind each batch.
        #expect(server.record.requests.count { $0 == .processID } == 3)
        #expect(server.record.requests.last == .processID)
        source.close()
        #expect(path.nodes == [ownNode])
    }

    @Test("a woken batch of a node is completed, judged and returned once")
    func woken() throws {
        let server = try server {
            $0.replies = [reply(rack)]
            $0.supply = 30
        }
        let source = EGDSource(settings([server.endpoint], chain: chain))
        // Behind the introduction there is only one thing to wait for.
        #expect(try source.samples(upTo: 10) == stream(0..<10))
        #expect(try source.samplesWhenWoken(upTo: 100).isEmpty)
        server.change { $0.supply = nil }
        #expect(try source.samples(upTo: 60) == stream(10..<70))
        #expect(try source.samples(upTo: 60) == stream(70..<110))
        #expect(try source.samples(upTo: 60) == stream(110..<170))
        source.close()
    }

    @Test(
        "another server is read from as it is, whatever it makes of an introduction",
        arguments: [["4711"], ["-1"], [""], nil] as [[String]?],
        [false, true]
    )
    func plainServer(_ replies: [String]?, closes: Bool) throws {
        let server = try server {
            $0.replies = replies
            $0.closesOnAnnouncement = closes
        }
        let source = EGDSource(
            settings([server.endpoint], chain: chain) { $0.introductionLimit = .milliseconds(50) }
        )
        #expect(try source.allSamples(300) == stream(0..<300))
        #expect(path.nodes == [ownNode])
        #expect(source.upstream?.path == nil)
        let isChoked = replies == nil || closes
        #expect(server.record.connections == (isChoked ? 2 : 1))
        // It is spared a second introduction for a while.
        server.dropAll()
        #expect(try source.allSamples(5) == stream(300..<305))
        #expect(server.record.announcements.count == (isChoked ? 1 : 2))
        source.close()
    }

    @Test("a circle found at the start is an error that names it; another upstream is taken if any")
    func circleAtStart() throws {
        let circular = try server { $0.replies = [reply(rack, ownNode)] }
        let alone = EGDSource(settings([circular.endpoint], chain: chain))
        let error = #expect(throws: NoiseSourceError.self) { try alone.samples(upTo: 10) }
        #expect(error?.code == .circular)
        #expect(
            error?.reason.hasPrefix(
                "\(circular.endpoint) reads from this daemon (through 0000000a:rack): "
            ) == true
        )
        #expect(circular.record.given == 0)
        let good = try server { $0.replies = [reply(hub)] }
        let both = EGDSource(settings([circular.endpoint, good.endpoint], chain: chain))
        #expect(try both.samples(upTo: 10) == stream(0..<10))
        #expect(path.nodes == [ownNode, hub])
        // It stays on the screen: somebody has to mend it.
        #expect(both.upstream?.trouble?.contains("circles") == true)
        both.close()
    }

    @Test("a circle that closes in mid-stream: the batch is wiped, the next upstream is taken")
    func circleLater() throws {
        let server = try server { $0.replies = [reply(rack), reply(rack), reply(rack, ownNode)] }
        let other = try self.other()
        let source = EGDSource(settings([server.endpoint, other.endpoint], chain: chain))
        #expect(try source.samples(upTo: 100) == stream(0..<100))
        let error = #expect(throws: NoiseSourceError.self) { try source.samples(upTo: 100) }
        #expect(error?.code == .circular)
        #expect(path.nodes == [ownNode])
        source.close()
        #expect(eventually { server.record.openConnections == 0 })
        try source.open()
        #expect(try source.samples(upTo: 10) == stream(0..<10))
        #expect(path.nodes == [ownNode, hub])
        source.close()
    }

    private func other() throws -> ScriptedServer { try server { $0.replies = [reply(hub)] } }

    @Test("a reader of this node that turns up above it closes the circle, too")
    func reader() throws {
        let server = try server { $0.replies = [reply(rack, hub)] }
        let source = EGDSource(settings([server.endpoint], chain: chain))
        #expect(try source.samples(upTo: 10).count == 10)
        let early = chain.withLock { $0.admit(reader: hub) }
        #expect(!early)
        source.close()
        let late = chain.withLock { $0.admit(reader: hub) }
        #expect(late)
        let error = #expect(throws: NoiseSourceError.self) { try source.samples(upTo: 10) }
        #expect(error?.reason.contains("0000000b:hub, which reads from this daemon") == true)
    }

    @Test("a path that was cut short, or is no path, is not read from")
    func unknownPath() throws {
        let long = EGDPath(nodes: [rack], isComplete: false).reply(processID: 7)
        for text in [String(decoding: long, as: UTF8.self), "7 wellspring", "7 wellspring x:y"] {
            let server = try server { $0.replies = [text] }
            let source = EGDSource(settings([server.endpoint], chain: chain))
            #expect(throws: NoiseSourceError.self) { try source.samples(upTo: 10) }
            #expect(server.record.given == 0)
            source.close()
        }
    }

    @Test("complaints name the way")
    func complaints() {
        let endpoint = StreamEndpoint.tcp(host: "b", port: 8888)
        let end = ": the same bits would go in circles; remove one of the two upstreams"
        let words: [(EGDPath, EGDNode, String)] = [
            (EGDPath(nodes: [ownNode]), ownNode, "is this daemon itself"),
            (
                EGDPath(nodes: [rack, hub, ownNode]), ownNode,
                "reads from this daemon (through 0000000a:rack, 0000000b:hub)"
            ),
            (EGDPath(nodes: [rack]), rack, "is 0000000a:rack, which reads from this daemon"),
        ]
        for (path, node, text) in words {
            #expect(
                EGDChain.Verdict.circle(node).complaint(about: endpoint, path, ownNode)
                    == "tcp://b:8888 " + text + end
            )
        }
        #expect(EGDChain.Verdict.fine.complaint(about: endpoint, path, ownNode) == nil)
    }
}
