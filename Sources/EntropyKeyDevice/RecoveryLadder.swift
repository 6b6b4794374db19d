// Which recovery step comes next, and when there is none left.
// SPDX-License-Identifier: Apache-2.0

package import EntropyKeyProtocol

/// The memory of a key's recovery. Each step is given out once, from the mildest to the limit; then there
/// is none for ``pause``. So a dead key costs at most as many steps as the ladder has in that time, however
/// often it seems to come back. Knows no clock: times are any clock's that goes on evenly.
package struct RecoveryLadder: Sendable {
    /// The harshest step allowed; nil allows none.
    package let limit: RecoveryStep?
    private var taken = 0
    private var exhaustedAt: Duration?
    private var succeededAt: Duration?

    package init(limit: RecoveryStep?) {
        self.limit = limit
    }

    /// The next step, to be taken now; nil when none is left: no answer, and a re-plug is needed.
    package mutating func next(at now: Duration) -> RecoveryStep? {
        if let succeededAt, now - succeededAt >= Self.proof { restart() }
        succeededAt = nil
        if let exhaustedAt, now - exhaustedAt >= Self.pause { restart() }
        let steps = allowed
        guard taken < steps.count else {
            if exhaustedAt == nil { exhaustedAt = now }
            return nil
        }
        taken += 1
        return steps[taken - 1]
    }

    /// The key answers again. It counts when that lasts: who needs the ladder again within ``proof`` goes
    /// on where it stopped.
    package mutating func succeeded(at now: Duration) {
        succeededAt = now
    }

    /// The key was pulled out and plugged in again: everything may be tried anew.
    package mutating func replugged() { restart() }

    private var allowed: [RecoveryStep] {
        limit.map { limit in RecoveryStep.allCases.filter { $0 <= limit } } ?? []
    }

    private mutating func restart() {
        taken = 0
        exhaustedAt = nil
        succeededAt = nil
    }

    /// A machine without an attendant shall get its key back some time: a server that reboots, a hub that
    /// is switched on again. All steps with their waits take about one minute, so five leave the bus
    /// alone for most of the time, and a dead key writes no more than 80 log lines an hour.
    package static let pause = Duration.seconds(300)
    /// Two session keys' time (32.6 s each on a real key): a key that works that long was revived.
    package static let proof = Duration.seconds(65)
}
