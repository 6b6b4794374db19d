// The repetition count test at its limits.
// SPDX-License-Identifier: Apache-2.0

import HealthTests
import Testing

@Suite struct RepetitionCountTestTests {
    @Test(
        "a run passes below its limits and fails at them",
        arguments: [0.1, 0.5, 1, 2, 8],
        [UInt8(0), 255]
    )
    func limits(claim: Double, value: UInt8) {
        var test = RepetitionCountTest(minEntropy: h(claim))
        let intermittent = 1 + Int((30 / claim).rounded(.up))
        let permanent = 1 + Int((60 / claim).rounded(.up))
        for length in 1...permanent {
            let outcome = test.feed(value)
            let expected: HealthOutcome =
                length < intermittent ? .pass : length < permanent ? .intermittent : .permanent
            #expect(outcome == expected, "run of \(length)")
        }
        #expect(test.feed(value ^ 1) == .pass)
        #expect(test.run == 1)
    }
}
