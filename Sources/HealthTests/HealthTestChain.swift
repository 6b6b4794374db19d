// All health tests of one noise source, fed sample by sample in one loop.
// SPDX-License-Identifier: Apache-2.0

internal import Entropy

/// The tests between the raw samples and the accumulator. Repetition count and adaptive proportion
/// for every source; lag predictor, stuck and clock tests for timing sources as well.
struct HealthTestChain: Sendable {
    private(set) var repetition: RepetitionCountTest
    private(set) var proportion: AdaptiveProportionTest
    private(set) var lag: LagPredictorTest
    private(set) var stuck: StuckTest
    private(set) var clock: ClockTest
    private let mask: UInt8
    private let isTiming: Bool

    init(descriptor: NoiseSourceDescriptor, policy: HealthPolicy) {
        let h = descriptor.claim.minEntropy
        let bits = descriptor.sampleBits
        repetition = RepetitionCountTest(minEntropy: h, policy: policy)
        proportion = AdaptiveProportionTest(minEntropy: h, sampleBits: bits, policy: policy)
        lag = LagPredictorTest(minEntropy: h, policy: policy)
        stuck = StuckTest(minEntropy: h, sampleBits: bits, policy: policy)
        clock = ClockTest(sampleBits: bits)
        mask = UInt8(truncatingIfNeeded: descriptor.symbolMask)
        isTiming = descriptor.kind == .timing
    }

    /// Samples until the adaptive proportion test's (and the clock test's) window closes, at least 1.
    var samplesToWindowEnd: Int { proportion.windowLength - proportion.position }

    /// Whether the last sample closed a window.
    var isAtWindowEnd: Bool { proportion.position == 0 }

    /// Feeds samples of one window until one of them makes a test say `threshold` or worse, and returns how many
    /// were fed, that one included.
    mutating func feed(
        _ samples: UnsafeBufferPointer<RawSample>,
        until threshold: HealthOutcome
    ) -> (fed: Int, reached: Bool) {
        guard let base = samples.baseAddress else { return (0, false) }
        let before = self
        if feed(base, count: samples.count, until: threshold) >= 0 { return (samples.count, false) }
        // Some test reached its limit: once more from the start, to stop at that sample.
        self = before
        var fed = 1
        while feed(base + fed - 1, count: 1, until: threshold) >= 0, fed < samples.count {
            fed += 1
        }
        return (fed, true)
    }

    /// Feeds all samples; negative when a limit of that severity was reached on the way.
    ///
    /// The samples must not go beyond a window's end: within a window, counts only grow, and are
    /// looked at once; runs are looked at after each sample. The tests take turns, each in a loop of
    /// its own, so that a test's state fits in registers.
    private mutating func feed(
        _ samples: UnsafePointer<RawSample>,
        count: Int,
        until threshold: HealthOutcome
    ) -> Int {
        let mask = mask
        var room = 0
        do {
            var repetition = repetition
            var proportion = proportion
            for i in 0..<count {
                let symbol = UInt8(truncatingIfNeeded: samples[i]) & mask
                repetition.advance(symbol)
                proportion.advance(symbol)
                room |= repetition.room(until: threshold)
            }
            room |= proportion.room(until: threshold)
            self.repetition = repetition
            self.proportion = proportion
        }
        guard isTiming else { return room }
        do {
            var lag = lag
            for i in 0..<count {
                lag.advance(UInt8(truncatingIfNeeded: samples[i]) & mask)
                room |= lag.room(until: threshold)
            }
            self.lag = lag
        }
        var stuck = stuck
        var clock = clock
        for i in 0..<count {
            let symbol = UInt8(truncatingIfNeeded: samples[i]) & mask
            stuck.advance(symbol)
            clock.advance(samples[i], symbol: symbol, stuck: stuck)
            room |= stuck.room(until: threshold)
        }
        room |= clock.room(until: threshold)
        self.stuck = stuck
        self.clock = clock
        return room
    }

    /// The gravest failure after the last sample, the first in ``HealthTestKind``'s order among
    /// equals; nil when every test passes.
    func failure(sampleIndex: UInt64) -> HealthFailure? {
        var found: HealthFailure?
        func consider(
            _ finding: HealthFailure.Finding,
            _ outcome: HealthOutcome,
            _ observed: Int,
            _ intermittent: Int,
            _ permanent: Int
        ) {
            guard outcome > .pass, found == nil || outcome == .permanent else { return }
            guard found?.severity != .permanent else { return }
            let isPermanent = outcome == .permanent
            found = HealthFailure(
                finding: finding,
                severity: isPermanent ? .permanent : .intermittent,
                observed: observed,
                cutoff: isPermanent ? permanent : intermittent,
                sampleIndex: sampleIndex
            )
        }
        consider(
            .equalSamplesInARow,
            repetition.outcome,
            repetition.run,
            repetition.intermittentCutoff,
            repetition.permanentCutoff
        )
        consider(
            .equalSamplesInAWindow,
            proportion.outcome,
            proportion.count,
            proportion.intermittentCutoff,
            proportion.permanentCutoff
        )
        guard isTiming else { return found }
        consider(
            .guessedInARow,
            lag.runOutcome,
            lag.run,
            lag.intermittentRunCutoff,
            lag.permanentRunCutoff
        )
        consider(
            .guessedInAWindow,
            lag.globalOutcome,
            lag.count,
            lag.intermittentGlobalCutoff,
            lag.permanentGlobalCutoff
        )
        consider(
            .stuckInARow,
            stuck.outcome,
            stuck.run,
            stuck.intermittentCutoff,
            stuck.permanentCutoff
        )
        let isBackward = clock.backward >= clock.backwardCutoff
        consider(
            isBackward ? .backwardClock : .coarseClock,
            clock.outcome,
            isBackward ? clock.backward : clock.coarse,
            isBackward ? clock.backwardCutoff : clock.coarseCutoff,
            .max
        )
        return found
    }
}
