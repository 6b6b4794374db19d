// Independent pieces of work, handed to a caller who has threads.
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// How a computation's independent parts are done. The computation knows no thread: whoever starts it
/// decides, and sees the costs of the parts, from which progress can be shown.
package struct WorkSharing: Sendable {
    /// One part. It shares nothing with the others and may run on any thread.
    package struct Part: Sendable {
        /// Expected processor time in nanoseconds, for order and progress only.
        package let cost: Double
        package let work: @Sendable () -> Void

        package init(cost: Double, work: @escaping @Sendable () -> Void) {
            self.cost = cost
            self.work = work
        }
    }

    /// Returns when all parts are done.
    package let perform: @Sendable ([Part]) -> Void

    package init(perform: @escaping @Sendable ([Part]) -> Void) { self.perform = perform }

    /// One part after the other, on the caller's thread.
    package static let inOrder = WorkSharing { parts in
        for part in parts { part.work() }
    }
}

/// A result that a part leaves for whoever waits for all of them.
package final class Slot<Value: Sendable>: Sendable {
    private let content = Mutex<Value?>(nil)

    package init() {}

    package func fill(_ value: Value) { content.withLock { $0 = value } }

    /// The value; a broken invariant if no part left one.
    package func take() -> Value {
        guard let value = content.withLock({ $0 }) else {
            preconditionFailure("a part of the work was not done")
        }
        return value
    }
}
