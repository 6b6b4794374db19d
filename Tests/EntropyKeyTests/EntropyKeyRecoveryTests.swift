// How the source of an Entropy Key gets a key back: steps, orders, re-plugs.
// SPDX-License-Identifier: Apache-2.0

import EntropyKeyProtocol
import NoiseSources
import Testing
import WellspringTesting

@testable import EntropyKey

@Suite("Entropy Key recovery")
struct EntropyKeyRecoveryTests {
    @Test("A dead key: each step of the ladder once, in order and logged, then a clear end")
    func ladder() throws {
        let bench = Bench(testKey(saysHello: false))
        bench.port.key.faults.isDead = true
        bench.run(for: .seconds(60))
        #expect(bench.steps == RecoveryStep.allCases)
        let error = try #require(bench.errors.first?.1)
        #expect(
            error.description
                == "entropy-key: the key gives no answer. Pull it out and plug it in again."
        )
        #expect(bench.logged.count == 6)
        #expect(bench.logged.first == "/dev/emulated: recovery step reopen done in 0.0 s")
        // Tried again after minutes only, however often the source is opened.
        bench.run(for: .seconds(200))
        #expect(bench.steps.count == 6)
        bench.run(for: .seconds(200))
        #expect(bench.steps.count == 12)
    }

    @Test(
        "The ladder goes as far as it may, and not at all where it may not",
        arguments: [RecoveryStep?.none, .reopen, .portReset]
    )
    func limit(_ limit: RecoveryStep?) {
        let bench = Bench(testKey(saysHello: false)) { $0.recoveryLimit = limit }
        bench.port.key.faults.isDead = true
        bench.run(for: .seconds(100))
        #expect(
            bench.steps == limit.map { limit in RecoveryStep.allCases.filter { $0 <= limit } } ?? []
        )
        #expect(bench.errors.isEmpty == false)
    }

    @Test("Steps that are not possible are passed over at once")
    func skipped() {
        let bench = Bench(testKey(saysHello: false))
        bench.cure = { step, _ in step == .reopen ? .zero : nil }
        bench.port.key.faults.isDead = true
        bench.run(for: .seconds(14))
        #expect(bench.steps == RecoveryStep.allCases)
        #expect(
            bench.logged.last?.contains("power-cycle skipped, since this is no USB device") == true
        )
        #expect(bench.errors.count >= 1)
    }

    @Test("A step that a wake-up cuts short is taken again as a whole, and counts once")
    func cutShort() {
        let bench = Bench(testKey(saysHello: false))
        bench.port.key.faults.isDead = true
        bench.cure = { step, port in
            if step == .reopen { bench.interruptions = 2 }
            if step == .clearHalt { port.key.powerCycle() }
            return .zero
        }
        bench.run(for: .seconds(20))
        #expect(bench.steps == [.reopen, .clearHalt])
        #expect(bench.interruptions == 0)
        #expect(bench.state == "Running OK")
        #expect(bench.count("RecoverySteps") == 2)
        #expect(bench.count("Recoveries") == 1)
        #expect(bench.errors.isEmpty)
    }

    @Test(
        "Whichever step revives the key, it runs again and the step is named",
        arguments: RecoveryStep.allCases
    )
    func cures(_ step: RecoveryStep) {
        let bench = Bench()
        bench.run(for: .seconds(20))
        bench.cure = { taken, port in
            if taken == step { port.key.powerCycle() }
            return .milliseconds(100)
        }
        bench.port.key.faults.isDead = true
        bench.run(for: .seconds(90))
        #expect(bench.state == "Running OK")
        #expect(bench.steps.last == step)
        #expect(bench.count("Recoveries") == 1)
        #expect(bench.logged.last == "the key answers again after the step \(step.rawValue)")
        #expect(bench.errors.isEmpty)
        bench.requireGenuine()
    }

    @Test("While it waits, the state is named: silence within 15 s, each ^C, each step")
    func namedWhileWaiting() {
        let bench = Bench()
        bench.run(for: .seconds(20))
        var states: [String] = []
        bench.cure = { _, _ in
            states.append(bench.state)
            return .milliseconds(100)
        }
        bench.port.key.faults.isDead = true
        for second in [5, 16, 18, 20] {
            bench.port.plan(after: .seconds(second)) { _ in states.append(bench.state) }
        }
        bench.run(for: .seconds(25))
        #expect(
            states.prefix(5) == [
                "Running OK", "waiting for its number", "waiting for its number, ^C sent 2 times",
                "waiting for its number, ^C sent 3 times", "reviving it: reopen",
            ]
        )
    }

    @Test("A key that stays silent until ^C after a reboot needs nothing else")
    func reboot() {
        var key = testKey(saysHello: false)
        key.standInCommand()
        let bench = Bench(key)
        bench.run(for: .seconds(1))
        #expect(bench.state == "Running OK")
        #expect(bench.steps.isEmpty)
    }

    @Test("Pulled out and plugged in again: named, then used again, and every byte once")
    func replug() throws {
        let bench = Bench()
        bench.run(for: .seconds(20))
        bench.port.isUnplugged = true
        bench.run(for: .seconds(10))
        #expect(bench.errors.first?.1.description.contains("was hung up") == true)
        #expect(bench.errors.last?.1.description.contains("no Entropy Key is plugged in") == true)
        #expect(bench.state == "not connected")
        bench.port.isUnplugged = false
        bench.port.key.powerCycle()
        let (count, credited) = (bench.delivered.count, bench.creditable)
        bench.run(for: .seconds(3))
        #expect(bench.delivered.count > count)
        // That it was well before it was pulled out says nothing.
        #expect(bench.creditable == credited)
        bench.run(for: .seconds(17))
        #expect(bench.creditable > credited)
        #expect(bench.state == "Running OK")
        #expect(bench.delivered.count > count + 30_000)
        bench.requireGenuine()
    }

    @Test("An operator's reset is one ^C, and an operator's step is that step")
    func orders() {
        let bench = Bench()
        bench.run(for: .seconds(20))
        bench.settings.entropyKey.orders.give(.reset)
        bench.run(for: .seconds(2))
        #expect(bench.count("ConnectionResets") == 2)
        #expect(bench.state == "Running OK")
        bench.settings.entropyKey.orders.give(.revive(.portReset))
        bench.run(for: .seconds(2))
        #expect(bench.steps == [.portReset])
        #expect(bench.state == "Running OK")
        // A step that is not possible leaves the key as it was.
        bench.cure = { _, _ in nil }
        bench.settings.entropyKey.orders.give(.revive(.authorize))
        bench.run(for: .seconds(2))
        #expect(bench.state == "Running OK")
        #expect(bench.errors.isEmpty)
        bench.requireGenuine()
    }

    @Test("An operator's step that a wake-up cuts short is taken again as a whole")
    func orderCutShort() {
        let bench = Bench()
        bench.run(for: .seconds(20))
        bench.interruptions = 1
        bench.settings.entropyKey.orders.give(.revive(.rebind))
        bench.run(for: .seconds(5))
        #expect(bench.state == "Running OK" && bench.steps == [.rebind])
        #expect(bench.interruptions == 0 && bench.errors.isEmpty)
        bench.requireGenuine()
    }
}
