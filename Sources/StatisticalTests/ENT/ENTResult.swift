// What ENT 1.2 tells about a sequence of bytes or bits.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// The statistics of ENT. What is undefined for the sequence is nil, never a number.
package struct ENTResult: Sendable, Equatable, Encodable {
    package enum Unit: String, Sendable, Encodable {
        case byte, bit
    }

    /// What was counted.
    package let unit: Unit
    /// Number of bytes or bits.
    package let count: Int
    /// How often each value occurs; 256 numbers for bytes, two for bits.
    package let occurrences: [Int]
    /// Shannon entropy of the occurrences, in bits per byte or bit; 0 for an empty sequence.
    package let entropy: Double
    /// By how many percent an optimum code for single bytes or bits would shorten the sequence, rounded
    /// down; 100 for an empty sequence.
    package let compressionPercent: Int
    /// Chi-square statistic of the occurrences against equal ones; nil for an empty sequence.
    package let chiSquare: Double?
    /// Probability that a uniform sequence exceeds ``chiSquare``.
    package let chiSquareProbability: Double?
    /// Arithmetic mean of the values; nil for an empty sequence.
    package let mean: Double?
    /// Estimate of pi from points in a square; nil for fewer than six bytes.
    package let monteCarloPi: Double?
    /// Error of ``monteCarloPi`` in percent of pi.
    package let monteCarloErrorPercent: Double?
    /// Correlation of each value with the next, -1...1; nil if all values are equal.
    package let serialCorrelation: Double?

    /// Evaluates sums: `products` of neighbours, the last and the first included, and `squares`.
    init(unit: Unit, counts: [Int], products: Int, squares: Int, points: MonteCarloPoints) {
        self.unit = unit
        occurrences = counts
        count = counts.reduce(0, +)
        let total = Double(count)
        let width = unit == .byte ? 8.0 : 1.0

        var entropy = 0.0
        for number in counts where number > 0 {
            let share = Double(number) / total
            entropy += share * (log10(1 / share) * bitsPerDecimal)
        }
        self.entropy = entropy
        compressionPercent = Int(100 * (width - entropy) / width)

        // Small whole numbers of values, so that all sums of them are exact in doubles, too.
        let sum = counts.enumerated().reduce(0) { $0 + $1.offset * $1.element }
        if count > 0 {
            let expected = total / Double(counts.count)
            var chiSquare = 0.0
            for number in counts {
                let difference = Double(number) - expected
                chiSquare += difference * difference / expected
            }
            self.chiSquare = chiSquare
            chiSquareProbability = chiSquareTail(chiSquare, degrees: counts.count - 1)
            mean = Double(sum) / total
        } else {
            (chiSquare, chiSquareProbability, mean) = (nil, nil, nil)
        }

        if points.thrown > 0 {
            let pi = 4 * (Double(points.inside) / Double(points.thrown))
            monteCarloPi = pi
            monteCarloErrorPercent = 100 * (abs(Double.pi - pi) / Double.pi)
        } else {
            (monteCarloPi, monteCarloErrorPercent) = (nil, nil)
        }

        // Knuth, The Art of Computer Programming, volume 2, 3.3.2 K.
        let squaredSum = Double(sum) * Double(sum)
        let variance = total * Double(squares) - squaredSum
        serialCorrelation =
            variance == 0 ? nil : (total * Double(products) - squaredSum) / variance
    }
}

/// log2(10), with which ENT turns decimal logarithms into bits.
private let bitsPerDecimal = 3.321_928_094_887_362_347_87
