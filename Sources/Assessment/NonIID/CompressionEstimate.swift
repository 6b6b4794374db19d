// Compression estimate, after Maurer's universal statistic (SP 800-90B, section 6.3.4).
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The entropy seen in the mean logarithm of the distance between equal 6-bit blocks.
package struct CompressionEstimate: EntropyEstimate {
    /// Mean of log2 of the distances (X-bar).
    package let mean: Double
    /// Corrected standard deviation (sigma-hat).
    package let deviation: Double
    /// Lower confidence bound of the mean (X-bar').
    package let lowerBound: Double
    /// Probability of the likeliest block that explains the bound (p).
    package let probability: Double
    /// In bits per bit.
    package let minEntropy: Double

    /// Runs on binary sequences with two blocks beyond the dictionary, which is 6,012 bits.
    package static func estimate(
        _ symbols: SymbolView,
        following reference: Reference = .nistTool
    ) -> Estimate<Self> {
        guard symbols.isBinary else { return .notApplicable(.binaryOnly) }
        let width = Specification.compressionBlockWidth
        let needed = (Specification.compressionDictionaryBlocks + 2) * width
        guard symbols.count >= needed else {
            return .notApplicable(.tooShort(needed: needed, given: symbols.count))
        }
        return .value(Self(symbols, following: reference))
    }

    private init(_ symbols: SymbolView, following reference: Reference) {
        let blocks = symbols.count / Specification.compressionBlockWidth
        let tested = Double(blocks - Specification.compressionDictionaryBlocks)
        var model = CompressionModel(blockCount: blocks)
        let (sum, squares) = Self.sumDistances(symbols, blocks: blocks, model: &model)

        // Steps 4-6; the mixture of v - 1 and the squared mean is the standard's.
        mean = sum / tested
        let variance = squares / (tested - 1) - mean * mean
        deviation = Specification.compressionDeviationFactor * sqrt(max(0, variance))
        lowerBound = mean - reference.normalQuantile * deviation / sqrt(tested)
        if let solution = model.probability(expecting: lowerBound) {
            probability = solution
            minEntropy = 0 - log2(solution) / Double(Specification.compressionBlockWidth)
        } else {
            probability = CompressionModel.uniform
            minEntropy = 1
        }
    }

    /// Sums log2 of the distances and their squares, exactly enough for the flat end of the model:
    /// equal distances are counted first, so that few rounded terms remain.
    private static func sumDistances(
        _ symbols: SymbolView,
        blocks: Int,
        model: inout CompressionModel
    ) -> (sum: Double, squares: Double) {
        var occurrences = [Int](repeating: 0, count: blocks + 1)
        let longest = occurrences.withUnsafeMutableBufferPointer { occurrences in
            withUnsafeTemporaryAllocation(of: Int.self, capacity: 64) { lastIndex in
                lastIndex.initialize(repeating: 0)
                var longest = 0
                var bits = symbols.base
                for block in 1...blocks {
                    let high = bits[0] &<< 5 | bits[1] &<< 4 | bits[2] &<< 3
                    let value = Int(high | bits[3] &<< 2 | bits[4] &<< 1 | bits[5])
                    bits += Specification.compressionBlockWidth
                    if block > Specification.compressionDictionaryBlocks {
                        let distance = block &- lastIndex[value]
                        occurrences[distance] &+= 1
                        longest = max(longest, distance)
                    }
                    lastIndex[value] = block
                }
                return longest
            }
        }
        var sum = CompensatedSum()
        var squares = CompensatedSum()
        for distance in stride(from: 1, through: longest, by: 1) where occurrences[distance] > 0 {
            let logarithm = model.logarithm(of: distance)
            let count = Double(occurrences[distance])
            sum.add(count * logarithm)
            squares.add(count * logarithm * logarithm)
        }
        return (sum.value, squares.value)
    }
}

/// A sum that carries the rounding errors along (Kahan).
private struct CompensatedSum {
    private(set) var value = 0.0
    private var carry = 0.0

    mutating func add(_ term: Double) {
        let corrected = term - carry
        let next = value + corrected
        carry = (next - value) - corrected
        value = next
    }
}
