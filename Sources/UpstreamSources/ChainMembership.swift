// One connection's place in the chain of nodes: what it reads from, and the refusal of circles.
// SPDX-License-Identifier: Apache-2.0

internal import EGDProtocol
internal import LinuxSystem

/// The entry of one connection in the chain.
final class ChainMembership {
    let own: EGDNode
    private let chain: SharedChain
    private let name: String
    private var entry: EGDPath?

    /// `name` is unique among all connections of this process.
    init(_ chain: SharedChain, name: String) {
        self.chain = chain
        self.name = name
        own = chain.withLock { $0.own }
    }

    /// Enters the path of an upstream. Nil, or why this node must not read from it: then there is no
    /// entry.
    func join(_ path: EGDPath, of endpoint: StreamEndpoint) -> String? {
        let verdict = chain.withLock { chain in
            let verdict = chain.verdict(on: path)
            if verdict == .fine, path != entry { chain.setUpstream(path, of: name) }
            return verdict
        }
        if verdict == .fine { entry = path }
        return verdict.complaint(about: endpoint, path, own)
    }

    func leave() {
        guard entry != nil else { return }
        entry = nil
        chain.withLock { $0.setUpstream(nil, of: name) }
    }
}

extension EGDChain.Verdict {
    /// Why `own` must not read from `endpoint`, whose path was judged so; a clause without a full
    /// stop, or nil.
    func complaint(about endpoint: StreamEndpoint, _ path: EGDPath, _ own: EGDNode) -> String? {
        switch self {
        case .fine: return nil
        case .unknown:
            return
                "\(endpoint) has more nodes above it than it can name, so that a circle cannot be "
                + "excluded: shorten the chain"
        case .circle(let node):
            let isOwn = node.identifier == own.identifier
            let between = path.nodes.prefix { $0.identifier != node.identifier }
            let way = between.map(\.text).joined(separator: ", ")
            let relation: String
            if isOwn, between.isEmpty {
                relation = "is this daemon itself"
            } else if isOwn {
                relation = "reads from this daemon (through \(way))"
            } else if between.isEmpty {
                relation = "is \(node.text), which reads from this daemon"
            } else {
                relation = "reads from \(node.text), which reads from this daemon (through \(way))"
            }
            return "\(endpoint) \(relation): the same bits would go in circles; remove one of the "
                + "two upstreams"
        }
    }
}
