// The life of one noise source under its health tests (SP 800-90B sections 4.3 and 4.4).
// SPDX-License-Identifier: Apache-2.0

package import Entropy

/// Decides which raw samples of one noise source may be credited, and when it is left alone.
///
/// A pure state machine. Its owner's loop: while ``wantsSamples``, sample and ``examine(_:at:)``; else
/// wait until ``mayRetry(at:)`` and ``beginRetry(at:)``; stop when ``state`` is retired. Times are
/// durations since any fixed moment.
///
/// Samples count only once a window of the adaptive proportion test closed with every test passing.
/// After an alarm no sample counts any more, but the same tests go on for another 1,024 samples: an
/// interruption stays intermittent, while a source that stays broken reaches its permanent limit and is
/// retired, however its samples were cut into batches. A retired source stays so; an operator who
/// mended it makes a new monitor.
///
/// A deterministic sequence without short structure passes: no test of this kind can know better.
package struct HealthMonitor: Sendable {
    package enum State: Sendable, Equatable {
        /// The start-up test runs; none of its samples is ever credited.
        case starting(passedSamples: Int)
        case healthy
        /// An alarm of a healthy source; a new start-up test may begin at that time.
        case degraded(retryAt: Duration)
        /// A failed start-up test or a failed device; a new start-up test may begin at that time.
        case failed(retryAt: Duration)
        /// A permanent failure, or too many failures in a row: for good.
        case retired
    }

    /// What became of the samples handed in.
    package struct Examination: Sendable, Equatable {
        /// Samples that may be credited now; some may have been handed in earlier.
        package var creditableSamples = 0
        /// The gravest failure among these samples.
        package var failure: HealthFailure?
        /// Samples looked at: fewer than handed in once the monitor wants no more.
        package var examinedSamples = 0
    }

    package private(set) var state = State.starting(passedSamples: 0)
    package private(set) var counts = HealthCounts()
    package private(set) var firstFailure: HealthFailure?
    package private(set) var lastFailure: HealthFailure?

    private let freshTests: HealthTestChain
    private let policy: HealthPolicy
    private var tests: HealthTestChain
    /// Healthy samples since the last window that closed.
    private var pending = 0
    /// Healthy samples since the start-up test, up to a healthy period.
    private var healthyRun = 0
    /// Samples still to be watched after an alarm.
    private var observation = 0
    private var failuresInARow = 0
    private var deviceErrorsInARow = 0

    package init(descriptor: NoiseSourceDescriptor, policy: HealthPolicy = .standard) {
        self.policy = policy
        freshTests = HealthTestChain(descriptor: descriptor, policy: policy)
        tests = freshTests
        counts.startUpsBegun = 1
    }

    /// Whether samples handed in would be looked at. True also for a while after an alarm.
    package var wantsSamples: Bool {
        switch state {
        case .starting, .healthy: true
        case .degraded, .failed: observation > 0
        case .retired: false
        }
    }

    /// The time of the next start-up test, if one is waited for.
    package var retryAt: Duration? {
        switch state {
        case .degraded(let time), .failed(let time): time
        case .starting, .healthy, .retired: nil
        }
    }

    /// Tests consecutive raw samples, the continuation of those handed in before.
    package mutating func examine(
        _ samples: UnsafeBufferPointer<RawSample>,
        at now: Duration
    ) -> Examination {
        var result = Examination()
        while wantsSamples, result.examinedSamples < samples.count {
            // To the next point where something may happen without a failure: a window's end (which
            // the end of a start-up test is as well) or the end of the observation.
            var length = min(samples.count - result.examinedSamples, tests.samplesToWindowEnd)
            if observation > 0 { length = min(length, observation) }
            let start = result.examinedSamples
            let (fed, reached) = tests.feed(
                UnsafeBufferPointer(rebasing: samples[start..<start + length]),
                until: observation > 0 ? .permanent : .intermittent
            )
            result.examinedSamples += fed
            counts.samples += UInt64(fed)
            if reached, let failure = tests.failure(sampleIndex: counts.samples - 1) {
                fail(failure, at: now)
                result.failure = failure
            } else {
                result.creditableSamples += pass(fed)
            }
        }
        return result
    }

    /// The device reported an error or its end: samples not yet credited are taken back, and the
    /// source is tried again after the back-off. Never retires a source by itself.
    package mutating func sourceError(at now: Duration) {
        guard state != .retired else { return }
        counts.deviceErrors += 1
        deviceErrorsInARow += 1
        pending = 0
        observation = 0
        state = .failed(retryAt: now + backOff)
    }

    /// Samples not yet credited are not to be: their device speaks against them. Everything else goes on.
    package mutating func withhold() { pending = 0 }

    /// Begins a new start-up test at once, on an operator's demand; samples not yet credited are
    /// taken back. False when the source is retired.
    @discardableResult
    package mutating func requestStartUpTest() -> Bool {
        guard state != .retired else { return false }
        beginStartUpTest()
        return true
    }

    package func mayRetry(at now: Duration) -> Bool {
        retryAt.map { now >= $0 } ?? false
    }

    /// Begins the next start-up test, with fresh tests. False, and nothing done, when it is not time.
    @discardableResult
    package mutating func beginRetry(at now: Duration) -> Bool {
        guard mayRetry(at: now) else { return false }
        beginStartUpTest()
        return true
    }

    private mutating func beginStartUpTest() {
        tests = freshTests
        pending = 0
        healthyRun = 0
        observation = 0
        counts.startUpsBegun += 1
        state = .starting(passedSamples: 0)
    }

    /// Accounts for samples that no test failed on; returns those that may be credited now.
    private mutating func pass(_ sampleCount: Int) -> Int {
        switch state {
        case .starting(let passed):
            let total = passed + sampleCount
            if total < Self.startUpSampleCount {
                state = .starting(passedSamples: total)
            } else {
                state = .healthy
                counts.startUpsPassed += 1
            }
            return 0
        case .healthy:
            pending += sampleCount
            guard tests.isAtWindowEnd else { return 0 }
            let creditable = pending
            pending = 0
            counts.creditableSamples += UInt64(creditable)
            healthyRun = min(healthyRun + creditable, Self.healthyPeriod)
            if healthyRun == Self.healthyPeriod {
                failuresInARow = 0
                deviceErrorsInARow = 0
            }
            return creditable
        case .degraded, .failed:
            observation -= sampleCount
            return 0
        case .retired:
            return 0
        }
    }

    private mutating func fail(_ failure: HealthFailure, at now: Duration) {
        counts.add(failure)
        firstFailure = firstFailure ?? failure
        lastFailure = failure
        pending = 0
        if failure.severity == .permanent {
            state = .retired
            return
        }
        failuresInARow += 1
        if failuresInARow >= policy.failuresUntilRetirement {
            state = .retired
            return
        }
        observation = Self.observationSampleCount
        state =
            state == .healthy ? .degraded(retryAt: now + backOff) : .failed(retryAt: now + backOff)
    }

    private var backOff: Duration {
        policy.backOff(failureCount: failuresInARow + deviceErrorsInARow)
    }
}

extension HealthMonitor {
    /// Consecutive samples of a start-up test: the minimum of SP 800-90B section 4.3, item 1. A whole
    /// number of windows of either length.
    package static let startUpSampleCount = 1_024

    /// Samples watched after an alarm. Every run test gets from its intermittent to its permanent
    /// limit within 30 / H samples: 600 at the smallest H that cut-offs are computed for.
    static let observationSampleCount = 1_024

    /// Samples after which earlier failures are forgotten: the longest window of any test, the lag
    /// predictor's.
    static let healthyPeriod = 131_072
}

/// What happened to one noise source since its monitor was made, for status and metrics.
package struct HealthCounts: Sendable, Equatable {
    /// Samples examined.
    package fileprivate(set) var samples: UInt64 = 0
    package fileprivate(set) var creditableSamples: UInt64 = 0
    package fileprivate(set) var startUpsBegun: UInt64 = 0
    package fileprivate(set) var startUpsPassed: UInt64 = 0
    package fileprivate(set) var deviceErrors: UInt64 = 0
    private var intermittent = [UInt64](repeating: 0, count: HealthTestKind.allCases.count)
    private var permanent = [UInt64](repeating: 0, count: HealthTestKind.allCases.count)

    package func failures(of test: HealthTestKind, _ severity: HealthFailure.Severity) -> UInt64 {
        severity == .permanent ? permanent[test.index] : intermittent[test.index]
    }

    /// Failures of all tests and both severities.
    package var failures: UInt64 { intermittent.reduce(0, +) + permanent.reduce(0, +) }

    fileprivate mutating func add(_ failure: HealthFailure) {
        switch failure.severity {
        case .intermittent: intermittent[failure.test.index] += 1
        case .permanent: permanent[failure.test.index] += 1
        }
    }
}
