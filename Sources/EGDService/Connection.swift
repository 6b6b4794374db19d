// One client of the EGD server, as a row of its table.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import EGDProtocol

/// About 120 bytes, so that an idle client costs little. It owns no secret memory unless bytes wait.
struct Connection: ~Copyable {
    enum Phase: UInt8 {
        /// Everything asked for was answered and taken by the socket.
        case idle
        /// The oldest request of ``pending`` waits in its tap's queue for bytes.
        case waiting
        /// The socket takes no more: ``unsentCount`` bytes lie in the slot.
        case blocked
    }

    /// -1 in a free row.
    var descriptor: Int32
    /// Tells events of this client from those of an earlier one in the same row; never 0.
    var generation: UInt32 = 1
    var listener: Int
    /// What epoll watches now.
    var interest: UInt32 = 0
    var phase = Phase.idle
    /// The client sends nothing more, but may still read.
    var inputEnded = false
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

    /// Neighbours in the tap's queue of waiting clients, or the next free row; -1 at the ends.
    var older: Int32 = -1
    var younger: Int32 = -1
    /// Monotonic nanoseconds.
    var waitingSince = 0

    /// Process, user and group at the other end of a Unix socket; all zero when unknown.
    var peer: ws_peer

    init(descriptor: Int32, listener: Int, peer: ws_peer) {
        self.descriptor = descriptor
        self.listener = listener
        self.peer = peer
    }
}
