// What a listener and its clients did so far, readable from any thread while they work.
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// A snapshot. Its figures are each right, but not all of one instant.
package struct EGDListenerStatistics: Sendable, Equatable {
    package var name: String
    /// Where it listens: a path, or an address with the port that the system chose.
    package var address: String
    package var connections = 0
    package var acceptedConnections = 0
    /// Closed at once because as many were there as there may be, of all clients or of this one.
    package var refusedConnections = 0
    /// Closed at once because their peer may not connect here.
    package var foreignConnections = 0
    /// Times that accepting paused because the system had no descriptor or memory for a connection.
    package var acceptFailures = 0
    /// Commands of all kinds that came, answered or not.
    package var requests = 0
    /// Entropy bytes given to the sockets.
    package var deliveredByteCount = 0
    /// Entropy bytes taken from the tap for clients that went before they could have them; wiped.
    package var lostByteCount = 0
    /// Blocking reads that had to wait, as far as they were answered.
    package var waits = 0
    /// Times that a client waited because its rate or the listener's was used up.
    package var throttles = 0
    /// Connections that wait for bytes now.
    package var waitingClients = 0
    /// How long the oldest waiting request at this listener's tap has been waiting.
    package var oldestWait = Duration.zero
    /// The longest wait of a read that was answered.
    package var longestWait = Duration.zero
    /// Connections closed because of an unknown command.
    package var protocolErrors = 0
    /// Connections closed because they did not take their replies while room for replies was short.
    package var evictedConnections = 0
    /// Nodes turned away because this daemon's own entropy comes from them.
    package var circles = 0
    /// Bytes of trusted writers that were handed on to be tested and credited.
    package var contributedByteCount = 0
    /// Those connected, and the latest of those that left.
    package var clients: [EGDClientStatistics] = []
}

/// The account of one client of a listener.
package struct EGDClientStatistics: Sendable, Equatable {
    package var identity: ClientIdentity
    /// The Wellspring node that it said it is.
    package var node: String?
    package var connections = 0
    package var refusedConnections = 0
    package var requests = 0
    package var deliveredByteCount = 0
    package var lostByteCount = 0
    package var waits = 0
    package var throttles = 0
    package var waitingConnections = 0
    package var longestWait = Duration.zero
}

/// The counters of one listener in one loop. Only the loop's thread writes, so that an addition needs
/// no locked instruction.
final class ListenerCounters: Sendable {
    let accepted = Atomic<Int>(0)
    let refused = Atomic<Int>(0)
    let foreign = Atomic<Int>(0)
    let acceptFailures = Atomic<Int>(0)
    let requests = Atomic<Int>(0)
    let delivered = Atomic<Int>(0)
    let lost = Atomic<Int>(0)
    let waits = Atomic<Int>(0)
    let throttles = Atomic<Int>(0)
    let waiting = Atomic<Int>(0)
    let longestWait = Atomic<Int>(0)
    let protocolErrors = Atomic<Int>(0)
    let evicted = Atomic<Int>(0)
    let circles = Atomic<Int>(0)
    let contributed = Atomic<Int>(0)
    /// Monotonic nanoseconds; 0 when nobody waits.
    let oldestWaitingSince = Atomic<Int>(0)

    func add(to statistics: inout EGDListenerStatistics, now: Int) {
        statistics.acceptedConnections += accepted.value
        statistics.refusedConnections += refused.value
        statistics.foreignConnections += foreign.value
        statistics.acceptFailures += acceptFailures.value
        statistics.requests += requests.value
        statistics.deliveredByteCount += delivered.value
        statistics.lostByteCount += lost.value
        statistics.waits += waits.value
        statistics.throttles += throttles.value
        statistics.waitingClients += waiting.value
        statistics.longestWait = max(statistics.longestWait, .nanoseconds(longestWait.value))
        statistics.protocolErrors += protocolErrors.value
        statistics.evictedConnections += evicted.value
        statistics.circles += circles.value
        statistics.contributedByteCount += contributed.value
        let since = oldestWaitingSince.value
        if since > 0 {
            statistics.oldestWait = max(statistics.oldestWait, .nanoseconds(max(0, now - since)))
        }
    }
}

/// The counters of one client in one loop.
final class ClientCounters: Sendable {
    let connections = Atomic<Int>(0)
    let refused = Atomic<Int>(0)
    let requests = Atomic<Int>(0)
    let delivered = Atomic<Int>(0)
    let lost = Atomic<Int>(0)
    let waits = Atomic<Int>(0)
    let throttles = Atomic<Int>(0)
    let waiting = Atomic<Int>(0)
    let longestWait = Atomic<Int>(0)

    func add(to statistics: inout EGDClientStatistics) {
        statistics.connections += connections.value
        statistics.refusedConnections += refused.value
        statistics.requests += requests.value
        statistics.deliveredByteCount += delivered.value
        statistics.lostByteCount += lost.value
        statistics.waits += waits.value
        statistics.throttles += throttles.value
        statistics.waitingConnections += waiting.value
        statistics.longestWait = max(statistics.longestWait, .nanoseconds(longestWait.value))
    }
}

/// What all loops share of one listener.
final class ListenerAccount: Sendable {
    /// Connections now, in all loops.
    let connections = Atomic<Int>(0)
    private let perLoop: [ListenerCounters]
    private let clients: Mutex<[Place: Entry]>

    private struct Place: Hashable {
        var loop: Int
        var row: Int32
    }

    private struct Entry {
        var identity: ClientIdentity
        var node: String?
        var counters: ClientCounters
    }

    init(loopCount: Int) {
        perLoop = (0..<loopCount).map { _ in ListenerCounters() }
        clients = Mutex([:])
    }

    func counters(ofLoop loop: Int) -> ListenerCounters { perLoop[loop] }

    /// A client has a row in a loop's table from now on.
    func open(_ identity: ClientIdentity, _ counters: ClientCounters, loop: Int, row: Int32) {
        clients.withLock {
            $0[Place(loop: loop, row: row)] = Entry(identity: identity, counters: counters)
        }
    }

    func name(_ node: String, loop: Int, row: Int32) {
        clients.withLock { $0[Place(loop: loop, row: row)]?.node = node }
    }

    func close(loop: Int, row: Int32) {
        clients.withLock { $0[Place(loop: loop, row: row)] = nil }
    }

    func snapshot(name: String, address: String, now: Int) -> EGDListenerStatistics {
        var statistics = EGDListenerStatistics(name: name, address: address)
        statistics.connections = connections.load(ordering: .relaxed)
        for counters in perLoop { counters.add(to: &statistics, now: now) }
        var byIdentity: [ClientIdentity: EGDClientStatistics] = [:]
        for entry in clients.withLock({ Array($0.values) }) {
            var client = byIdentity[entry.identity] ?? .init(identity: entry.identity)
            entry.counters.add(to: &client)
            client.node = client.node ?? entry.node
            byIdentity[entry.identity] = client
        }
        statistics.clients = byIdentity.values.sorted {
            ($0.deliveredByteCount, $0.requests, $0.identity.description)
                > ($1.deliveredByteCount, $1.requests, $1.identity.description)
        }
        return statistics
    }
}

extension Atomic where Value == Int {
    /// A load and a store: right only while one thread writes.
    func add(_ amount: Int) {
        store(load(ordering: .relaxed) &+ amount, ordering: .relaxed)
    }

    /// The larger of the two. Right only while one thread writes.
    func raise(to value: Int) { if value > self.value { set(value) } }

    var value: Int { load(ordering: .relaxed) }

    func set(_ value: Int) { store(value, ordering: .relaxed) }
}
