// Tests of the MultiMMC predictor (SP 800-90B, section 6.3.9).
// SPDX-License-Identifier: Apache-2.0

import Assessment
import Testing

@Suite("MultiMMC predictor")
struct MultiMMCPredictorTests {
    @Test("predicts symbols as the text describes", arguments: NamedSequence.symbols(1_500))
    func symbols(sequence: NamedSequence) {
        let tally = withSymbols(sequence.symbols) { MultiMMCPredictor.run($0) }
        #expect(NaiveTally(tally) == NaivePredictors.multiMMC(sequence.symbols))
    }

    @Test("predicts bits as the text describes", arguments: NamedSequence.binary(1_500))
    func bits(sequence: NamedSequence) {
        let expected = NaivePredictors.multiMMC(sequence.symbols)
        let general = withSymbols(sequence.symbols) { MultiMMCPredictor.run($0) }
        let binary = withSymbols(sequence.symbols) { BinaryMultiMMCPredictor.run($0) }
        #expect(NaiveTally(general) == expected)
        #expect(NaiveTally(binary) == expected)
    }

    @Test("the binary case agrees with the general one when the deepest model is full")
    func fullMemory() {
        let bits = SyntheticData.biasedBits(seed: 42, count: 250_000, ones: 1, of: 2)
        let general = withSymbols(bits) { MultiMMCPredictor.run($0) }
        #expect(withSymbols(bits) { BinaryMultiMMCPredictor.run($0) } == general)
    }

    @Test("needs 17 symbols")
    func shortest() {
        let symbols = SyntheticData.bytes(seed: 41, count: 17).map { $0 & 1 }
        let tooShort = Estimate<PredictionEstimate>.notApplicable(
            .tooShort(needed: 17, given: 17 - 1)
        )
        #expect(withSymbols(symbols) { MultiMMCPredictor.estimate($0) }.value != nil)
        #expect(
            withSymbols([1] + symbols.dropFirst(2)) { MultiMMCPredictor.estimate($0) } == tooShort
        )
    }
}
