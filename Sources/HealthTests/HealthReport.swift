// A recording's way through the production health chain, for `wellspring replay`.
// SPDX-License-Identifier: Apache-2.0

package import Entropy

/// Feeds a recording to a ``HealthMonitor`` as a live source would be, except that back-offs take no
/// time: after a failure the next sample of the recording begins the next start-up test.
///
/// The verdict does not depend on how the recording is cut into pieces.
package struct HealthReplay: Sendable {
    private var monitor: HealthMonitor
    private var now = Duration.zero
    private var recordedSamples: UInt64 = 0

    package init(descriptor: NoiseSourceDescriptor, policy: HealthPolicy = .standard) {
        monitor = HealthMonitor(descriptor: descriptor, policy: policy)
    }

    /// The next samples of the recording.
    package mutating func feed(_ samples: UnsafeBufferPointer<RawSample>) {
        recordedSamples += UInt64(samples.count)
        var examined = 0
        while examined < samples.count {
            if !monitor.wantsSamples {
                guard let retryAt = monitor.retryAt else { return }
                now = max(now, retryAt)
                monitor.beginRetry(at: now)
            }
            examined +=
                monitor.examine(UnsafeBufferPointer(rebasing: samples[examined...]), at: now)
                .examinedSamples
        }
    }

    /// The next samples of a recording with one byte for each.
    package mutating func feed(bytes: UnsafeRawBufferPointer) {
        withUnsafeTemporaryAllocation(of: RawSample.self, capacity: pieceLength) { piece in
            var start = 0
            while start < bytes.count {
                let count = min(pieceLength, bytes.count - start)
                for i in 0..<count {
                    piece.initializeElement(at: i, to: RawSample(bytes[start + i]))
                }
                feed(UnsafeBufferPointer(rebasing: piece[..<count]))
                start += count
            }
        }
    }

    /// What came of all samples so far.
    package var report: HealthReport {
        HealthReport(
            recordedSamples: recordedSamples,
            state: monitor.state,
            counts: monitor.counts,
            firstFailure: monitor.firstFailure,
            lastFailure: monitor.lastFailure
        )
    }
}

/// The result of a replay.
package struct HealthReport: Sendable, Equatable {
    package var recordedSamples: UInt64
    /// The source's state after the last sample.
    package var state: HealthMonitor.State
    package var counts: HealthCounts
    package var firstFailure: HealthFailure?
    /// The failure that the state follows from, when it is not a good one.
    package var lastFailure: HealthFailure?

    package enum Verdict: String, Sendable {
        /// Healthy at the end, without a failure.
        case accepted
        /// Healthy at the end, after failures.
        case recovered
        /// Not healthy at the end.
        case refused
        /// Ended within the first start-up test, without a failure: nothing can be said.
        case tooShort
    }

    package var verdict: Verdict {
        switch (state, firstFailure) {
        case (.healthy, nil): .accepted
        case (.healthy, _): .recovered
        case (.starting, nil): .tooShort
        default: .refused
        }
    }

    /// The whole of a recording in memory.
    package static func replay(
        _ samples: UnsafeBufferPointer<RawSample>,
        descriptor: NoiseSourceDescriptor,
        policy: HealthPolicy = .standard
    ) -> HealthReport {
        var replay = HealthReplay(descriptor: descriptor, policy: policy)
        replay.feed(samples)
        return replay.report
    }

    /// The whole of a recording in memory, one byte for each sample.
    package static func replay(
        bytes: UnsafeRawBufferPointer,
        descriptor: NoiseSourceDescriptor,
        policy: HealthPolicy = .standard
    ) -> HealthReport {
        var replay = HealthReplay(descriptor: descriptor, policy: policy)
        replay.feed(bytes: bytes)
        return replay.report
    }
}

extension HealthReport: CustomStringConvertible {
    package var description: String {
        let sum = "\(counts.creditableSamples) of \(recordedSamples) samples may be credited"
        return switch verdict {
        case .accepted: "accepted: \(sum)"
        case .recovered:
            "recovered: \(sum); failures: \(counts.failures), the last one: \(failureText)"
        case .refused: "refused: \(failureText); \(sum)"
        case .tooShort:
            "too short: \(recordedSamples) samples, and a start-up test takes "
                + "\(HealthMonitor.startUpSampleCount)"
        }
    }

    private var failureText: String { lastFailure?.description ?? "no failure" }
}

/// Samples widened at a time: 8 KiB of stack. No bearing on the verdict.
private let pieceLength = 1_024
