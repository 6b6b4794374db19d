// A clock that stands still until a test moves it.
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Time passes only in ``advance(by:)``. Sleepers are resumed in the order of their deadlines.
package final class ManualClock: Clock, Sendable {
    package struct Instant: InstantProtocol {
        /// Since the clock was made.
        package var elapsed: Duration
        package func advanced(by duration: Duration) -> Instant {
            Instant(elapsed: elapsed + duration)
        }
        package func duration(to other: Instant) -> Duration { other.elapsed - elapsed }
        package static func < (a: Instant, b: Instant) -> Bool { a.elapsed < b.elapsed }
    }

    private struct Sleeper {
        let number: Int
        let deadline: Instant
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct Watcher {
        let count: Int
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var now = Instant(elapsed: .zero)
        var sleepers: [Sleeper] = []
        var watchers: [Watcher] = []
        var cancelled: Set<Int> = []
        var nextNumber = 0
    }

    private let state = Mutex(State())

    package init() {}

    package var now: Instant { state.withLock { $0.now } }
    package var minimumResolution: Duration { .nanoseconds(1) }
    /// Number of tasks that sleep now.
    package var sleeperCount: Int { state.withLock { $0.sleepers.count } }

    /// Suspends until at least `count` tasks sleep. (Waiting for that with Task.yield can keep
    /// every thread of the pool busy for ever.)
    package func untilSleepers(count: Int) async {
        await withCheckedContinuation { continuation in
            let isReached = state.withLock { state in
                if state.sleepers.count >= count { return true }
                state.watchers.append(Watcher(count: count, continuation: continuation))
                return false
            }
            if isReached { continuation.resume() }
        }
    }

    package func advance(by duration: Duration) {
        let due = state.withLock { state in
            state.now.elapsed += duration
            let due = state.sleepers.filter { $0.deadline <= state.now }
            state.sleepers.removeAll { $0.deadline <= state.now }
            return due.sorted { $0.deadline < $1.deadline }
        }
        for sleeper in due { sleeper.continuation.resume() }
    }

    package func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let number = state.withLock { state in
            state.nextNumber += 1
            return state.nextNumber
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation {
                (continuation: CheckedContinuation<Void, any Error>) in
                let result: Result<Void, any Error>? = state.withLock { state in
                    if state.cancelled.remove(number) != nil {
                        return .failure(CancellationError())
                    }
                    if deadline <= state.now { return .success(()) }
                    state.sleepers.append(
                        Sleeper(number: number, deadline: deadline, continuation: continuation)
                    )
                    return nil
                }
                if let result { continuation.resume(with: result) }
                resumeWatchers()
            }
        } onCancel: {
            let sleeper = state.withLock { state -> Sleeper? in
                guard let index = state.sleepers.firstIndex(where: { $0.number == number }) else {
                    // Not asleep yet: it finds this mark when it tries.
                    state.cancelled.insert(number)
                    return nil
                }
                return state.sleepers.remove(at: index)
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    private func resumeWatchers() {
        let reached = state.withLock { state in
            let reached = state.watchers.filter { $0.count <= state.sleepers.count }
            state.watchers.removeAll { $0.count <= state.sleepers.count }
            return reached
        }
        for watcher in reached { watcher.continuation.resume() }
    }
}
