// Min-entropy of a noise source that is not assumed IID (SP 800-90B, sections 3.1.3 and 6).
// SPDX-License-Identifier: Apache-2.0

/// The estimates of all ten estimators on the symbols and on the bit string, and their minimum.
///
/// An initial estimate: it says nothing about restarts (section 3.1.4) or conditioning (3.1.5),
/// and no estimate proves that a source has the entropy. Fewer than 1,000,000 samples are assessed
/// as well, but do not satisfy section 3.1.1.
package struct NonIIDAssessment: Sendable, Equatable {
    /// Whose word counts where the text and the tool differ.
    package let reference: Reference
    /// Bits per symbol (n), 1...8.
    package let bitsPerSymbol: Int
    /// Number of symbols (L).
    package let symbolCount: Int
    /// Number of distinct symbols, 2...256.
    package let alphabetSize: Int
    /// Results on the symbols, in bits per symbol.
    package let literal: EstimatorResults
    /// Results on the bit string, in bits per bit; nil if the sample has two values only.
    package let bitString: EstimatorResults?

    /// Assesses samples, one symbol per byte. The width is detected unless given.
    package init(samples: [UInt8], bitsPerSymbol: Int? = nil) throws(AssessmentError) {
        self.init(try PreparedSample(samples: samples, bitsPerSymbol: bitsPerSymbol))
    }

    /// Assesses a sample that has been parsed already. The bit string is left out where there is
    /// none, and where `bitStringToo` is false, as restart data want it (section 3.1.4.3).
    package init(
        _ sample: PreparedSample,
        following reference: Reference = .nistTool,
        bitStringToo: Bool = true,
        sharing: WorkSharing = .inOrder
    ) {
        self.reference = reference
        bitsPerSymbol = sample.bitsPerSymbol
        symbolCount = sample.symbols.count
        alphabetSize = sample.alphabetSize
        (literal, bitString) = sample.withSymbols { symbols in
            let literal = EstimatorRun(symbols, named: "symbols", following: reference)
            guard sample.hasBitString, bitStringToo else {
                sharing.perform(literal.parts)
                return (literal.results, nil)
            }
            return sample.withBitString { bits in
                let bitString = EstimatorRun(bits, named: "bits", following: reference)
                sharing.perform(literal.parts + bitString.parts)
                return (literal.results, bitString.results)
            }
        }
    }

    /// Smallest estimate on the symbols, at most the width, in bits per symbol (H_original).
    package var literalMinEntropy: Double {
        min(Double(bitsPerSymbol), literal.minimum ?? .infinity)
    }

    /// Smallest estimate on the bit string, at most 1, in bits per bit (H_bitstring).
    package var bitStringMinEntropy: Double? {
        bitString.map { min(1, $0.minimum ?? .infinity) }
    }

    /// min(n, H_original, n H_bitstring) in bits per symbol (section 3.1.3, without H_submitter).
    package var assessedMinEntropy: Double {
        let width = Double(bitsPerSymbol)
        return min(width, literalMinEntropy, width * (bitStringMinEntropy ?? .infinity))
    }
}
