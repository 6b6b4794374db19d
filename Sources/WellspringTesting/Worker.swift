// A thread in a test.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A thread that a test waits for, once.
package final class Worker {
    private var thread = pthread_t()

    package init(_ body: @escaping @Sendable () -> Void) {
        final class Box: Sendable {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        let box = Unmanaged.passRetained(Box(body))
        pthread_create(
            &thread,
            nil,
            { argument in
                if let argument { Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body() }
                return nil
            },
            box.toOpaque()
        )
    }

    package func join() { pthread_join(thread, nil) }
}
