// Tests of the collision estimate (SP 800-90B, section 6.3.2).
// SPDX-License-Identifier: Apache-2.0

import Assessment
import Testing

@Suite("Collision estimate")
struct CollisionEstimateTests {
    @Test("counts distances of two and of three")
    func distances() throws {
        // 11 | 010 | 00 | 101 | 0: the last bit has no partner.
        let estimate = try #require(estimate([1, 1, 0, 1, 0, 0, 0, 1, 0, 1, 0]).value)
        #expect(estimate.collisionCount == 4)
        #expect(estimate.distanceSum == 10)
        #expect(estimate.mean == 2.5)
        // Squares: 2 * 0.25 + 2 * 0.25 = 1, divided by 3.
        #expect(abs(estimate.deviation - (1.0 / 3).squareRoot()) < 1e-15)
    }

    @Test("counts a pair of equal bits at the very end, but no pair of different ones")
    func end() throws {
        #expect(try #require(estimate([1, 1, 0, 0]).value).collisionCount == 2)
        #expect(try #require(estimate([1, 1, 0, 0, 0, 1]).value).collisionCount == 2)
    }

    @Test("the bound on the mean inverts 2 + 2 p (1 - p)")
    func inversion() throws {
        let bits = SyntheticData.biasedBits(seed: 51, count: 20_000, ones: 4, of: 5)
        let estimate = try #require(estimate(bits).value)
        let p = estimate.probability
        #expect(abs(2 + 2 * p * (1 - p) - estimate.lowerBound) < 1e-14)
        #expect(p > 0.5)
    }

    @Test("a bound of 2.5 or more is full entropy")
    func full() throws {
        // Distances of 3 only.
        let bits = (0..<300).map { UInt8($0 % 2) }
        let estimate = try #require(estimate(bits).value)
        #expect(estimate.lowerBound == 3)
        #expect(estimate.minEntropy == 1)
    }

    @Test("needs two collisions and a binary sequence")
    func inapplicable() {
        #expect(estimate([1, 1, 0, 1]) == .notApplicable(.tooFewCollisions))
        #expect(estimate([2, 1, 0]) == .notApplicable(.binaryOnly))
    }

    private func estimate(_ symbols: [UInt8]) -> Estimate<CollisionEstimate> {
        withSymbols(symbols) { CollisionEstimate.estimate($0) }
    }
}
