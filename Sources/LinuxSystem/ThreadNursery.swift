// A thread whose only work is to start others: they inherit its standing, and not that of who asks for them.
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// A thread at the idle policy cannot come back from it where RLIMIT_NICE forbids, and what it starts is
/// born there. Work that needs a better standing goes on in a thread that this one started.
package final class ThreadNursery: Sendable {
    /// Stands as high as the thread that asks for it first.
    package static let shared = ThreadNursery()

    private let call: EventDescriptor?
    private let orders = Mutex<[Order]>([])

    private struct Order {
        let name: String
        let body: @Sendable () -> Void
        let outcome: Outcome
    }

    private final class Outcome: Sendable {
        let done: EventDescriptor
        let hasStarted = Atomic<Bool>(false)

        init() throws(SystemError) { done = try EventDescriptor() }
    }

    private init() {
        call = try? EventDescriptor()
        guard let call else { return }
        let thread = try? NamedThread("nursery") {
            while call.wait(atMost: nil) {
                call.clear()
                ThreadNursery.shared.fulfil()
            }
        }
        thread?.detach()
    }

    /// Starts `body` on a thread of its own and returns when it runs, or false when the system has no
    /// thread to spare.
    package func start(_ name: String, body: @escaping @Sendable () -> Void) -> Bool {
        guard let call, let outcome = try? Outcome() else { return false }
        orders.withLock { $0.append(Order(name: name, body: body, outcome: outcome)) }
        call.signal()
        outcome.done.wait(atMost: nil)
        return outcome.hasStarted.load(ordering: .acquiring)
    }

    private func fulfil() {
        let waiting = orders.withLock { orders in
            defer { orders = [] }
            return orders
        }
        for order in waiting {
            if let thread = try? NamedThread(order.name, body: order.body) {
                thread.detach()
                order.outcome.hasStarted.store(true, ordering: .releasing)
            }
            order.outcome.done.signal()
        }
    }
}
