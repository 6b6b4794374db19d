// The order of recovery steps, its end and its pauses.
// SPDX-License-Identifier: Apache-2.0

import EntropyKeyDevice
import EntropyKeyProtocol
import Testing

@Suite("RecoveryLadder")
struct RecoveryLadderTests {
    private func steps(_ ladder: inout RecoveryLadder, at now: Duration) -> [RecoveryStep] {
        var steps: [RecoveryStep] = []
        while let step = ladder.next(at: now), steps.count < 100 { steps.append(step) }
        return steps
    }

    @Test("every step comes once, the mildest first")
    func order() {
        var ladder = RecoveryLadder(limit: .powerCycle)
        #expect(
            steps(&ladder, at: .zero)
                == [.reopen, .clearHalt, .rebind, .portReset, .authorize, .powerCycle]
        )
    }

    @Test("the limit is the last step", arguments: RecoveryStep.allCases)
    func limit(step: RecoveryStep) {
        var ladder = RecoveryLadder(limit: step)
        let steps = steps(&ladder, at: .zero)
        #expect(steps.last == step && steps.allSatisfy { $0 <= step })
        #expect(steps.count == (RecoveryStep.allCases.firstIndex(of: step) ?? 0) + 1)
    }

    @Test("without a limit's step there is none, and it is said when to ask again")
    func none() {
        var ladder = RecoveryLadder(limit: nil)
        #expect(ladder.next(at: .seconds(7)) == nil)
        #expect(ladder.next(at: .seconds(7000)) == nil)
    }

    @Test("an exhausted ladder begins anew after the pause and not before")
    func pause() {
        var ladder = RecoveryLadder(limit: .clearHalt)
        #expect(steps(&ladder, at: .seconds(10)).count == 2)
        let restart = Duration.seconds(10) + RecoveryLadder.pause
        #expect(ladder.next(at: restart - .nanoseconds(1)) == nil)
        #expect(ladder.next(at: restart) == .reopen)
    }

    @Test("a re-plug begins anew at once")
    func replugged() {
        var ladder = RecoveryLadder(limit: .reopen)
        #expect(steps(&ladder, at: .zero) == [.reopen])
        ladder.replugged()
        #expect(ladder.next(at: .zero) == .reopen)
    }

    @Test("success that lasts begins anew; success that does not goes on")
    func success() {
        var ladder = RecoveryLadder(limit: .rebind)
        #expect(ladder.next(at: .zero) == .reopen)
        ladder.succeeded(at: .seconds(1))
        #expect(ladder.next(at: .seconds(2)) == .clearHalt)
        ladder.succeeded(at: .seconds(3))
        #expect(ladder.next(at: .seconds(3) + RecoveryLadder.proof) == .reopen)
    }

    @Test("a key that seems to come back each time is left alone after the last step")
    func flapping() {
        var ladder = RecoveryLadder(limit: .powerCycle)
        var count = 0
        // Fifty minutes of a key that answers a second after each step and falls silent the second after.
        for second in stride(from: 0, to: 3000, by: 2) {
            if ladder.next(at: .seconds(second)) != nil { count += 1 }
            ladder.succeeded(at: .seconds(second + 1))
        }
        #expect(count == 10 * RecoveryStep.allCases.count)
    }

    @Test("steps have the names that people configure")
    func names() {
        #expect(
            RecoveryStep.allCases.map(\.rawValue)
                == ["reopen", "clear-halt", "rebind", "port-reset", "authorize", "power-cycle"]
        )
    }
}
