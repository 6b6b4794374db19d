// What a listener did so far, readable from any thread while it works.
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// A snapshot. Its figures are each right, but not all of one instant.
package struct EGDListenerStatistics: Sendable, Equatable {
    package var name: String
    package var connections: Int
    package var acceptedConnections: Int
    /// Closed at once because ``EGDListenerConfiguration/maximumConnections`` were there.
    package var refusedConnections: Int
    /// Times that accepting paused because the system had no descriptor or memory for a connection.
    package var acceptFailures: Int
    /// Commands of all kinds that came, answered or not.
    package var requests: Int
    /// Entropy bytes given to the sockets.
    package var deliveredByteCount: Int
    /// Entropy bytes taken from the tap for clients that went before they could have them; wiped.
    package var lostByteCount: Int
    /// Clients waiting for bytes now.
    package var waitingClients: Int
    /// How long the oldest waiting request at this listener's tap has been waiting.
    package var oldestWait: Duration
    /// Connections closed because of an unknown command.
    package var protocolErrors: Int
}

/// The counters behind it. Only the server's thread writes, so that an addition needs no locked
/// instruction.
final class ListenerCounters: Sendable {
    let connections = Atomic<Int>(0)
    let accepted = Atomic<Int>(0)
    let refused = Atomic<Int>(0)
    let acceptFailures = Atomic<Int>(0)
    let requests = Atomic<Int>(0)
    let delivered = Atomic<Int>(0)
    let lost = Atomic<Int>(0)
    let waiting = Atomic<Int>(0)
    let protocolErrors = Atomic<Int>(0)
    /// Monotonic nanoseconds; 0 when nobody waits.
    let oldestWaitingSince = Atomic<Int>(0)

    func snapshot(name: String, now: Int) -> EGDListenerStatistics {
        let since = oldestWaitingSince.value
        return EGDListenerStatistics(
            name: name,
            connections: connections.value,
            acceptedConnections: accepted.value,
            refusedConnections: refused.value,
            acceptFailures: acceptFailures.value,
            requests: requests.value,
            deliveredByteCount: delivered.value,
            lostByteCount: lost.value,
            waitingClients: waiting.value,
            oldestWait: .nanoseconds(since == 0 ? 0 : max(0, now - since)),
            protocolErrors: protocolErrors.value
        )
    }
}

extension Atomic where Value == Int {
    /// A load and a store: right only while one thread writes.
    func add(_ amount: Int) {
        store(load(ordering: .relaxed) &+ amount, ordering: .relaxed)
    }

    var value: Int { load(ordering: .relaxed) }

    func set(_ value: Int) { store(value, ordering: .relaxed) }
}
