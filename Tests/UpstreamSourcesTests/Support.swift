// Sources on scripted servers.
// SPDX-License-Identifier: Apache-2.0

import EGDProtocol
import Entropy
import LinuxSystem
import NoiseSources
import StreamConnections
import Synchronization
import Testing
import WellspringTesting

@testable import UpstreamSources

let ownNode = EGDNode(identifier: 0x1, name: "own")
let rack = EGDNode(identifier: 0xA, name: "rack")
let hub = EGDNode(identifier: 0xB, name: "hub")

/// Delays that no test can feel.
let hardlyAny = RestartDelays(
    first: .microseconds(1),
    longest: .microseconds(1),
    settledRun: .seconds(60)
)

func settings(
    _ upstreams: [StreamEndpoint],
    chain: SharedChain? = nil,
    _ change: (inout NoiseSourceSettings) -> Void = { _ in }
) -> NoiseSourceSettings {
    var settings = NoiseSourceSettings()
    settings.upstreams = upstreams
    settings.chain = chain
    settings.restartDelays = hardlyAny
    change(&settings)
    return settings
}

func server(
    _ change: (inout ScriptedServer.Behaviour) -> Void = { _ in }
) throws -> ScriptedServer {
    var behaviour = ScriptedServer.Behaviour()
    change(&behaviour)
    return try ScriptedServer(try #require(LoopbackListener()), behaviour)
}

/// Where nobody listens.
func nowhere() throws -> StreamEndpoint { try #require(LoopbackListener()).endpoint }

/// What a ``ScriptedServer`` gives.
func stream(_ range: Range<Int>) -> [RawSample] { range.map { RawSample($0 % 251) } }

func reply(_ nodes: EGDNode...) -> String {
    String(decoding: EGDPath(nodes: nodes).reply(processID: 7), as: UTF8.self)
}

/// What a line handler took.
final class Lines: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    var handler: LineHandler { LineHandler { [self] line in lines.withLock { $0.append(line) } } }
}

/// One call of `sample` on a thread of its own.
final class Call: @unchecked Sendable {
    // Unchecked: the thread alone uses the source until it has ended.
    private let source: EGDSource
    private let count: Int
    private let outcome = Mutex<Result<[RawSample], NoiseSourceError>?>(nil)

    init(_ source: EGDSource, count: Int) {
        self.source = source
        self.count = count
        let thread = try? NamedThread("sampling") { [self] in
            let result = Result { () throws(NoiseSourceError) in
                try self.source.samples(upTo: self.count)
            }
            outcome.withLock { $0 = result }
        }
        thread?.detach()
    }

    func result() throws -> [RawSample] {
        #expect(eventually { outcome.withLock { $0 != nil } })
        return try #require(outcome.withLock { $0 }).get()
    }
}
