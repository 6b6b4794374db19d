// The adaptive proportion test: SP 800-90B section 4.4.2.
// SPDX-License-Identifier: Apache-2.0

package import Entropy

/// Fails when the first value of a window fills too much of it: a source that lost much of its
/// entropy without being stuck.
package struct AdaptiveProportionTest: Sendable {
    /// W, in samples: 1,024 for binary sources, 512 for others (section 4.4.2, step 1).
    package let windowLength: Int
    package let intermittentCutoff: Int
    /// More than the window holds where even a full window is more likely than the permanent
    /// false-alarm rate (H below 0.12): no source is retired on that.
    package let permanentCutoff: Int
    /// Samples seen of the present window; 0 when the last sample closed one.
    package private(set) var position = 0
    /// Occurrences of the window's first sample.
    package private(set) var count = 0
    private var first: UInt8 = 0

    package init(minEntropy: BitsPerSample, sampleBits: Int, policy: HealthPolicy = .standard) {
        windowLength = sampleBits == 1 ? 1_024 : 512
        intermittentCutoff = HealthCutoff.adaptiveProportion(
            minEntropy: minEntropy,
            log2Alpha: policy.intermittentLog2Alpha,
            windowLength: windowLength
        )
        permanentCutoff = HealthCutoff.uncappedAdaptiveProportion(
            minEntropy: minEntropy,
            log2Alpha: policy.permanentLog2Alpha,
            windowLength: windowLength
        )
    }

    package mutating func feed(_ symbol: UInt8) -> HealthOutcome {
        advance(symbol)
        return outcome
    }

    mutating func advance(_ symbol: UInt8) {
        if position == 0 {
            first = symbol
            count = 0
        }
        count &-= allOnes(ifZero: symbol ^ first)
        position &+= 1
        if position == windowLength { position = 0 }
    }

    /// Negative when the limit of that severity is reached.
    func room(until threshold: HealthOutcome) -> Int {
        (threshold == .permanent ? permanentCutoff : intermittentCutoff) &- 1 &- count
    }

    package var outcome: HealthOutcome {
        count < intermittentCutoff ? .pass : count < permanentCutoff ? .intermittent : .permanent
    }
}
