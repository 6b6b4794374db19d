// A computation's parts on all processors, with a progress bar that ^C ends in order.
// SPDX-License-Identifier: Apache-2.0

internal import Assessment
internal import Glibc
internal import LinuxSystem
internal import Synchronization

/// Does the parts of computations on `threadCount` threads and shows how far they are.
struct ThreadedWork {
    let threadCount: Int

    /// `threads` nil: as many as there are processors.
    init(threads: Int?) {
        threadCount = threads ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    }

    /// To be handed to a computation, which shows up as `label`.
    func sharing(_ label: String) -> WorkSharing {
        WorkSharing { parts in perform(parts, label: label) }
    }

    /// Does all parts. How far they are follows from their costs, unless `done` tells it, of `total`.
    func perform(
        _ parts: [WorkSharing.Part],
        label: String,
        total: Int? = nil,
        done: (() -> Int)? = nil
    ) {
        let cost = parts.reduce(0) { $0 + $1.cost }
        guard done != nil || cost > leastSharedCost, let finished = try? EventDescriptor() else {
            for part in parts { part.work() }
            return endIfInterrupted()
        }
        let board = Board(parts: parts, finished: finished)
        for index in 0..<min(threadCount, parts.count) {
            guard let thread = try? NamedThread("assess-\(index)", body: { board.work() }) else {
                // Without threads the work is done here, without a bar.
                board.work()
                break
            }
            thread.detach()
        }
        var bar = ProgressBar(label, total: total ?? Int(cost), unit: nil)
        while !finished.wait(atMost: .milliseconds(100)) {
            if Interruption.happened { bar.finish() }
            endIfInterrupted()
            bar.update(done?() ?? Int(board.doneCost))
        }
        bar.finish()
    }

    /// The threads may be in the middle of computing, and hold nothing but memory.
    private func endIfInterrupted() {
        guard Interruption.happened else { return }
        Terminal.note("wellspring: interrupted; nothing was left behind")
        exit(Interruption.exitStatus)
    }
}

/// Nanoseconds. Below, threads cost more than they save: the memory that one gives back interrupts all
/// others.
private let leastSharedCost = 0.2e9

/// What is to be done, and who is doing it.
private final class Board: Sendable {
    private let parts: [WorkSharing.Part]
    private let finished: EventDescriptor
    private let state = Mutex(State())
    private struct State {
        var next = 0
        var done = 0
        var doneCost = 0.0
        var spent = Duration.zero
        var running: [Int: Duration] = [:]
    }

    /// The longest parts come first, so that no thread is left alone with one at the end.
    init(parts: [WorkSharing.Part], finished: EventDescriptor) {
        self.parts = parts.sorted { $0.cost > $1.cost }
        self.finished = finished
    }

    func work() {
        while let index = begin() {
            parts[index].work()
            end(index)
        }
    }

    private func begin() -> Int? {
        state.withLock { state in
            guard state.next < parts.count else { return nil }
            defer { state.next += 1 }
            state.running[state.next] = SystemClock.now
            return state.next
        }
    }

    private func end(_ index: Int) {
        let isLast = state.withLock { state in
            if let began = state.running.removeValue(forKey: index) {
                state.spent += SystemClock.now - began
            }
            state.doneCost += parts[index].cost
            state.done += 1
            return state.done == parts.count
        }
        if isLast { finished.signal() }
    }

    /// The parts that are over, and of the others what has probably been done by now.
    var doneCost: Double {
        let now = SystemClock.now
        return state.withLock { state in
            let seconds = state.spent.seconds
            let rate = seconds > 0 ? state.doneCost / seconds : 1e9
            return state.running.reduce(state.doneCost) { sum, entry in
                let expected = parts[entry.key].cost
                return sum + min(0.95 * expected, (now - entry.value).seconds * rate)
            }
        }
    }
}
