// Chi-square tests of goodness of fit (SP 800-90B, sections 5.2.2 and 5.2.4).
// SPDX-License-Identifier: Apache-2.0

extension ChiSquareTest {
    /// Whether ten parts of the sample have the distribution of the whole.
    package static func goodnessOfFit(
        _ symbols: SymbolView,
        following reference: Reference = .nistTool
    ) -> ChiSquareTest {
        let length = symbols.count / parts
        guard length > 0 else { return ChiSquareTest(statistic: 0, degreesOfFreedom: 0) }
        if symbols.isBinary { return ofBits(symbols, partLength: length) }
        let frequencies = SymbolFrequencies(symbols, following: reference).values
        let bins = ChiSquareBins(expectations: frequencies.map { $0 * Double(length) })
        var statistic = 0.0
        for part in 0..<parts {
            statistic += bins.statistic(observed: histogram(symbols, part, length))
        }
        return ChiSquareTest(
            statistic: statistic,
            degreesOfFreedom: (parts - 1) * (bins.expected.count - 1)
        )
    }

    private static func ofBits(_ bits: SymbolView, partLength: Int) -> ChiSquareTest {
        var ones = 0
        for place in 0..<bits.count { ones += Int(bits.base[place]) }
        let frequency = Double(ones) / Double(bits.count)
        let expected = [(1 - frequency) * Double(partLength), frequency * Double(partLength)]
        var statistic = 0.0
        for part in 0..<parts {
            for (count, expected) in zip(histogram(bits, part, partLength), expected) {
                statistic += (Double(count) - expected) * (Double(count) - expected) / expected
            }
        }
        return ChiSquareTest(statistic: statistic, degreesOfFreedom: parts - 1)
    }

    private static func histogram(_ symbols: SymbolView, _ part: Int, _ length: Int) -> [Int] {
        var counts = [Int](repeating: 0, count: symbols.alphabetSize)
        for place in part * length..<(part + 1) * length { counts[Int(symbols.base[place])] += 1 }
        return counts
    }

    /// Number of parts (5.2.2, step 1).
    private static let parts = 10
}
