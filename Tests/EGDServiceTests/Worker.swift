// A thread in a test.
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A thread that a test waits for.
final class Worker {
    private var thread = pthread_t()

    init(_ body: @escaping @Sendable () -> Void) {
        final class Box: Sendable {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        let seed = Unmanaged.passRetained(Box(body))
        pthread_create(
            &thread,
            nil,
            { argument in
                if let argument { Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body() }
                return nil
            },
            seed.toOpaque()
        )
    }

    func join() { pthread_join(thread, nil) }
}
