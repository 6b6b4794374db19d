// The stuck test at its limits.
// SPDX-License-Identifier: Apache-2.0

import HealthTests
import Testing

@Suite struct StuckTestTests {
    /// A difference of order k exists from sample k + 1 on.
    @Test(
        "a progression of each order passes below its limits and fails at them",
        arguments: 1...3,
        [0.1, 0.5, 1, 2]
    )
    func limits(order: Int, claim: Double) {
        var test = StuckTest(minEntropy: h(claim), sampleBits: 8)
        let intermittent = Int((30 / claim).rounded(.up))
        let permanent = Int((60 / claim).rounded(.up))
        for i in 0..<order + permanent {
            let symbol =
                switch order {
                case 1: 250
                case 2: i * 7
                default: i * (i + 1) / 2 * 5
                }
            let run = max(0, i + 1 - order)
            let expected: HealthOutcome =
                run < intermittent ? .pass : run < permanent ? .intermittent : .permanent
            let outcome = test.feed(UInt8(truncatingIfNeeded: symbol))
            #expect(outcome == expected, "sample \(i)")
        }
        #expect(test.feed(3) == .pass || order == 3)
    }

    @Test("a progression is one across the wrap-around of narrow samples", arguments: 1...8)
    func wrapAround(bits: Int) {
        var test = StuckTest(minEntropy: h(1), sampleBits: bits)
        let mask = UInt8(truncatingIfNeeded: 1 << bits - 1)
        var outcome = HealthOutcome.pass
        for i in 0..<62 { outcome = test.feed(UInt8(truncatingIfNeeded: i * 5) & mask) }
        #expect(outcome == .permanent)
    }

    @Test("changing between zero differences of different orders is not one run")
    func separateRuns() {
        var test = StuckTest(minEntropy: h(1), sampleBits: 8)
        // a a b b: first differences are zero every other time, never twice.
        for i in 0..<1_000 { #expect(test.feed(i / 2 % 2 == 0 ? 10 : 90) == .pass) }
        #expect(test.run <= 1)
    }
}
