// Noise source: how late the scheduler and the timer interrupt wake a sleeping thread.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
package import Entropy
internal import Glibc
internal import LinuxSystem

/// Sleeps for a short fixed time and takes the length of each sleep by the cycle counter.
///
/// The raw sample is the whole difference in steps of the counter; its low 8 bits are assessed. The
/// requested time is the same for every sample on purpose: were it varied, the variation would look
/// like noise to every estimator although it is known. Nothing here depends on when the thread
/// wakes: a loaded machine makes the samples rarer and more varied, not invalid.
package final class SleepSource: NoiseSource {
    package static let standard = NoiseSourceDescriptor(
        name: "sleep",
        summary: "How late the scheduler and the timer interrupt wake a sleeping thread.",
        sampleBits: 8,
        kind: .timing,
        claim: ShippedClaims.sleep
    )

    /// One sample takes 180 us and, in a virtual machine, up to 30 us of processor time for the way
    /// into sleep and back: undisturbed it would use 17 %.
    package static let defaultCPUShare = 0.1

    package static func availability(_ settings: NoiseSourceSettings) -> Availability {
        timerAvailability(name: standard.name)
    }

    package let descriptor: NoiseSourceDescriptor
    private let nanoseconds: Int64
    private var step: UInt64 = 1

    package init(_ settings: NoiseSourceSettings) {
        descriptor = Self.descriptor(settings)
        let asked = settings.sleepInterval ?? standardInterval
        nanoseconds = min(max(asked, shortestInterval), longestInterval).wholeNanoseconds
    }

    /// Measures the counter and drops the first sleeps, which warm the caches.
    package func open() throws(NoiseSourceError) {
        step = try TimerGranularity.measure(source: descriptor.name).step
        for _ in 0..<warmUpCount { _ = ws_poll(nil, 0, nanoseconds) }
    }

    package func sample(
        into buffer: UnsafeMutableBufferPointer<RawSample>,
        wake: Int32
    ) throws(NoiseSourceError) -> Int {
        var descriptors = pollfd(fd: wake, events: Int16(POLLIN), revents: 0)
        var count = 0
        while count < buffer.count {
            let before = ws_cycles()
            let outcome = ws_poll(&descriptors, 1, nanoseconds)
            let after = ws_cycles()
            if outcome > 0 { break }
            // A signal cut this sleep short: its length says nothing.
            if outcome < 0 { continue }
            // Counters of two processors may differ by more than a sleep; health tests see the
            // zero.
            buffer[count] = after > before ? (after &- before) / step : 0
            count += 1
        }
        // Samples before a wake-up are kept; the next call sees the wake-up again.
        return count
    }

    package func close() {}
}

/// As long as the sleeps of timer_entropyd; the kernel adds up to 50 us of timer slack on its own.
private let standardInterval: Duration = .microseconds(100)
/// Below 10 us the kernel's path to sleep and back is most of the time: the thread would be busy.
private let shortestInterval: Duration = .microseconds(10)
/// A longer sleep gives no more noise.
private let longestInterval: Duration = .milliseconds(100)
/// Sleeps.
private let warmUpCount = 8
