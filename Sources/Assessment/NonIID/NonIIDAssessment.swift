// Min-entropy of a noise source that is not assumed IID (SP 800-90B, sections 3.1.3 and 6).
// SPDX-License-Identifier: Apache-2.0

/// The estimates of all ten estimators on the symbols and on the bit string, and their minimum.
///
/// An initial estimate: it says nothing about restarts (section 3.1.4) or conditioning (3.1.5),
/// and no estimate proves that a source has the entropy. Fewer than 1,000,000 samples are assessed
/// as well, but do not satisfy section 3.1.1.
package struct NonIIDAssessment: Sendable, Equatable {
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

    /// Assesses a sample that has been parsed already.
    package init(_ sample: PreparedSample) {
        bitsPerSymbol = sample.bitsPerSymbol
        symbolCount = sample.symbols.count
        alphabetSize = sample.alphabetSize
        literal = sample.withSymbols { EstimatorResults($0) }
        bitString = sample.hasBitString ? sample.withBitString { EstimatorResults($0) } : nil
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

/// The ten estimates of section 6.3 for one sequence.
package struct EstimatorResults: Sendable, Equatable {
    package let mostCommonValue: Estimate<MostCommonValueEstimate>
    package let collision: Estimate<CollisionEstimate>
    package let markov: Estimate<MarkovEstimate>
    package let compression: Estimate<CompressionEstimate>
    package let tuple: Estimate<TupleEstimate>
    package let longestRepeatedSubstring: Estimate<LongestRepeatedSubstringEstimate>
    package let multiMCW: Estimate<PredictionEstimate>
    package let lag: Estimate<PredictionEstimate>
    package let multiMMC: Estimate<PredictionEstimate>
    package let lz78y: Estimate<PredictionEstimate>

    /// Runs all estimators.
    package init(_ symbols: SymbolView) {
        mostCommonValue = MostCommonValueEstimate.estimate(symbols)
        collision = CollisionEstimate.estimate(symbols)
        markov = MarkovEstimate.estimate(symbols)
        compression = CompressionEstimate.estimate(symbols)
        let repeats = RepeatStatistics(symbols)
        tuple = TupleEstimate.estimate(repeats)
        longestRepeatedSubstring = LongestRepeatedSubstringEstimate.estimate(repeats)
        multiMCW = MultiMCWPredictor.estimate(symbols)
        lag = LagPredictor.estimate(symbols)
        multiMMC = MultiMMCPredictor.estimate(symbols)
        lz78y = LZ78YPredictor.estimate(symbols)
    }

    /// Name and min-entropy of each estimator in the order of section 6.3, nil if it could not run.
    package var minEntropies: [(name: String, minEntropy: Double?)] {
        [
            ("most common value", mostCommonValue.minEntropy),
            ("collision", collision.minEntropy),
            ("Markov", markov.minEntropy),
            ("compression", compression.minEntropy),
            ("t-tuple", tuple.minEntropy),
            ("LRS", longestRepeatedSubstring.minEntropy),
            ("MultiMCW", multiMCW.minEntropy),
            ("lag", lag.minEntropy),
            ("MultiMMC", multiMMC.minEntropy),
            ("LZ78Y", lz78y.minEntropy),
        ]
    }

    /// Smallest estimate, or nil if no estimator could run.
    package var minimum: Double? {
        minEntropies.compactMap(\.minEntropy).min()
    }
}
