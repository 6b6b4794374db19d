// What an operator wants of a key that is at work.
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// A place for one order, from the control socket to the key's thread.
package final class EntropyKeyOrders: Sendable {
    package enum Order: Sendable, Equatable {
        /// ^C, and a new session.
        case reset
        /// That step of the recovery ladder at once, then ^C.
        case revive(RecoveryStep)
    }

    private let order = Mutex<Order?>(nil)

    package init() {}

    /// The last order counts.
    package func give(_ new: Order) { order.withLock { $0 = new } }

    package func take() -> Order? {
        order.withLock { order in
            defer { order = nil }
            return order
        }
    }
}
