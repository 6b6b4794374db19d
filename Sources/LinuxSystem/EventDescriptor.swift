// An eventfd: the way one thread wakes another that waits in poll or epoll.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import Glibc

/// Owns a non-blocking eventfd. ``signal()`` may be called from any thread and from many at once.
package final class EventDescriptor: Sendable {
    package let descriptor: Int32

    package init() throws(SystemError) {
        descriptor = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        guard descriptor >= 0 else { throw SystemError("create an eventfd") }
    }

    deinit { close(descriptor) }

    /// Makes the descriptor readable until ``clear()``.
    package func signal() {
        var one: UInt64 = 1
        // EAGAIN means that the counter is full: the descriptor is readable already.
        _ = write(descriptor, &one, 8)
    }

    package func clear() {
        var count: UInt64 = 0
        _ = read(descriptor, &count, 8)
    }

    /// Waits until signalled or until the time is over; nil waits for ever. True when signalled.
    @discardableResult
    package func wait(atMost timeout: Duration?) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let ready = poll(&entry, 1, timeout?.pollMilliseconds ?? -1)
        return ready > 0
    }
}
