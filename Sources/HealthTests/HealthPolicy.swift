// How strictly a noise source is judged, and how long it is left alone after a failure.
// SPDX-License-Identifier: Apache-2.0

/// False-alarm rates and patience of a ``HealthMonitor``.
package struct HealthPolicy: Sendable, Equatable {
    /// -log2 of the false-alarm rate of an intermittent failure. SP 800-90B section 4.4 asks for 20 to
    /// 40: 30 is a false alarm in about three minutes of a source with 5 million samples a second, and
    /// costs it one second.
    package var intermittentLog2Alpha = 30.0
    /// -log2 of the false-alarm rate of a permanent failure: the square of the former, so that no
    /// source is retired by chance (the same source: once in 7,000 years).
    package var permanentLog2Alpha = 60.0
    /// Back-off after the first failure; it doubles with each further one.
    package var firstBackOff = Duration.seconds(1)
    /// Longest back-off: a device that is plugged in again is noticed within five minutes.
    package var longestBackOff = Duration.seconds(300)
    /// Number of failures without a healthy period in between after which a source is retired.
    ///
    /// Ten, with the back-offs in between, are eight and a half minutes of trying: enough for a machine
    /// to finish booting or a load to pass. A source as good as its claim fails ten times in a row by
    /// chance with a probability below 2^-100: each time, one of fewer than eight limits at one of
    /// about 2^17 samples, with 2^-30.
    package var failuresUntilRetirement = 10

    package static let standard = HealthPolicy()

    /// The wait after `failureCount` failures in a row, one or more.
    func backOff(failureCount: Int) -> Duration {
        // 2^20 seconds are beyond any longest back-off that makes sense; no overflow before that.
        let doublings = min(max(0, failureCount - 1), 20)
        return min(longestBackOff, firstBackOff * (1 << doublings))
    }
}
