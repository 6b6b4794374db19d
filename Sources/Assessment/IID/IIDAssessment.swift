// Whether a noise source may be taken as IID, and its min-entropy then (SP 800-90B, section 5).
// SPDX-License-Identifier: Apache-2.0

/// The tests of the IID track apart from permutation testing, and the entropy estimate.
///
/// A source that passes has not been shown to be IID: the submitter must have reason to claim it
/// (section 3.1.2). Fewer than 1,000,000 samples are tested as well, but do not satisfy section 3.1.1.
package struct IIDAssessment: Sendable, Equatable, Encodable {
    /// Bits per symbol (n), 1...8.
    package let bitsPerSymbol: Int
    /// Number of symbols (L).
    package let symbolCount: Int
    /// Number of distinct symbols, 2...256.
    package let alphabetSize: Int
    /// The most common symbol.
    package let mostCommonSymbol: MostCommonValue
    /// The most common bit of the bit string; nil if the sample has two values only.
    package let mostCommonBit: MostCommonValue?
    package let independence: ChiSquareTest
    package let goodnessOfFit: ChiSquareTest
    package let longestRepeat: LongestRepeatTest

    /// A most common value and the estimate from it (section 6.3.1).
    package struct MostCommonValue: Sendable, Equatable, Encodable {
        /// Occurrences of the value.
        package let modeCount: Int
        /// Its relative frequency (p-hat).
        package let frequency: Double
        /// Upper confidence bound of the frequency (p_u).
        package let upperBound: Double
        /// Estimated min-entropy in bits per symbol or bit.
        package let minEntropy: Double

        /// The sequence has two symbols or more.
        fileprivate init(_ symbols: SymbolView, following reference: Reference) {
            guard let value = MostCommonValueEstimate.estimate(symbols, following: reference).value
            else {
                preconditionFailure("two distinct values are two symbols")
            }
            modeCount = value.modeCount
            frequency = value.frequency
            upperBound = value.upperBound
            minEntropy = value.minEntropy
        }
    }

    /// Tests samples, one symbol per byte. The width is detected unless given.
    package init(samples: [UInt8], bitsPerSymbol: Int? = nil) throws(AssessmentError) {
        self.init(try PreparedSample(samples: samples, bitsPerSymbol: bitsPerSymbol))
    }

    /// Tests a sample that has been parsed already.
    package init(_ sample: PreparedSample, following reference: Reference = .nistTool) {
        bitsPerSymbol = sample.bitsPerSymbol
        symbolCount = sample.symbols.count
        alphabetSize = sample.alphabetSize
        mostCommonSymbol = sample.withSymbols { MostCommonValue($0, following: reference) }
        mostCommonBit =
            sample.hasBitString
            ? sample.withBitString { MostCommonValue($0, following: reference) } : nil
        independence = sample.withSymbols { ChiSquareTest.independence($0, following: reference) }
        goodnessOfFit = sample.withSymbols { ChiSquareTest.goodnessOfFit($0, following: reference) }
        longestRepeat = sample.withSymbols { LongestRepeatTest($0, following: reference) }
    }

    /// Estimate from the symbols in bits per symbol (H_original).
    package var literalMinEntropy: Double {
        min(Double(bitsPerSymbol), mostCommonSymbol.minEntropy)
    }

    /// Estimate from the bit string in bits per bit (H_bitstring).
    package var bitStringMinEntropy: Double? { mostCommonBit.map { min(1, $0.minEntropy) } }

    /// min(n, H_original, n H_bitstring) in bits per symbol, which holds if the source is IID
    /// (section 3.1.3, without H_submitter).
    package var assessedMinEntropy: Double {
        min(literalMinEntropy, Double(bitsPerSymbol) * (bitStringMinEntropy ?? .infinity))
    }

    /// Whether the tests here pass; the verdict needs permutation testing besides.
    package var passes: Bool {
        independence.passes && goodnessOfFit.passes && longestRepeat.passes
    }

    /// Writes what is stored and what follows from it.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(bitsPerSymbol, forKey: .bitsPerSymbol)
        try container.encode(symbolCount, forKey: .symbolCount)
        try container.encode(alphabetSize, forKey: .alphabetSize)
        try container.encode(mostCommonSymbol, forKey: .mostCommonSymbol)
        try container.encodeIfPresent(mostCommonBit, forKey: .mostCommonBit)
        try container.encode(independence, forKey: .independence)
        try container.encode(goodnessOfFit, forKey: .goodnessOfFit)
        try container.encode(longestRepeat, forKey: .longestRepeat)
        try container.encode(literalMinEntropy, forKey: .literalMinEntropy)
        try container.encodeIfPresent(bitStringMinEntropy, forKey: .bitStringMinEntropy)
        try container.encode(assessedMinEntropy, forKey: .assessedMinEntropy)
        try container.encode(passes, forKey: .passes)
    }

    private enum CodingKeys: String, CodingKey {
        case bitsPerSymbol, symbolCount, alphabetSize, mostCommonSymbol, mostCommonBit
        case independence, goodnessOfFit, longestRepeat
        case literalMinEntropy, bitStringMinEntropy, assessedMinEntropy, passes
    }
}
