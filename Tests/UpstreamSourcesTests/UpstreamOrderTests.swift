// The order of upstreams as a pure state machine with a manual clock.
// SPDX-License-Identifier: Apache-2.0

import NoiseSources
import Testing

@testable import UpstreamSources

@Suite("UpstreamOrder")
struct UpstreamOrderTests {
    private func order(_ count: Int) -> UpstreamOrder {
        UpstreamOrder(
            count: count,
            pauses: RestartDelays(
                first: .seconds(1),
                longest: .seconds(4),
                settledRun: .seconds(60)
            ),
            failBacks: RestartDelays(
                first: .seconds(300),
                longest: .seconds(600),
                settledRun: .seconds(60)
            )
        )
    }

    @Test("after a list of failures there is a pause that doubles up to its maximum")
    func pauses() {
        var order = order(3)
        var now: Duration = .seconds(100)
        for pause in [1, 2, 4, 4] {
            for next in [1, 2] {
                let end1 = order.failed(afterRunOf: .zero, at: now)
                #expect(!end1)
                #expect(order.current == next)
                #expect(order.nextAttempt <= now)
            }
            let end2 = order.failed(afterRunOf: .zero, at: now)
            #expect(end2)
            #expect(order.current == 0)
            #expect(order.nextAttempt == now + .seconds(pause))
            now = order.nextAttempt
        }
    }

    @Test("the loss of one that worked is no failed attempt, and ends the back-off")
    func lossOfWorking() {
        var order = order(1)
        let end3 = order.failed(afterRunOf: .zero, at: .zero)
        #expect(end3)
        let end4 = order.failed(afterRunOf: .zero, at: .seconds(1))
        #expect(end4)
        #expect(order.nextAttempt == .seconds(3))
        order.connected(at: .seconds(3))
        let end5 = order.failed(afterRunOf: .seconds(100), at: .seconds(103))
        #expect(!end5)
        #expect(order.current == 0)
        let end6 = order.failed(afterRunOf: .zero, at: .seconds(103))
        #expect(end6)
        #expect(order.nextAttempt == .seconds(104))
    }

    @Test("one that is lost at once each time is paused for")
    func flapping() {
        var order = order(1)
        order.connected(at: .zero)
        let end7 = order.failed(afterRunOf: .milliseconds(999), at: .seconds(1))
        #expect(end7)
    }

    @Test("a lower one is left after the fail-back delay; the first never is")
    func failBack() {
        var order = order(3)
        order.connected(at: .zero)
        #expect(order.failBackAt == nil)
        let end8 = order.failed(afterRunOf: .seconds(90), at: .seconds(90))
        #expect(!end8)
        order.connected(at: .seconds(90))
        #expect(order.current == 1)
        #expect(order.failBackAt == .seconds(390))
        order.failBackFailed(at: .seconds(390))
        #expect(order.failBackAt == .seconds(990))
        order.moved(to: 0, at: .seconds(990))
        #expect(order.current == 0)
        #expect(order.failBackAt == nil)
    }

    @Test("a preferred one that connects and gives nothing is tried ever more seldom")
    func uselessPreferred() {
        var order = order(2)
        let end9 = order.failed(afterRunOf: .zero, at: .zero)
        #expect(!end9)
        order.connected(at: .zero)
        #expect(order.failBackAt == .seconds(300))
        order.moved(to: 0, at: .seconds(300))
        let end10 = order.failed(afterRunOf: .zero, at: .seconds(330))
        #expect(!end10)
        order.connected(at: .seconds(330))
        #expect(order.failBackAt == .seconds(930))
    }
}
