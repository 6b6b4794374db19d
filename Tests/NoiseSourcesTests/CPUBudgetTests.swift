// Tests of the processor budget.
// SPDX-License-Identifier: Apache-2.0

import LinuxSystem
import NoiseSources
import Testing

struct CPUBudgetTests {
    @Test(
        "over a long time the share is kept",
        arguments: [0.01, 0.1, 0.5, 1.0]
    )
    func share(share: Double) {
        var budget = CPUBudget(share: share)
        let batch: Duration = .milliseconds(3)
        var passed: Duration = .zero
        var pause: Duration = .zero
        var total: Duration = .zero
        for _ in 0..<1000 {
            passed = batch + pause
            total += passed
            pause = budget.pause(used: batch, passed: passed)
        }
        let used = batch.seconds * 1000
        #expect(abs(used / (total + pause).seconds - share) < share * 0.01)
    }

    @Test("a source below its share never pauses")
    func below() {
        var budget = CPUBudget(share: 0.1)
        for _ in 0..<100 {
            #expect(budget.pause(used: .milliseconds(1), passed: .milliseconds(11)) == .zero)
        }
    }

    @Test("idleness saves up no more than a short burst")
    func burst() {
        var budget = CPUBudget(share: 0.1)
        #expect(budget.pause(used: .zero, passed: .seconds(3600)) == .zero)
        #expect(budget.pause(used: .milliseconds(9), passed: .zero) == .zero)
        #expect(budget.pause(used: .milliseconds(9), passed: .zero) > .zero)
    }

    @Test("a pause is bounded")
    func bounded() {
        var budget = CPUBudget(share: 0.001)
        #expect(budget.pause(used: .seconds(100), passed: .seconds(100)) == .seconds(10))
    }

    @Test("an impossible share becomes a possible one", arguments: [-1.0, .nan, 7.0])
    func impossible(share: Double) {
        #expect((0.0001...1).contains(CPUBudget(share: share).share))
    }
}
