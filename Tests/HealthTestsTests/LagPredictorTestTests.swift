// The lag predictor test at its limits, and against a plain model of its predictor.
// SPDX-License-Identifier: Apache-2.0

import HealthTests
import Testing

@Suite struct LagPredictorTestTests {
    @Test("a foretold run passes below its limits and fails at them", arguments: [0.1, 0.5, 1, 2])
    func run(claim: Double) {
        var test = LagPredictorTest(minEntropy: h(claim))
        let intermittent = HealthCutoff.lagRun(minEntropy: h(claim), log2Alpha: 30)
        let permanent = HealthCutoff.lagRun(minEntropy: h(claim), log2Alpha: 60)
        // Eight samples of history, then one wrong guess (lag 1) until lag 2 leads.
        for i in 0..<9 { #expect(test.feed(UInt8(i % 2)) == .pass) }
        for length in 1...permanent {
            let outcome = test.feed(UInt8(length % 2))
            let expected: HealthOutcome =
                length < intermittent ? .pass : length < permanent ? .intermittent : .permanent
            #expect(test.run == length)
            #expect(outcome == expected, "run of \(length)")
        }
    }

    @Test("a window of many right guesses passes below its limits and fails at them")
    func window() {
        var test = LagPredictorTest(minEntropy: h(1))
        var model = Model()
        let intermittent = HealthCutoff.lagGlobal(minEntropy: h(1), log2Alpha: 30)
        let permanent = HealthCutoff.lagGlobal(minEntropy: h(1), log2Alpha: 60)
        var seen = Set<HealthOutcome>()
        // A period of three, broken every 20 samples so that no run gets long.
        for i in 0..<LagPredictorTest.windowTrials + 8 {
            let symbol: UInt8 = i % 20 == 0 ? 200 : UInt8(i % 3)
            model.feed(symbol)
            let outcome = test.feed(symbol)
            let expected: HealthOutcome =
                model.hits < intermittent
                ? .pass : model.hits < permanent ? .intermittent : .permanent
            if outcome != expected || test.runOutcome != .pass {
                Issue.record("\(outcome) after \(model.hits) right guesses")
                return
            }
            seen.insert(outcome)
        }
        #expect(seen == [.pass, .intermittent, .permanent])
        // The next window begins anew.
        #expect(test.feed(77) == .pass)
        #expect(test.count <= 1)
    }

    @Test("the packed predictor guesses as a plain one does", arguments: 1...8)
    func model(bits: Int) {
        var generator = SplitMix64(seed: UInt64(bits))
        var test = LagPredictorTest(minEntropy: h(0.05))
        var model = Model()
        for i in 0..<50_000 {
            // Noise with stretches of changing periods.
            let period = 1 + i / 100 % 8
            let symbol =
                i / 50 % 2 == 0
                ? UInt8(generator.next() >> 32 & (1 << UInt64(bits) - 1)) : UInt8(i % period)
            model.feed(symbol)
            _ = test.feed(symbol)
            if test.count != model.hits || test.run != model.run {
                Issue.record("differs at sample \(i)")
                return
            }
        }
        #expect(model.hits > 10_000)
    }

    /// The predictor, without packing.
    struct Model {
        var history: [UInt8] = []
        var scores = [Int](repeating: 0, count: 8)
        var leader = 0
        var hits = 0
        var run = 0

        mutating func feed(_ symbol: UInt8) {
            defer { history = [symbol] + history.prefix(7) }
            guard history.count == 8 else { return }
            let isRight = history[leader] == symbol
            hits += isRight ? 1 : 0
            run = isRight ? run + 1 : 0
            for lag in 0..<8 where history[lag] == symbol { scores[lag] += 1 }
            if let better = (0..<8).first(where: { scores[$0] > scores[leader] }) {
                leader = better
            }
            if scores[leader] == 127 { scores = scores.map { $0 / 2 } }
        }
    }
}
