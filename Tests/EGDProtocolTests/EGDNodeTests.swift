// Nodes and paths as bytes: what goes out comes back, what is malformed is refused.
// SPDX-License-Identifier: Apache-2.0

import EGDProtocol
import Testing

@Suite("EGDNode and EGDPath")
struct EGDNodeTests {
    @Test(
        "an announcement has 32 bytes and comes back as it was",
        arguments: ["a", "rack1.example", "sixteen-letters."]
    )
    func announcement(_ name: String) {
        let node = EGDNode(identifier: 0x0bad_cafe, name: name)
        #expect(node.announcement.count == EGDNode.announcementByteCount)
        #expect(EGDNode(announcement: node.announcement) == node)
        #expect(EGDNode(text: node.text) == node)
    }

    @Test("a name keeps what it may hold and no more than that")
    func name() {
        #expect(EGDNode(identifier: 1, name: "höst name").name == "h--st-name")
        #expect(EGDNode(identifier: 1, name: "").name == "-")
        #expect(EGDNode(identifier: 1, name: "0123456789abcdefXYZ").name == "0123456789abcdef")
    }

    @Test("anything else is no announcement")
    func notAnnouncements() {
        let good = EGDNode(identifier: 7, name: "rack1").announcement
        for index in 0..<16 {
            var bytes = good
            bytes[index] = UInt8(ascii: "*")
            #expect(EGDNode(announcement: bytes) == nil)
        }
        #expect(EGDNode(announcement: good.dropLast()) == nil)
        #expect(EGDNode(announcement: good + [0]) == nil)
        #expect(EGDNode(text: "0000000A:x") == nil)
        #expect(EGDNode(announcement: good[..<8] + Array("0000000A".utf8) + good[16...]) == nil)
        var hidden = good
        hidden[31] = UInt8(ascii: "x")
        #expect(EGDNode(announcement: hidden) == nil)
        #expect(EGDNode(announcement: [UInt8](repeating: 0, count: 32)) == nil)
    }

    @Test("a path is told behind the process id and read back")
    func path() {
        let nodes = (1...3).map { EGDNode(identifier: $0, name: "node\($0)") }
        let path = EGDPath(nodes: nodes)
        let reply = path.reply(processID: 4711)
        #expect(
            String(decoding: reply, as: UTF8.self)
                == "4711 wellspring 00000001:node1 00000002:node2 00000003:node3"
        )
        #expect(EGDPath(reply: reply) == path)
    }

    @Test("a generator's path says what it is")
    func generated() {
        let path = EGDPath(nodes: [EGDNode(identifier: 1, name: "a")], isGenerated: true)
        let reply = path.reply(processID: 7)
        #expect(String(decoding: reply, as: UTF8.self) == "7 wellspring-drbg 00000001:a")
        #expect(EGDPath(reply: reply) == path)
    }

    @Test("a path that has no room says so")
    func longPath() throws {
        let nodes = (1...40).map { EGDNode(identifier: $0, name: "a-rather-long-one") }
        let reply = EGDPath(nodes: nodes).reply(processID: .max)
        #expect(reply.count <= EGDWire.maximumByteCount)
        let read = try #require(EGDPath(reply: reply))
        #expect(!read.isComplete)
        #expect(read.nodes == Array(nodes.prefix(read.nodes.count)))
        #expect(EGDPath(reply: read.reply(processID: 1))?.isComplete == false)
    }

    @Test(
        "the process id of another server is no path, nor is half of one",
        arguments: [
            "4711", "-1", "", "4711 wellspring", "4711 wellspring x", "1 wellspring +",
            "1 egd 00000001:a",
        ]
    )
    func otherServers(_ reply: String) {
        #expect(EGDPath(reply: Array(reply.utf8)) == nil)
    }
}

@Suite("EGDChain")
struct EGDChainTests {
    private let a = EGDNode(identifier: 1, name: "a")
    private let b = EGDNode(identifier: 2, name: "b")
    private let c = EGDNode(identifier: 3, name: "c")

    @Test("a chain of three is fine, and its path is told nearest first")
    func three() {
        var chain = EGDChain(own: c)
        let upstream = EGDPath(nodes: [b, a])
        #expect(chain.verdict(on: upstream) == .fine)
        chain.setUpstream(upstream, of: "hub")
        #expect(chain.path == EGDPath(nodes: [c, b, a]))
        chain.setUpstream(nil, of: "hub")
        #expect(chain.path == EGDPath(nodes: [c]))
    }

    @Test("a node finds itself among an upstream's ancestors")
    func itself() {
        let chain = EGDChain(own: a)
        #expect(chain.verdict(on: EGDPath(nodes: [a])) == .circle(a))
        #expect(chain.verdict(on: EGDPath(nodes: [b, c, a])) == .circle(a))
    }

    @Test("a reader is no upstream, and an ancestor is no reader")
    func bothSides() {
        var chain = EGDChain(own: a)
        let admitted = [chain.admit(reader: b), chain.admit(reader: b)]
        #expect(admitted == [true, true])
        #expect(chain.verdict(on: EGDPath(nodes: [c, b])) == .circle(b))
        chain.dismiss(reader: b)
        #expect(chain.verdict(on: EGDPath(nodes: [c, b])) == .circle(b))
        chain.dismiss(reader: b)
        #expect(chain.verdict(on: EGDPath(nodes: [c, b])) == .fine)
        chain.setUpstream(EGDPath(nodes: [c, b]), of: "hub")
        let refused = [chain.admit(reader: b), chain.admit(reader: a)]
        #expect(refused == [false, false])
    }

    @Test("a path with gaps proves nothing, and makes the own path one with gaps")
    func gaps() {
        var chain = EGDChain(own: a)
        let path = EGDPath(nodes: [b], isComplete: false)
        #expect(chain.verdict(on: path) == .unknown)
        chain.setUpstream(path, of: "hub")
        #expect(!chain.path.isComplete)
    }
}
