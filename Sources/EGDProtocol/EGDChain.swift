// Where a node stands among others: what it reads from, who reads from it, and whether that is a circle.
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// The facts of one node. A circle is found by whichever of its nodes first sees both sides of it:
/// a reader among its own ancestors, or itself or a reader of its own among an upstream's.
package struct EGDChain: Sendable {
    package let own: EGDNode
    /// What each upstream in use said, by the name of the source that reads it.
    private var upstreams: [String: EGDPath] = [:]
    /// Announced connections per node.
    private var readers: [EGDNode: Int] = [:]

    package init(own: EGDNode) { self.own = own }

    package enum Verdict: Equatable, Sendable {
        case fine
        /// That node is on both sides.
        case circle(EGDNode)
        /// The upstream knows of more nodes than it could name, so that a circle cannot be excluded.
        case unknown
    }

    /// Whether this node may read from an upstream with that path (the upstream itself first).
    package func verdict(on path: EGDPath) -> Verdict {
        let closing = path.nodes.first { node in
            node.identifier == own.identifier
                || readers.keys.contains { $0.identifier == node.identifier }
        }
        if let closing { return .circle(closing) }
        return path.isComplete ? .fine : .unknown
    }

    /// Notes what the source's upstream said last; nil when it is read no more.
    package mutating func setUpstream(_ path: EGDPath?, of source: String) {
        upstreams[source] = path
    }

    /// Takes a reader in, unless this node's own entropy comes from it. True: taken.
    package mutating func admit(reader: EGDNode) -> Bool {
        guard !path.nodes.contains(where: { $0.identifier == reader.identifier }) else {
            return false
        }
        readers[reader, default: 0] += 1
        return true
    }

    /// An admitted reader's connection ended.
    package mutating func dismiss(reader: EGDNode) {
        guard let count = readers[reader] else { return }
        readers[reader] = count > 1 ? count - 1 : nil
    }

    /// This node and all above it, each once.
    package var path: EGDPath {
        var path = EGDPath(nodes: [own])
        for (_, upstream) in upstreams.sorted(by: { $0.key < $1.key }) {
            for node in upstream.nodes
            where !path.nodes.contains(where: { $0.identifier == node.identifier }) {
                path.nodes.append(node)
            }
            if !upstream.isComplete { path.isComplete = false }
        }
        return path
    }
}

/// The chain as the server's thread and the sources' threads share it.
package final class SharedChain: Sendable {
    private let chain: Mutex<EGDChain>

    package init(own: EGDNode) { chain = Mutex(EGDChain(own: own)) }

    package func withLock<R: Sendable>(_ body: (inout EGDChain) -> R) -> R {
        chain.withLock { body(&$0) }
    }
}
