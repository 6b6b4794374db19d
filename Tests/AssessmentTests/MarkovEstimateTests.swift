// Tests of the Markov estimate (SP 800-90B, section 6.3.3).
// SPDX-License-Identifier: Apache-2.0

import Assessment
import Testing

@Suite("Markov estimate")
struct MarkovEstimateTests {
    @Test("counts transitions over all symbols but the last")
    func transitions() throws {
        let estimate = try #require(estimate([0, 1, 1, 0, 0, 1]).value)
        #expect(estimate.one == 0.5)
        #expect(estimate.zero == 0.5)
        #expect(abs(estimate.zeroToOne - 2.0 / 3) < 1e-15)
        #expect(abs(estimate.zeroToZero - 1.0 / 3) < 1e-15)
        #expect(estimate.oneToZero == 0.5)
        #expect(estimate.oneToOne == 0.5)
        // Likeliest of the six: (01)^64 with 1/2 (2/3)^64 (1/2)^63.
        let expected = (1 + 64 * 0.584_962_500_721_156_2 + 63) / 128
        #expect(abs(estimate.minEntropy - expected) < 1e-14)
    }

    @Test("a sequence that needs an impossible transition is no candidate")
    func impossible() throws {
        // Alternation: the likeliest sequence has the probability of its first bit.
        let estimate = try #require(estimate([0, 1, 0, 1, 0, 1, 0, 1]).value)
        #expect(estimate.zeroToZero == 0)
        #expect(estimate.oneToOne == 0)
        #expect(estimate.minEntropy == 1.0 / 128)
    }

    @Test("a symbol that only ends the sequence has no transitions")
    func onlyLast() throws {
        let estimate = try #require(estimate([0, 0, 0, 1]).value)
        #expect(estimate.oneToZero == 0)
        #expect(estimate.oneToOne == 0)
        #expect(estimate.minEntropy.isFinite)
    }

    @Test("needs two symbols and a binary sequence")
    func inapplicable() {
        #expect(estimate([1]) == .notApplicable(.tooShort(needed: 2, given: 1)))
        #expect(estimate([2, 1, 0]) == .notApplicable(.binaryOnly))
    }

    private func estimate(_ symbols: [UInt8]) -> Estimate<MarkovEstimate> {
        withSymbols(symbols) { MarkovEstimate.estimate($0) }
    }
}
