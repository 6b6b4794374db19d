// The resolution of the cycle counter, and the refusal of counters too poor for timing noise.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import Glibc
internal import LinuxSystem

/// What a counter's readings show about it.
package struct TimerGranularity: Sendable, Equatable {
    /// What (nearly) all differences are multiples of, in ticks: divide deltas by it, or their low
    /// bits are constant. (Counters that hypervisors or firmware scale move in steps of more than
    /// one.)
    package let step: UInt64
    /// Smallest difference seen, in ticks.
    package let smallestDelta: UInt64
    package let ticksPerSecond: Double

    /// Judges `readings`, taken in this order within `elapsed`.
    /// - Throws: code `unusableTimer` when the counter is constant, goes backwards, or moves in
    ///   steps above 1 us.
    package init(
        readings: [UInt64],
        elapsed: Duration,
        source: String
    ) throws(NoiseSourceError) {
        var deltas: [UInt64] = []
        for (earlier, later) in zip(readings, readings.dropFirst()) where earlier != later {
            guard later > earlier else {
                throw NoiseSourceError(
                    .unusableTimer,
                    source: source,
                    "the cycle counter runs backwards",
                    hint: "The processors' counters are not in step; use another source."
                )
            }
            deltas.append(later - earlier)
        }
        guard let first = readings.first, let last = readings.last, let smallest = deltas.min()
        else {
            throw NoiseSourceError(
                .unusableTimer,
                source: source,
                "the cycle counter stands still",
                hint: "An emulator may not offer one; use another source."
            )
        }
        step = commonStep(of: deltas)
        smallestDelta = smallest
        ticksPerSecond = Double(last - first) / max(elapsed.seconds, 1e-9)
        let stepSeconds = Double(smallest) / ticksPerSecond
        guard stepSeconds <= coarsestStep else {
            throw NoiseSourceError(
                .unusableTimer,
                source: source,
                "the cycle counter moves in steps of \(Int(stepSeconds * 1e9)) ns",
                hint: "Timing noise needs steps of at most 1,000 ns; use another source."
            )
        }
    }

    /// Reads the cycle counter for at most 2 ms (usually below 0.1 ms). A counter that seems unusable
    /// is read again, up to `attempts` times: on a busy machine the thread may lose its processor
    /// between clock and counter, which makes the counter look slow.
    package static func measure(
        source: String,
        attempts: Int = 5
    ) throws(NoiseSourceError) -> TimerGranularity {
        var readings: [UInt64] = []
        readings.reserveCapacity(readingCount)
        // The first call is slow: it maps the clock's page.
        _ = SystemClock.awake
        let start = SystemClock.awake
        var changes = 0
        while readings.count < readingCount || changes < neededChanges {
            let reading = ws_cycles()
            if let previous = readings.last {
                if previous != reading {
                    changes += 1
                } else if readings.count >= readingCount {
                    // A coarse counter: keep only its changes from here on.
                    if SystemClock.awake - start > longestMeasurement { break }
                    continue
                }
            }
            readings.append(reading)
            // A varying distance, so that the readings do not hit every second step only.
            for _ in 0..<(readings.count & 7) { ws_keep() }
        }
        let elapsed = SystemClock.awake - start
        do throws(NoiseSourceError) {
            return try TimerGranularity(readings: readings, elapsed: elapsed, source: source)
        } catch {
            guard attempts > 1 else { throw error }
            return try measure(source: source, attempts: attempts - 1)
        }
    }
}

/// The largest number that divides the differences, but for a few: when the thread moves to another
/// processor, whose counter moves in the same steps but at other points, one difference is odd.
private func commonStep(of deltas: [UInt64]) -> UInt64 {
    let blockLength = max(1, deltas.count / blockCount)
    var candidates: Set<UInt64> = [deltas.reduce(0, greatestCommonDivisor)]
    for start in stride(from: 0, to: deltas.count, by: blockLength)
    where deltas.count >= readingCount / 2 {
        let end = min(start + blockLength, deltas.count)
        candidates.insert(deltas[start..<end].reduce(0, greatestCommonDivisor))
    }
    // The first candidate divides all, so that there is always one.
    return candidates.sorted(by: >).first { candidate in
        deltas.count { !$0.isMultiple(of: candidate) } <= toleratedOutliers
    } ?? 1
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
/// Blocks whose divisors are candidates for the step: outliers spoil some, not all.
private let blockCount = 16
/// Differences of 1,023. The scheduler moves a thread at most every millisecond or so; more
/// exceptions than this are the counter's own behaviour.
private let toleratedOutliers = 3
/// With 16 differences the chance that all share a wrong factor of two is 2^-16.
private let neededChanges = 16
/// 16 changes of a counter that just passes take 16 us; 2 ms show also the step of a coarse one.
private let longestMeasurement: Duration = .milliseconds(2)
