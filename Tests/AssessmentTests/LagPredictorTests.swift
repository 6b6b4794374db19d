// Tests of the Lag predictor (SP 800-90B, section 6.3.8).
// SPDX-License-Identifier: Apache-2.0

import Assessment
import Testing

@Suite("Lag predictor")
struct LagPredictorTests {
    @Test("predicts symbols as the text describes", arguments: NamedSequence.symbols(1_500))
    func symbols(sequence: NamedSequence) {
        let tally = withSymbols(sequence.symbols) { LagPredictor.run($0) }
        #expect(NaiveTally(tally) == NaivePredictors.lag(sequence.symbols))
    }

    @Test("predicts bits as the text describes", arguments: NamedSequence.binary(1_500))
    func bits(sequence: NamedSequence) {
        let tally = withSymbols(sequence.symbols) { LagPredictor.run($0) }
        #expect(NaiveTally(tally) == NaivePredictors.lag(sequence.symbols))
    }

    @Test("needs 3 symbols")
    func shortest() {
        let symbols = SyntheticData.bytes(seed: 41, count: 3).map { $0 & 1 }
        let tooShort = Estimate<PredictionEstimate>.notApplicable(
            .tooShort(needed: 3, given: 3 - 1)
        )
        #expect(withSymbols(symbols) { LagPredictor.estimate($0) }.value != nil)
        #expect(withSymbols([1] + symbols.dropFirst(2)) { LagPredictor.estimate($0) } == tooShort)
    }
}
