// One connection to the EGD server, as a row of its table.
// SPDX-License-Identifier: Apache-2.0

internal import EGDProtocol

/// About 130 bytes, so that an idle connection costs little. It owns no secret memory unless bytes wait.
struct Connection: ~Copyable {
    enum Phase: UInt8 {
        /// Everything asked for was answered and taken by the socket.
        case idle
        /// The oldest request of ``pending`` waits for bytes or for its client's turn.
        case waiting
        /// The socket takes no more: ``unsentCount`` bytes lie in the slot.
        case blocked
    }

    /// What is known of the node at the other end (``EGDNode``).
    enum Introduction: UInt8 {
        case none
        /// A write is under way that may be an announcement.
        case begun
        /// It announced itself; the loop knows as whom.
        case made
        /// It is a node that this daemon's own entropy comes from: the connection is to be closed.
        case refused
    }

    /// -1 in a free row.
    var descriptor: Int32
    /// Tells events of this client from those of an earlier one in the same row; never 0.
    var generation: UInt32 = 1
    var listener: Int32
    var client: Int32
    /// What epoll watches now.
    var interest: UInt32 = 0
    var phase = Phase.idle
    /// The client sends nothing more, but may still read.
    var inputEnded = false
    var introduction = Introduction.none
    /// Bytes of the write under way that its writer is trusted with.
    var creditableCount: UInt8 = 0
    var parser = EGDCommandParser()
    /// Requests that could not be answered at once. Empty in phase idle.
    var pending = EGDRequestQueue()

    /// Slot with ``unsentCount`` bytes of complete replies, then ``collectedCount`` bytes of the reply
    /// to the oldest pending request; -1 when there is neither.
    var slot: Int32 = -1
    var unsentCount = 0
    var collectedCount = 0
    /// How many of the slot's bytes are entropy rather than framing.
    var slotEntropyCount = 0

    /// Neighbours among its client's waiting connections, or the next free row; -1 at the ends.
    var older: Int32 = -1
    var younger: Int32 = -1
    /// Neighbours among all that wait at the tap, by age.
    var elder: Int32 = -1
    var junior: Int32 = -1
    /// Monotonic nanoseconds.
    var waitingSince = 0

    init(descriptor: Int32, listener: Int32, client: Int32) {
        self.descriptor = descriptor
        self.listener = listener
        self.client = client
    }
}
