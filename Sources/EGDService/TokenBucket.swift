// A rate kept by counting bytes: open while there is something in it.
// SPDX-License-Identifier: Apache-2.0

/// Bytes that may be taken now. A request that is begun is served whole, so that the level may fall
/// below zero by one request; the bucket then stays closed until it is made up for. Knows no clock.
package struct TokenBucket: Sendable {
    /// Bytes; infinite until the first refill makes it a full bucket of some rate.
    package private(set) var level = Double.infinity
    /// Monotonic nanoseconds of the last refill.
    private var refilledAt = 0

    /// Adds what `rate` gave since the last time. `now` is in monotonic nanoseconds.
    package mutating func refill(_ rate: EGDRate, now: Int) {
        let gained = Double(max(0, now - refilledAt)) * 1e-9 * Double(rate.bytesPerSecond)
        level = min(Double(rate.burst), level + gained)
        refilledAt = now
    }

    package mutating func take(_ byteCount: Int) { level -= Double(byteCount) }

    package init() {}

    package var isOpen: Bool { level >= 1 }

    /// Nanoseconds from the last refill until it is open; 0 when it is.
    package func nanosecondsToOpen(_ rate: EGDRate) -> Int {
        isOpen ? 0 : Int((1 - level) / Double(rate.bytesPerSecond) * 1e9) + 1
    }
}
