// Tests of the most common value estimate (SP 800-90B, section 6.3.1).
// SPDX-License-Identifier: Apache-2.0

import Assessment
import Testing

@Suite("Most common value estimate")
struct MostCommonValueEstimateTests {
    @Test("agrees with the example of the standard")
    func example() throws {
        let symbols: [UInt8] = [0, 1, 1, 2, 0, 1, 2, 2, 0, 1, 0, 1, 1, 0, 2, 2, 1, 0, 2, 1]
        let estimate = try #require(
            withSymbols(symbols) { MostCommonValueEstimate.estimate($0) }.value
        )
        #expect(estimate.modeCount == 8)
        #expect(estimate.frequency == 0.4)
        // The standard prints four digits.
        #expect(abs(estimate.upperBound - 0.6895) < 5e-5)
        #expect(abs(estimate.minEntropy - 0.5363) < 1e-4)
    }

    @Test("finds the most frequent symbol wherever it stands", arguments: 4...12)
    func everyLength(count: Int) throws {
        let symbols = (0..<count).map { UInt8($0 % 4 == 1 ? 3 : $0 % 3) }
        let expected = (0...3).map { symbol in symbols.count { $0 == symbol } }.max()
        let estimate = try #require(
            withSymbols(symbols) { MostCommonValueEstimate.estimate($0) }.value
        )
        #expect(estimate.modeCount == expected)
    }

    @Test("a bound beyond 1 gives no entropy, and no negative zero")
    func certain() throws {
        let estimate = try #require(
            withSymbols([1, 0]) { MostCommonValueEstimate.estimate($0) }.value
        )
        #expect(estimate.upperBound == 1)
        #expect(estimate.minEntropy.sign == .plus)
        #expect(estimate.minEntropy == 0)
    }

    @Test("needs two symbols")
    func shortest() {
        let result = withSymbols([1]) { MostCommonValueEstimate.estimate($0) }
        #expect(result == .notApplicable(.tooShort(needed: 2, given: 1)))
    }
}
