// What the timing sources share: scaling a time difference to the counter's step, and asking for the counter.
// SPDX-License-Identifier: Apache-2.0

internal import Entropy

/// A time difference in steps of the counter. A negative one (the counter ran backwards: its top bit
/// is set) stays as it is, for the health chain to refuse.
@inline(__always)
func steps(_ delta: UInt64, _ step: UInt64) -> RawSample {
    delta >> 63 == 1 ? delta : delta / step
}

/// Whether this machine's cycle counter serves timing noise, with its resolution.
func timerAvailability(name: String) -> Availability {
    do throws(NoiseSourceError) {
        let timer = try TimerGranularity.measure(source: name)
        let step = Double(timer.step) / timer.ticksPerSecond * 1e9
        return .available(note: "cycle counter in steps of \(Int(step.rounded())) ns")
    } catch {
        return .unavailable(reason: error.reason)
    }
}
