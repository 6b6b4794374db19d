// What can be done about a key that does not answer, from the mildest to the harshest.
// SPDX-License-Identifier: Apache-2.0

/// A rung of the ladder. None of them is known to revive a key whose firmware has crashed, except the last
/// one where the hub really cuts the power: that is a re-plug as far as the key can tell.
package enum RecoveryStep: String, Sendable, CaseIterable, Comparable {
    /// Close the connection and open it again: the caller's part of every step, and all of this one.
    case reopen
    /// Clear the halt of both data endpoints, which also cures packets that both sides count differently.
    case clearHalt = "clear-halt"
    /// Take the kernel's driver off the key and put it on again.
    case rebind
    /// A reset signalled on the port.
    case portReset = "port-reset"
    /// Forbid the device and allow it again: it is configured anew.
    case authorize
    /// Switch the port's power off for a while.
    case powerCycle = "power-cycle"

    package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

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
