// The resolution of the cycle counter, and the refusal of counters that are too poor for timing noise.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import Glibc

/// What a counter's readings show about it.
package struct TimerGranularity: Sendable, Equatable {
    /// What most groups of differences have as their greatest common divisor, in ticks: divide deltas by
    /// it, or their low bits are constant. (Counters that hypervisors or firmware scale move in steps of
    /// more than one; a processor that was taken away in between breaks the rhythm of a few.)
    package let step: UInt64
    /// Smallest difference seen, in ticks.
    package let smallestDelta: UInt64
    package let ticksPerSecond: Double

    /// Judges `readings`, taken in this order within `elapsed`.
    /// - Throws: code `unusableTimer` when the counter is constant, goes backwards, or moves in steps
    ///   above 1 us.
    package init(
        readings: [UInt64], elapsed: Duration, source: String
    ) throws(NoiseSourceError) {
        var divisors: [UInt64: Int] = [:]
        var divisor: UInt64 = 0
        var groupSize = 0
        var smallest = UInt64.max
        for (earlier, later) in zip(readings, readings.dropFirst()) where earlier != later {
            guard later > earlier else {
                throw NoiseSourceError(
                    .unusableTimer, source: source, "the cycle counter runs backwards",
                    hint: "The processors' counters are not in step; use another source.")
            }
            smallest = min(smallest, later - earlier)
            divisor = greatestCommonDivisor(divisor, later - earlier)
            groupSize += 1
            if groupSize == neededChanges {
                divisors[divisor, default: 0] += 1
                (divisor, groupSize) = (0, 0)
            }
        }
        if divisors.isEmpty, divisor > 0 { divisors[divisor] = 1 }
        let step = divisors.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? 0
        guard let first = readings.first, let last = readings.last, step > 0 else {
            throw NoiseSourceError(
                .unusableTimer, source: source, "the cycle counter stands still",
                hint: "An emulator may not offer one; use another source.")
        }
        self.step = step
        smallestDelta = smallest
        ticksPerSecond = Double(last - first) / max(elapsed.inSeconds, 1e-9)
        let stepSeconds = Double(smallest) / ticksPerSecond
        guard stepSeconds <= coarsestStep else {
            throw NoiseSourceError(
                .unusableTimer, source: source,
                "the cycle counter moves in steps of \(Int(stepSeconds * 1e9)) ns",
                hint: "Timing noise needs steps of at most 1,000 ns; use another source.")
        }
    }

    /// Reads the cycle counter for at most 2 ms (usually below 0.1 ms).
    package static func measure(source: String) throws(NoiseSourceError) -> TimerGranularity {
        var readings: [UInt64] = []
        readings.reserveCapacity(readingCount)
        let start = monotonicTime()
        var changes = 0
        while readings.count < readingCount || changes < neededChanges {
            let reading = ws_cycles()
            if let previous = readings.last {
                if previous != reading {
                    changes += 1
                } else if readings.count >= readingCount {
                    // A coarse counter: keep only its changes from here on.
                    if monotonicTime() - start > longestMeasurement { break }
                    continue
                }
            }
            readings.append(reading)
            // A varying distance, so that the readings do not hit every second step only.
            for _ in 0..<(readings.count & 7) { ws_keep() }
        }
        return try TimerGranularity(
            readings: readings, elapsed: monotonicTime() - start, source: source)
    }
}

/// Time since an arbitrary start that does not jump.
func monotonicTime() -> Duration {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return .seconds(now.tv_sec) + .nanoseconds(now.tv_nsec)
}

private func greatestCommonDivisor(_ a: UInt64, _ b: UInt64) -> UInt64 {
    var (a, b) = (a, b)
    while b != 0 { (a, b) = (b, a % b) }
    return a
}

/// Seconds. Ten times finer than the 10 us that timing noise varies by on a quiet machine.
private let coarsestStep = 1e-6
/// Enough that an even distance throughout has no chance; costs about 30 us.
private let readingCount = 1024
/// With 16 differences the chance that all share a wrong factor of two is 2^-16.
private let neededChanges = 16
/// 16 changes of a counter that just passes take 16 us; 2 ms show also the step of a coarse one.
private let longestMeasurement: Duration = .milliseconds(2)
