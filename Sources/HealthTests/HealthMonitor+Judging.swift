// From examination to decision: what becomes of each raw sample.
// SPDX-License-Identifier: Apache-2.0

package import Entropy

extension HealthMonitor {
    /// What the owner of the samples does with those just judged.
    package enum Decision: Sendable, Equatable {
        /// They wait with those before them, of which the oldest `creditable`, these included, may be
        /// credited now.
        case wait(creditable: Int)
        /// Neither they nor any that still wait may ever be credited.
        case worthless
    }

    /// Tests consecutive raw samples and decides about all of them, in at most a few parts in order:
    /// samples of a start-up test, of an observation or after retirement are worthless at once, so that
    /// they can never be taken for those that passed afterwards.
    ///
    /// - Returns: the gravest failure among them.
    package mutating func judge(
        _ samples: UnsafeBufferPointer<RawSample>,
        at now: Duration,
        _ decide: (UnsafeBufferPointer<RawSample>, Decision) -> Void
    ) -> HealthFailure? {
        var gravest: HealthFailure?
        var start = 0
        while start < samples.count {
            let was = state
            var part = UnsafeBufferPointer(rebasing: samples[start...])
            if case .starting(let passed) = was {
                let missing = HealthMonitor.startUpSampleCount - passed
                part = UnsafeBufferPointer(rebasing: part.prefix(missing))
            }
            let examined = examine(part, at: now)
            let isGood = was == .healthy && examined.failure == nil
            decide(part, isGood ? .wait(creditable: examined.creditableSamples) : .worthless)
            if let failure = examined.failure, gravest?.severity != .permanent { gravest = failure }
            start += part.count
        }
        return gravest
    }
}
