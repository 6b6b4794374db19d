// The statistical tests that AIS 20/31 version 3.0 (2024) names, in our reading.
// SPDX-License-Identifier: Apache-2.0

internal import Assessment

/// T1 monobit, T2 poker, T3 MultiMMC and T4 LZ78Y.
///
/// From the standard: the four tests and their order, and that T3 and T4 are the predictors of NIST SP
/// 800-90B, sections 6.3.9 and 6.3.10. Our reading, to be checked against the text before anybody relies
/// on it: T1 and T2 run on all whole blocks of 20,000 bits in succession, with the bounds of version 2.0;
/// one block that fails either of them is a failed test; T3 and T4 run on the bit string, at most its
/// first 1,000,000 bits, and demand a min-entropy estimate of 0.98 bit per bit, which is what the
/// functionality classes ask of a source; there is no repetition. No evaluation may be based on it.
package struct AIS31Version3: Sendable, Equatable, Encodable {
    /// Bits given.
    package let givenBits: Int
    /// Whole blocks of 20,000 bits.
    package let blocks: Int
    /// T1: blocks that failed; not applicable without a whole block.
    package let monobitFailures: AIS31Outcome<Int>
    /// T2: blocks that failed.
    package let pokerFailures: AIS31Outcome<Int>
    /// Bits that T3 and T4 take.
    package let predictedBits: Int
    /// T3: min-entropy estimate of the MultiMMC predictor in bits per bit.
    package let multiMMCMinEntropy: AIS31Outcome<Double>
    /// T4: min-entropy estimate of the LZ78Y predictor in bits per bit.
    package let lz78yMinEntropy: AIS31Outcome<Double>

    /// Tests a sequence from its start.
    package init(_ bits: BitSequence) {
        givenBits = bits.count
        blocks = bits.count / BitBlock.bitCount
        if blocks > 0 {
            var block = BitBlock()
            var (monobit, poker) = (0, 0)
            for index in 0..<blocks {
                block.load(bits, from: index * BitBlock.bitCount)
                let counts = block.counts()
                if !AIS31.onesBounds.contains(counts.ones) { monobit += 1 }
                if !AIS31.pokerBounds.contains(counts.pokerSquares) { poker += 1 }
            }
            (monobitFailures, pokerFailures) = (.value(monobit), .value(poker))
        } else {
            let reason = AIS31Inapplicability.tooShort(
                neededBits: BitBlock.bitCount,
                givenBits: bits.count
            )
            (monobitFailures, pokerFailures) = (.notApplicable(reason), .notApplicable(reason))
        }

        let count = min(bits.count, Self.predictedBitLimit)
        predictedBits = count
        let symbols = (0..<count).map { bits[$0] }
        guard let first = symbols.first, symbols.contains(where: { $0 != first }) else {
            multiMMCMinEntropy = .notApplicable(.notPredictable)
            lz78yMinEntropy = .notApplicable(.notPredictable)
            return
        }
        (multiMMCMinEntropy, lz78yMinEntropy) = symbols.withUnsafeBufferPointer { symbols in
            let view = SymbolView(
                base: symbols.baseAddress!,
                count: symbols.count,
                alphabetSize: 2
            )
            return (
                Self.outcome(MultiMMCPredictor.estimate(view)),
                Self.outcome(LZ78YPredictor.estimate(view))
            )
        }
    }

    /// Passed or failed; not applicable if a test could not run and no other failed.
    package var verdict: AIS31Verdict {
        let passed = [
            monobitFailures.value.map { $0 == 0 }, pokerFailures.value.map { $0 == 0 },
            multiMMCMinEntropy.value.map { $0 >= Self.minEntropyBound },
            lz78yMinEntropy.value.map { $0 >= Self.minEntropyBound },
        ]
        if passed.contains(false) { return .failed }
        return passed.contains(nil) ? .notApplicable : .passed
    }

    /// Bits for the predictors: the sample size of SP 800-90B, section 3.1.1.
    package static let predictedBitLimit = 1_000_000
    /// Least min-entropy in bits per bit (our reading, see above).
    package static let minEntropyBound = 0.98

    private static func outcome(_ estimate: Estimate<PredictionEstimate>) -> AIS31Outcome<Double> {
        estimate.minEntropy.map { .value($0) } ?? .notApplicable(.notPredictable)
    }
}
