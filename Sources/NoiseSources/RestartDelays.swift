// How long a program that ended waits before it is started again.
// SPDX-License-Identifier: Apache-2.0

/// Exponential back-off: the delay doubles with every exit up to a maximum, and falls back to the
/// first one after a run of at least `settledRun`.
package struct RestartDelays: Sendable, Equatable {
    package let first: Duration
    package let longest: Duration
    /// A run this long counts as a working program.
    package let settledRun: Duration
    private var next: Duration

    package init(first: Duration, longest: Duration, settledRun: Duration) {
        precondition(first > .zero && first <= longest)
        self.first = first
        self.longest = longest
        self.settledRun = settledRun
        next = first
    }

    /// 1 s does not burden a machine with a program that cannot start; 5 min is the longest that a
    /// repaired device should have to wait; a program that ran for 60 s did not fail at its start.
    package static let standard = RestartDelays(
        first: .seconds(1),
        longest: .seconds(300),
        settledRun: .seconds(60)
    )

    /// A repaired server is used again within minutes; one that connects and gives nothing costs a
    /// silence limit (30 s) each time, and so ever more seldom.
    package static let failBack = RestartDelays(
        first: .seconds(300),
        longest: .seconds(1_200),
        settledRun: .seconds(60)
    )

    /// The delay to keep now, after a run of the given length.
    package mutating func delay(afterRunOf run: Duration) -> Duration {
        if run >= settledRun { next = first }
        defer { next = min(next * 2, longest) }
        return next
    }
}
