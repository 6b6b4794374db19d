// Tests of the MultiMCW predictor (SP 800-90B, section 6.3.7).
// SPDX-License-Identifier: Apache-2.0

import Assessment
import Testing

@Suite("MultiMCW predictor")
struct MultiMCWPredictorTests {
    @Test("predicts symbols as the text describes", arguments: NamedSequence.symbols(4_500))
    func symbols(sequence: NamedSequence) {
        let tally = withSymbols(sequence.symbols) { MultiMCWPredictor.run($0) }
        #expect(NaiveTally(tally) == NaivePredictors.multiMCW(sequence.symbols))
    }

    @Test("predicts bits as the text describes", arguments: NamedSequence.binary(4_500))
    func bits(sequence: NamedSequence) {
        let expected = NaivePredictors.multiMCW(sequence.symbols)
        let general = withSymbols(sequence.symbols) { MultiMCWPredictor.run($0) }
        let binary = withSymbols(sequence.symbols) { BinaryMultiMCWPredictor.run($0) }
        #expect(NaiveTally(general) == expected)
        #expect(NaiveTally(binary) == expected)
    }

    @Test("needs 4096 symbols")
    func shortest() {
        let symbols = SyntheticData.bytes(seed: 41, count: 4096).map { $0 & 1 }
        let tooShort = Estimate<PredictionEstimate>.notApplicable(
            .tooShort(needed: 4096, given: 4096 - 1)
        )
        #expect(withSymbols(symbols) { MultiMCWPredictor.estimate($0) }.value != nil)
        #expect(
            withSymbols([1] + symbols.dropFirst(2)) { MultiMCWPredictor.estimate($0) } == tooShort
        )
    }
}
