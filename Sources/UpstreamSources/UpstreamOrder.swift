// Which of several upstreams is used, and when the next attempt is due.
// SPDX-License-Identifier: Apache-2.0

internal import NoiseSources

/// A list in order of preference. The next one is tried at once when one fails; after a whole list of
/// failures there is a pause, and the first one is tried again; from time to time a lower one is left
/// for those before it. Knows no clock: times are durations since any fixed moment.
struct UpstreamOrder: Sendable, Equatable {
    let count: Int
    /// The one in use, or to be tried next.
    private(set) var current = 0
    /// No attempt before that.
    private(set) var nextAttempt: Duration = .zero
    /// When those before the current one are to be tried; nil while the first is in use or none is.
    private(set) var failBackAt: Duration?

    private var failuresInARow = 0
    /// The longest run of those that failed since the last connection.
    private var lastRun: Duration = .zero
    private var pauses: RestartDelays
    private var failBacks: RestartDelays

    /// - Parameters:
    ///   - count: at least 1.
    ///   - pauses: after a list of failures. Their first delay is also the shortest run that makes
    ///     an upstream count as one that worked.
    ///   - failBacks: how long a lower one is used before those above it are tried again.
    init(count: Int, pauses: RestartDelays, failBacks: RestartDelays) {
        precondition(count > 0)
        self.count = count
        self.pauses = pauses
        self.failBacks = failBacks
    }

    /// The current one is connected.
    mutating func connected(at now: Duration) {
        failBackAt = current == 0 ? nil : now + failBacks.delay(afterRunOf: lastRun)
        lastRun = .zero
    }

    /// The current one refused, or was lost after it had given bytes for the time `run`; the next is
    /// current. True when the whole list has failed, and a pause begins.
    mutating func failed(afterRunOf run: Duration, at now: Duration) -> Bool {
        lastRun = max(lastRun, run)
        failBackAt = nil
        // The loss of one that worked is no failed attempt: a list of one is tried again at once.
        failuresInARow = run >= pauses.first ? 0 : failuresInARow + 1
        current = (current + 1) % count
        guard failuresInARow >= count else { return false }
        failuresInARow = 0
        current = 0
        nextAttempt = now + pauses.delay(afterRunOf: lastRun)
        return true
    }

    /// One before the current one is connected and takes its place.
    mutating func moved(to preferred: Int, at now: Duration) {
        current = preferred
        failuresInARow = 0
        connected(at: now)
    }

    /// Those before the current one were tried in vain.
    mutating func failBackFailed(at now: Duration) {
        failBackAt = now + failBacks.delay(afterRunOf: .zero)
    }
}
