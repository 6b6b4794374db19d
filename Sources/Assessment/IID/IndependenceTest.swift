// Chi-square tests of independence (SP 800-90B, sections 5.2.1 and 5.2.3).
// SPDX-License-Identifier: Apache-2.0

extension ChiSquareTest {
    /// Whether neighbours are independent: pairs of symbols, or longer tuples of bits.
    package static func independence(
        _ symbols: SymbolView,
        following reference: Reference = .nistTool
    ) -> ChiSquareTest {
        symbols.isBinary ? ofBitTuples(symbols) : ofPairs(symbols, following: reference)
    }

    private static func ofPairs(
        _ symbols: SymbolView,
        following reference: Reference
    ) -> ChiSquareTest {
        let size = symbols.alphabetSize
        let pairs = symbols.count / 2
        guard pairs > 0 else { return ChiSquareTest(statistic: 0, degreesOfFreedom: 0) }
        let frequencies = SymbolFrequencies(symbols, following: reference).values
        var expectations = [Double](repeating: 0, count: size * size)
        for first in 0..<size {
            for second in 0..<size {
                expectations[first * size + second] =
                    frequencies[first] * frequencies[second] * Double(pairs)
            }
        }
        var observed = [Int](repeating: 0, count: size * size)
        for pair in 0..<pairs {
            let first = Int(symbols.base[2 * pair])
            observed[first * size + Int(symbols.base[2 * pair + 1])] += 1
        }
        let bins = ChiSquareBins(expectations: expectations)
        return ChiSquareTest(
            statistic: bins.statistic(observed: observed),
            degreesOfFreedom: bins.expected.count - size
        )
    }

    private static func ofBitTuples(_ bits: SymbolView) -> ChiSquareTest {
        var ones = 0
        for place in 0..<bits.count { ones += Int(bits.base[place]) }
        let frequency = Double(ones) / Double(bits.count)
        let frequencies = [1 - frequency, frequency]
        let rarest = min(frequencies[0], frequencies[1])
        let length = (2...longestTuple).last { length in
            power(rarest, length) * Double(bits.count / length) >= minimumExpectation
        }
        guard let length else { return ChiSquareTest(statistic: 0, degreesOfFreedom: 0) }

        let tuples = bits.count / length
        var observed = [Int](repeating: 0, count: 1 << length)
        for tuple in 0..<tuples {
            var value = 0
            for place in tuple * length..<(tuple + 1) * length {
                value = 2 * value + Int(bits.base[place])
            }
            observed[value] += 1
        }
        var statistic = 0.0
        for (value, count) in observed.enumerated() {
            let ones = value.nonzeroBitCount
            let expected =
                power(frequencies[1], ones) * power(frequencies[0], length - ones) * Double(tuples)
            statistic += (Double(count) - expected) * (Double(count) - expected) / expected
        }
        return ChiSquareTest(statistic: statistic, degreesOfFreedom: 1 << length - 2)
    }

    private static func power(_ base: Double, _ exponent: Int) -> Double {
        var result = 1.0
        for _ in 0..<exponent { result *= base }
        return result
    }

    /// Longest tuple in bits (5.2.3, step 2).
    private static let longestTuple = 11
    /// Fewest occurrences expected of the rarest tuple (5.2.3, step 2).
    private static let minimumExpectation = 5.0
}
