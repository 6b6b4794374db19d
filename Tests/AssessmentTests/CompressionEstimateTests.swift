// Tests of the compression estimate (SP 800-90B, section 6.3.4).
// SPDX-License-Identifier: Apache-2.0

import Assessment
import Testing

@Suite("Compression estimate")
struct CompressionEstimateTests {
    @Test("equal blocks have the distance 1 and no entropy")
    func constantBlocks() throws {
        let bits: [UInt8] = (0..<12_000).map { $0 % 6 == 0 ? 1 : 0 }
        let estimate = try #require(estimate(bits).value)
        #expect(estimate.mean == 0)
        #expect(estimate.deviation == 0)
        #expect(estimate.minEntropy < 1e-6)
    }

    @Test("distances beyond those of fair bits are full entropy")
    func largeDistances() throws {
        // All 64 blocks in turn: every distance is 64, its logarithm 6.
        let bits = (0..<12_000).map { index -> UInt8 in
            let block = index / 6 % 64
            return UInt8(block >> (5 - index % 6)) & 1
        }
        let estimate = try #require(estimate(bits).value)
        #expect(estimate.mean == 6)
        #expect(estimate.probability == 1.0 / 64)
        #expect(estimate.minEntropy == 1)
    }

    @Test("bits that fill no block are left out")
    func incompleteBlock() {
        let bits = SyntheticData.bytes(seed: 52, count: 9_005).map { $0 & 1 }
        #expect(estimate(bits) == estimate(Array(bits.prefix(9_000))))
    }

    @Test("needs 6,012 bits")
    func inapplicable() {
        let bits = SyntheticData.bytes(seed: 53, count: 6_012).map { $0 & 1 }
        #expect(estimate(bits).value != nil)
        #expect(
            estimate(Array(bits.dropLast()))
                == .notApplicable(.tooShort(needed: 6_012, given: 6_011))
        )
        #expect(estimate([2, 1, 0]) == .notApplicable(.binaryOnly))
    }

    private func estimate(_ symbols: [UInt8]) -> Estimate<CompressionEstimate> {
        withSymbols(symbols) { CompressionEstimate.estimate($0) }
    }
}
