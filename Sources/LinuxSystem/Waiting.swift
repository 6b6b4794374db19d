// Waiting for a descriptor, a wake-up or a deadline, whichever comes first (ppoll(2)).
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import Glibc

package enum WaitOutcome: Sendable { case ready, woken, timedOut }

/// Waits until `descriptor` (-1: none) has input, an end or an error, `wake` is readable, or
/// `deadline` has come. A wake-up comes before input.
package func waitForInput(
    _ descriptor: Int32,
    wake: Int32,
    until deadline: Duration
) -> WaitOutcome {
    waitForInput(descriptor, -1, wake: wake, until: deadline)
}

/// The same for two descriptors.
package func waitForInput(
    _ first: Int32,
    _ second: Int32,
    wake: Int32,
    until deadline: Duration
) -> WaitOutcome {
    wait((first, POLLIN), (second, POLLIN), wake: wake, until: deadline)
}

/// Waits until `descriptor` has an end, an error or one of `events` (poll(2)), `wake` is readable, or
/// `deadline` has come; -1 for no descriptor. A wake-up comes first.
package func waitForEvents(
    _ events: Int32,
    on descriptor: Int32,
    wake: Int32,
    until deadline: Duration
) -> WaitOutcome {
    wait((descriptor, events), (-1, 0), wake: wake, until: deadline)
}

private func wait(
    _ first: (descriptor: Int32, events: Int32),
    _ second: (descriptor: Int32, events: Int32),
    wake: Int32,
    until deadline: Duration
) -> WaitOutcome {
    var polled = (
        pollfd(fd: wake, events: Int16(POLLIN), revents: 0),
        pollfd(fd: first.descriptor, events: Int16(first.events), revents: 0),
        pollfd(fd: second.descriptor, events: Int16(second.events), revents: 0)
    )
    while true {
        let left = max(.zero, deadline - SystemClock.awake)
        let count = withUnsafeMutablePointer(to: &polled) {
            $0.withMemoryRebound(to: pollfd.self, capacity: 3) {
                ws_poll($0, 3, left.wholeNanoseconds)
            }
        }
        if polled.0.revents != 0 { return .woken }
        if count > 0 { return .ready }
        // Interrupted by a signal: wait for the rest.
        if count == 0 || left == .zero { return .timedOut }
    }
}

extension Duration {
    /// Whole nanoseconds, held within what a system call takes (292 years).
    package var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max : scaled &+ attoseconds / 1_000_000_000
    }
}
