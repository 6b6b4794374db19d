// Keeps a sampling thread within its share of one processor.
// SPDX-License-Identifier: Apache-2.0

internal import LinuxSystem

/// A leaky bucket of processor time. The caller reports after each batch what the thread used and
/// how much time passed, and pauses for as long as it is told. Knows no clock.
package struct CPUBudget: Sendable {
    /// Share of one processor, in 0.0001...1.
    package let share: Double
    /// Time used beyond the share so far, in seconds; negative is time saved up.
    private var debt = 0.0

    /// A share outside 0.0001...1 is moved to the nearer end.
    package init(share: Double) {
        self.share = min(1, max(smallestShare, share.isNaN ? smallestShare : share))
    }

    /// How long to pause after a batch.
    /// - Parameters:
    ///   - used: processor time of the thread since the last call.
    ///   - passed: time since the last call, the pause that it asked for included.
    package mutating func pause(used: Duration, passed: Duration) -> Duration {
        debt += used.seconds - share * passed.seconds
        debt = max(debt, -share * burst)
        return debt > 0 ? .seconds(min(debt / share, longestPause)) : .zero
    }
}

/// One part in 10,000: below it a pause between batches would take minutes.
private let smallestShare = 0.0001
/// Seconds of idleness that may be saved up: enough for a first block at full speed, too little to
/// be noticed by other programs.
private let burst = 0.1
/// Seconds. What remains is paid after the next batch; keeps a suspended machine from one long
/// pause.
private let longestPause = 10.0
