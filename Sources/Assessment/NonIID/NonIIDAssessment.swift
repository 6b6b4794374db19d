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
    /// The fewest bits that hold every symbol, at most `bitsPerSymbol`.
    package let neededBits: Int
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
        neededBits = sample.neededBits
        symbolCount = sample.symbols.count
        alphabetSize = sample.alphabetSize
        (literal, bitString) = sample.withSymbols { symbols in
            let literal = EstimatorRun(symbols, following: reference)
            guard sample.hasBitString, bitStringToo else {
                sharing.perform(literal.parts)
                return (literal.results, nil)
            }
            return sample.withBitString { bits in
                let bitString = EstimatorRun(bits, following: reference)
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

extension NonIIDAssessment {
    /// The smallest of the three terms of the assessed entropy, in bits per symbol.
    package var weakest: WeakestTerm {
        let width = Double(bitsPerSymbol)
        let terms = [
            literal.weakest.map {
                WeakestTerm(estimator: $0.estimator, track: .symbols, minEntropy: $0.minEntropy)
            },
            bitString?.weakest.map {
                WeakestTerm(
                    estimator: $0.estimator,
                    track: .bitString,
                    minEntropy: width * $0.minEntropy
                )
            },
        ]
        let none = WeakestTerm(estimator: nil, track: .symbols, minEntropy: width)
        return terms.compactMap { $0 }.filter { $0.minEntropy < width }
            .min { $0.minEntropy < $1.minEntropy } ?? none
    }

    /// What decides the assessed entropy.
    package struct WeakestTerm: Sendable, Equatable {
        /// Nil if no estimator found less than the width of the symbol.
        package let estimator: Estimator?
        package let track: Track
        /// In bits per symbol.
        package let minEntropy: Double
    }
}

extension NonIIDAssessment: Encodable {
    private enum Key: String, CodingKey {
        case reference, bitsPerSymbol, symbolCount, alphabetSize, symbols, bitString
        case minEntropyOfSymbols, minEntropyPerBitOfBitString, assessedMinEntropy
        case weakestEstimator, weakestTrack
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(reference, forKey: .reference)
        try container.encode(bitsPerSymbol, forKey: .bitsPerSymbol)
        try container.encode(symbolCount, forKey: .symbolCount)
        try container.encode(alphabetSize, forKey: .alphabetSize)
        try container.encode(literal, forKey: .symbols)
        try container.encodeIfPresent(bitString, forKey: .bitString)
        try container.encode(literalMinEntropy, forKey: .minEntropyOfSymbols)
        try container.encodeIfPresent(bitStringMinEntropy, forKey: .minEntropyPerBitOfBitString)
        try container.encode(assessedMinEntropy, forKey: .assessedMinEntropy)
        try container.encodeIfPresent(weakest.estimator?.rawValue, forKey: .weakestEstimator)
        try container.encode(weakest.track.rawValue, forKey: .weakestTrack)
    }
}
