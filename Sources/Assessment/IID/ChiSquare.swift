// Outcome of the chi-square tests (SP 800-90B, section 5.2), and the binning that they share.
// SPDX-License-Identifier: Apache-2.0

/// A chi-square statistic and what follows from it.
package struct ChiSquareTest: Sendable, Equatable, Encodable {
    /// The statistic (T).
    package let statistic: Double
    /// Degrees of freedom; 0 if the sample is too short to test anything, which passes.
    package let degreesOfFreedom: Int
    /// Probability of a statistic at least as large, if the null hypothesis is true.
    package let pValue: Double
    package let passes: Bool

    init(statistic: Double, degreesOfFreedom: Int) {
        self.statistic = statistic
        self.degreesOfFreedom = max(0, degreesOfFreedom)
        pValue =
            degreesOfFreedom > 0
            ? upperIncompleteGamma(Double(degreesOfFreedom) / 2, statistic / 2) : 1
        passes = pValue >= Self.significance
    }

    /// The type I error at which a test fails (section 5.2).
    static let significance = 0.001
}

/// Events that were put together until each bin is expected to hold 5 or more (section 5.2).
struct ChiSquareBins {
    /// Bin of an event at its number.
    private(set) var bin: [Int]
    /// Expected occurrences of each bin.
    private(set) var expected: [Double] = []

    /// Fills bins in order of the expectation, and of the number where expectations are equal. What
    /// is left at the end joins the last bin.
    init(expectations: [Double]) {
        bin = [Int](repeating: 0, count: expectations.count)
        let order = expectations.indices.sorted {
            (expectations[$0], $0) < (expectations[$1], $1)
        }
        var sum = 0.0
        for event in order {
            bin[event] = expected.count
            sum += expectations[event]
            if sum >= Self.minimum {
                expected.append(sum)
                sum = 0
            }
        }
        guard sum > 0 else { return }
        if expected.isEmpty {
            expected = [sum]
        } else {
            let last = expected.count - 1
            expected[last] += sum
            for event in order where bin[event] > last { bin[event] = last }
        }
    }

    /// Sum of (observed - expected)^2 / expected over the bins.
    func statistic(observed: [Int]) -> Double {
        var sums = [Int](repeating: 0, count: expected.count)
        for (event, count) in observed.enumerated() where count > 0 { sums[bin[event]] += count }
        var statistic = 0.0
        for (sum, expected) in zip(sums, expected) {
            statistic += (Double(sum) - expected) * (Double(sum) - expected) / expected
        }
        return statistic
    }

    private static let minimum = 5.0
}

/// Relative frequencies of the symbols: as the reference tool has them, 1 / L added up once per
/// occurrence, or count / L.
///
/// The rounding of the sum, which depends on the count alone, decides the order of events whose
/// expectations are equal otherwise; count / L gives other bins and a statistic that differs by up to
/// 1 % from the reference tool's.
struct SymbolFrequencies {
    /// Occurrences of each symbol.
    let counts: [Int]
    /// Frequency of each symbol.
    let values: [Double]

    init(_ symbols: SymbolView, following reference: Reference) {
        var counts = [Int](repeating: 0, count: symbols.alphabetSize)
        for place in 0..<symbols.count { counts[Int(symbols.base[place])] += 1 }
        guard reference == .nistTool else {
            self.counts = counts
            values = counts.map { Double($0) / Double(symbols.count) }
            return
        }
        // All sums of up to the largest count lie on one way.
        var frequencies = [Double](repeating: 0, count: counts.count)
        let share = 1 / Double(symbols.count)
        var (reached, sum) = (0, 0.0)
        for symbol in counts.indices.sorted(by: { counts[$0] < counts[$1] }) {
            while reached < counts[symbol] {
                sum += share
                reached += 1
            }
            frequencies[symbol] = sum
        }
        self.counts = counts
        values = frequencies
    }
}
