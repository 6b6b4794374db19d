// The repetition count test: SP 800-90B section 4.4.1.
// SPDX-License-Identifier: Apache-2.0

package import Entropy

/// Fails when one value comes too often in a row: a source that is stuck.
package struct RepetitionCountTest: Sendable {
    package let intermittentCutoff: Int
    package let permanentCutoff: Int
    /// Length of the present run, 0 before the first sample.
    package private(set) var run = 0
    private var last: UInt8 = 0

    package init(minEntropy: BitsPerSample, policy: HealthPolicy = .standard) {
        intermittentCutoff = HealthCutoff.repetitionCount(
            minEntropy: minEntropy,
            log2Alpha: policy.intermittentLog2Alpha
        )
        permanentCutoff = HealthCutoff.repetitionCount(
            minEntropy: minEntropy,
            log2Alpha: policy.permanentLog2Alpha
        )
    }

    package mutating func feed(_ symbol: UInt8) -> HealthOutcome {
        advance(symbol)
        return outcome
    }

    mutating func advance(_ symbol: UInt8) {
        run = 1 &+ (run & allOnes(ifZero: symbol ^ last))
        last = symbol
    }

    /// Negative when the limit of that severity is reached.
    func room(until threshold: HealthOutcome) -> Int {
        (threshold == .permanent ? permanentCutoff : intermittentCutoff) &- 1 &- run
    }

    /// Before the first sample `last` is a zero that nobody sent, and the run is 0: a first sample of
    /// zero makes it 1, as any other.
    package var outcome: HealthOutcome {
        run < intermittentCutoff ? .pass : run < permanentCutoff ? .intermittent : .permanent
    }
}
