// Tests of the cut-off of the restart sanity check (SP 800-90B, section 3.1.4.3).
// SPDX-License-Identifier: Apache-2.0

import Assessment
import Testing

@Suite("Restart cut-off")
struct RestartCutoffTests {
    // Computed apart from this code, with whole-number arithmetic; the reference tool's simulation gave
    // the same or one less.
    @Test(
        "is the exact quantile of the largest count",
        arguments: [
            (0.7, 683), (0.85, 624), (1, 572), (2, 316), (3.5, 135), (4, 104), (7.1, 26), (7.5, 22),
            (8, 19),
        ] as [(Double, Int)]
    )
    func exact(minEntropy: Double, cutoff: Int) {
        let value = RestartCutoff.largestCount(minEntropy: minEntropy, following: .nistTool)
        #expect(value == cutoff)
    }

    @Test("the text's binomial rejects many symbols earlier")
    func text() {
        #expect(RestartCutoff.largestCount(minEntropy: 7.1, following: .standard) == 22)
    }

    @Test("never grows with the entropy, and is all samples without any")
    func monotonic() {
        for reference in Reference.allCases {
            #expect(RestartCutoff.largestCount(minEntropy: 0, following: reference) == 1_000)
            var last = 1_000
            for minEntropy in [0.25, 0.5, 1, 1.25, 3, 6.5, 8] {
                let value = RestartCutoff.largestCount(
                    minEntropy: minEntropy,
                    following: reference
                )
                #expect(value <= last)
                last = value
            }
        }
    }
}
