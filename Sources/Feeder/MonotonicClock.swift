// The feeder's clock and its way to poll(2), without Foundation.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import Glibc

enum MonotonicClock {
    /// Time since boot, without time asleep.
    static var now: Duration {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
    }
}

extension Duration {
    /// For poll(2): rounded up, so that a wait never ends just before its time, and 0 for the past.
    var pollMilliseconds: Int32 {
        guard self > .zero else { return 0 }
        let (seconds, attoseconds) = components
        let attosecondsPerMillisecond: Int64 = 1_000_000_000_000_000
        let fraction = (attoseconds + attosecondsPerMillisecond - 1) / attosecondsPerMillisecond
        return Int32(clamping: seconds * 1000 + fraction)
    }
}

/// strerror(3) of the last failed call.
func lastErrorText() -> String {
    String(cString: strerror(errno))
}
