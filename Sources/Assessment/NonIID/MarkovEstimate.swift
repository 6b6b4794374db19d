// Markov estimate (SP 800-90B, section 6.3.3).
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The entropy per bit of the likeliest sequence of 128 bits under a first-order Markov model.
package struct MarkovEstimate: EntropyEstimate {
    /// Probability of a 1 (P_1); that of a 0 is `1 - one`.
    package let one: Double
    /// Transition probability from 0 to 0 (P_{0,0}), 0 if there is no transition from 0.
    package let zeroToZero: Double
    package let zeroToOne: Double
    package let oneToZero: Double
    package let oneToOne: Double
    /// Probability of the likeliest sequence (p-hat_max).
    package let sequenceProbability: Double
    package let minEntropy: Double

    /// Probability of a 0 (P_0).
    package var zero: Double { 1 - one }

    /// Runs on binary sequences of at least two symbols.
    package static func estimate(_ symbols: SymbolView) -> Estimate<Self> {
        guard symbols.isBinary else { return .notApplicable(.binaryOnly) }
        guard symbols.count >= 2 else {
            return .notApplicable(.tooShort(needed: 2, given: symbols.count))
        }
        return .value(Self(symbols))
    }

    private init(_ symbols: SymbolView) {
        let base = symbols.base
        let steps = symbols.count - 1
        var ones = 0
        var onesAfterOne = 0
        for index in 0..<steps {
            ones &+= Int(base[index])
            onesAfterOne &+= Int(base[index] & base[index &+ 1])
        }
        let allOnes = ones + Int(base[steps])
        // Every 1 but a leading one is a successor.
        let onesAfterZero = allOnes - Int(base[0]) - onesAfterOne
        let zeros = steps - ones

        one = Double(allOnes) / Double(symbols.count)
        zeroToOne = zeros == 0 ? 0 : Double(onesAfterZero) / Double(zeros)
        zeroToZero = zeros == 0 ? 0 : 1 - zeroToOne
        oneToOne = ones == 0 ? 0 : Double(onesAfterOne) / Double(ones)
        oneToZero = ones == 0 ? 0 : 1 - oneToOne

        // Step 3, table 2: the six candidates, as bits of information; a transition that never
        // occurs makes its candidate infinitely improbable.
        let start0 = -log2(1 - one)
        let start1 = -log2(one)
        let (h00, h01) = (-log2(zeroToZero), -log2(zeroToOne))
        let (h10, h11) = (-log2(oneToZero), -log2(oneToOne))
        let length = Double(Specification.markovSequenceLength)
        let candidates = [
            start0 + (length - 1) * h00,
            start0 + length / 2 * h01 + (length / 2 - 1) * h10,
            start0 + h01 + (length - 2) * h11,
            start1 + h10 + (length - 2) * h00,
            start1 + length / 2 * h10 + (length / 2 - 1) * h01,
            start1 + (length - 1) * h11,
        ]
        let information = candidates.reduce(length, min)
        sequenceProbability = exp2(-information)
        minEntropy = 0 + min(1, information / length)
    }
}
