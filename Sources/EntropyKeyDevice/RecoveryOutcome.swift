// What became of a step of recovery.
// SPDX-License-Identifier: Apache-2.0

package import EntropyKeyProtocol

/// What became of a step.
package struct RecoveryOutcome: Sendable, Equatable {
    package enum Result: Sendable, Equatable {
        case done
        /// There was nothing to do it with; the reason is a clause without a full stop.
        case skipped(String)
        case failed(KeyDeviceError)
        /// The wake descriptor became readable; nothing is left half-done.
        case interrupted
    }

    package let step: RecoveryStep
    package let result: Result
    /// How long it took.
    package let duration: Duration
    /// Where the key is now; nil when it is not on USB or did not come back.
    package let location: KeyLocation?

    package init(
        step: RecoveryStep,
        result: Result,
        duration: Duration,
        location: KeyLocation?
    ) {
        self.step = step
        self.result = result
        self.duration = duration
        self.location = location
    }
}
