// Tests of the tests that AIS 20/31 version 3.0 names.
// SPDX-License-Identifier: Apache-2.0

import Assessment
import StatisticalTests
import Testing

@Suite("AIS 31 version 3")
struct AIS31Version3Tests {
    @Test("uniform bits pass monobit and poker, and the predictors see the same bits as SP 800-90B")
    func uniform() throws {
        let bytes = SeededBytes.uniform(seed: 61, count: 5001)
        let result = AIS31Version3(BitSequence(symbols: bytes))
        #expect(result.blocks == 2)
        #expect(result.monobitFailures == .value(0))
        #expect(result.pokerFailures == .value(0))
        #expect(result.predictedBits == 40_008)
        let bits = NaiveBlock.bits(of: bytes)
        let expected = bits.withUnsafeBufferPointer { bits in
            MultiMMCPredictor.estimate(
                SymbolView(base: bits.baseAddress!, count: bits.count, alphabetSize: 2)
            ).minEntropy
        }
        #expect(result.multiMMCMinEntropy.value == expected)
    }

    @Test("a period is predicted and fails")
    func period() {
        let result = AIS31Version3(BitSequence(symbols: SeededBytes.counter(count: 2500)))
        #expect(result.verdict == .failed)
        #expect((result.multiMMCMinEntropy.value ?? 1) < 0.5)
    }

    @Test("what is empty, short or constant is not judged, or fails", arguments: [0, 1, 100, 2500])
    func degenerate(count: Int) {
        let result = AIS31Version3(BitSequence(symbols: [UInt8](repeating: 0, count: count)))
        #expect(result.multiMMCMinEntropy == .notApplicable(.notPredictable))
        #expect(result.lz78yMinEntropy == .notApplicable(.notPredictable))
        #expect(result.verdict == (count < 2500 ? .notApplicable : .failed))
    }
}
