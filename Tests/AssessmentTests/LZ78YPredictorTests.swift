// Tests of the LZ78Y predictor (SP 800-90B, section 6.3.10).
// SPDX-License-Identifier: Apache-2.0

import Assessment
import Testing

@Suite("LZ78Y predictor")
struct LZ78YPredictorTests {
    @Test("predicts symbols as the text describes", arguments: NamedSequence.symbols(1_500))
    func symbols(sequence: NamedSequence) {
        let tally = withSymbols(sequence.symbols) { LZ78YPredictor.run($0) }
        #expect(NaiveTally(tally) == NaivePredictors.lz78y(sequence.symbols))
    }

    @Test("predicts bits as the text describes", arguments: NamedSequence.binary(1_500))
    func bits(sequence: NamedSequence) {
        let expected = NaivePredictors.lz78y(sequence.symbols)
        let general = withSymbols(sequence.symbols) { LZ78YPredictor.run($0) }
        let binary = withSymbols(sequence.symbols) { BinaryLZ78YPredictor.run($0) }
        #expect(NaiveTally(general) == expected)
        #expect(NaiveTally(binary) == expected)
    }

    @Test("the binary case agrees with the general one when the dictionary is full")
    func fullMemory() {
        let bits = SyntheticData.biasedBits(seed: 42, count: 40_000, ones: 1, of: 2)
        let general = withSymbols(bits) { LZ78YPredictor.run($0) }
        #expect(withSymbols(bits) { BinaryLZ78YPredictor.run($0) } == general)
    }

    @Test("needs 19 symbols")
    func shortest() {
        let symbols = SyntheticData.bytes(seed: 41, count: 19).map { $0 & 1 }
        let tooShort = Estimate<PredictionEstimate>.notApplicable(
            .tooShort(needed: 19, given: 19 - 1)
        )
        #expect(withSymbols(symbols) { LZ78YPredictor.estimate($0) }.value != nil)
        #expect(withSymbols([1] + symbols.dropFirst(2)) { LZ78YPredictor.estimate($0) } == tooShort)
    }
}
