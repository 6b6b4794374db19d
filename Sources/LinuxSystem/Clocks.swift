// Clocks as durations since an arbitrary start.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

package enum SystemClock {
    /// Time since boot, time asleep included (CLOCK_BOOTTIME): back-offs and intervals.
    package static var now: Duration { duration(CLOCK_BOOTTIME) }

    /// Time since boot without time asleep (CLOCK_MONOTONIC), as poll(2) counts its time-outs:
    /// deadlines of waits, and measurements.
    package static var awake: Duration { duration(CLOCK_MONOTONIC) }

    /// The same as of the last tick of the kernel's clock, 1 to 10 ms ago (CLOCK_MONOTONIC_COARSE): a
    /// fifth of the cost, for what happens with every request.
    package static var awakeCoarse: Duration { duration(CLOCK_MONOTONIC_COARSE) }

    /// The same as whole nanoseconds, for loops that keep a time for each of many clients.
    package static var awakeNanoseconds: Int {
        let time = read(CLOCK_MONOTONIC)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    /// CPU time of the calling thread.
    package static var threadCPUTime: Duration { duration(CLOCK_THREAD_CPUTIME_ID) }

    /// CPU time of this process.
    package static var processCPUTime: Duration { duration(CLOCK_PROCESS_CPUTIME_ID) }

    /// Seconds since 1970-01-01T00:00:00Z.
    package static var secondsSinceEpoch: Int { time(nil) }

    private static func duration(_ clock: clockid_t) -> Duration {
        let time = read(clock)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    private static func read(_ clock: clockid_t) -> timespec {
        var time = timespec()
        clock_gettime(clock, &time)
        return time
    }
}

extension Duration {
    package var seconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }

    /// For poll(2): rounded up, so that a wait never ends early; 0 for the past, and at most what
    /// poll takes, which is 24 days. -1 for nil is the caller's.
    package var pollMilliseconds: Int32 {
        guard self > .zero else { return 0 }
        let (seconds, attoseconds) = components
        guard seconds < Int64(Int32.max) / 1000 else { return .max }
        let attosecondsPerMillisecond: Int64 = 1_000_000_000_000_000
        let fraction = (attoseconds + attosecondsPerMillisecond - 1) / attosecondsPerMillisecond
        return Int32(seconds * 1000 + fraction)
    }
}
