// The adaptive proportion test at its limits.
// SPDX-License-Identifier: Apache-2.0

import HealthTests
import Testing

@Suite struct AdaptiveProportionTestTests {
    /// Cut-offs of the tables, alpha 2^-30 and 2^-60; the binary ones from the vectors.
    @Test(
        "a window passes below its limits and fails at them",
        arguments: [(8, 1.0, 325, 355), (8, 0.5, 422, 447), (8, 8, 17, 26), (1, 1.0, 609, 653)]
    )
    func limits(bits: Int, claim: Double, intermittent: Int, permanent: Int) {
        var test = AdaptiveProportionTest(minEntropy: h(claim), sampleBits: bits)
        let window = bits == 1 ? 1_024 : 512
        #expect(test.windowLength == window)
        #expect(test.intermittentCutoff == intermittent)
        #expect(test.permanentCutoff == permanent)
        // The second window shows that nothing is left of the first.
        for _ in 1...2 {
            for _ in 0..<intermittent - 1 { #expect(test.feed(1) == .pass) }
            #expect(test.feed(0) == .pass)
            #expect(test.feed(1) == .intermittent)
            for _ in intermittent + 1..<permanent { #expect(test.feed(1) == .intermittent) }
            #expect(test.feed(0) == .intermittent)
            #expect(test.feed(1) == .permanent)
            while test.position != 0 { #expect(test.feed(0) == .permanent) }
            #expect(test.feed(0) == .pass)
            while test.position != 0 { #expect(test.feed(1) == .pass) }
        }
    }

    @Test("a full window is no proof of a permanent failure where it is likelier than 2^-60")
    func fullWindow() {
        var test = AdaptiveProportionTest(minEntropy: h(0.1), sampleBits: 8)
        var outcome = HealthOutcome.pass
        for _ in 0..<512 { outcome = test.feed(3) }
        #expect(outcome == .intermittent)
    }
}
