// Clocks as durations since an arbitrary start.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

package enum SystemClock {
    /// Time since boot, time asleep included (CLOCK_BOOTTIME): back-offs and intervals.
    package static var now: Duration { read(CLOCK_BOOTTIME) }

    /// CPU time of the calling thread.
    package static var threadCPUTime: Duration { read(CLOCK_THREAD_CPUTIME_ID) }

    /// CPU time of this process.
    package static var processCPUTime: Duration { read(CLOCK_PROCESS_CPUTIME_ID) }

    /// Seconds since 1970-01-01T00:00:00Z.
    package static var secondsSinceEpoch: Int { time(nil) }

    private static func read(_ clock: clockid_t) -> Duration {
        var value = timespec()
        clock_gettime(clock, &value)
        return .seconds(value.tv_sec) + .nanoseconds(value.tv_nsec)
    }
}

extension Duration {
    package var seconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }

    /// For poll(2): rounded up so that a wait never ends early; -1 for nil is the caller's.
    package var pollMilliseconds: Int32 {
        let (seconds, attoseconds) = components
        guard seconds >= 0 else { return 0 }
        let milliseconds = seconds.multipliedReportingOverflow(by: 1000)
        guard !milliseconds.overflow, milliseconds.partialValue < Int64(Int32.max) - 1000 else {
            return Int32.max
        }
        let fraction = (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        return Int32(max(0, milliseconds.partialValue + fraction))
    }
}
