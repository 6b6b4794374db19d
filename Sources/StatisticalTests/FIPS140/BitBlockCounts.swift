// What is counted in a block of 20,000 bits (FIPS 140-2, section 4.9.1; AIS 31, T1 to T3).
// SPDX-License-Identifier: Apache-2.0

/// Counts of one block of 20,000 bits; bounds are the business of the test that judges them.
package struct BitBlockCounts: Sendable, Equatable, Encodable {
    /// Number of ones (monobit).
    package let ones: Int
    /// Sum of f(i)^2, where f(i) of the 5,000 groups of four bits have the value i (poker).
    package let pokerSquares: Int
    package let runsOfZeros: RunCounts
    package let runsOfOnes: RunCounts

    package init(ones: Int, pokerSquares: Int, runsOfZeros: RunCounts, runsOfOnes: RunCounts) {
        self.ones = ones
        self.pokerSquares = pokerSquares
        self.runsOfZeros = runsOfZeros
        self.runsOfOnes = runsOfOnes
    }

    /// The poker statistic, 16/5000 sum f(i)^2 - 5000: 0 if all values are equally frequent.
    package var poker: Double { 16.0 / 5000 * Double(pokerSquares) - 5000 }
}

/// Numbers of maximal runs of one bit value, by length in bits.
package struct RunCounts: Sendable, Equatable, Encodable {
    package let length1: Int
    package let length2: Int
    package let length3: Int
    package let length4: Int
    package let length5: Int
    package let length6OrMore: Int

    package init(
        length1: Int,
        length2: Int,
        length3: Int,
        length4: Int,
        length5: Int,
        length6OrMore: Int
    ) {
        self.length1 = length1
        self.length2 = length2
        self.length3 = length3
        self.length4 = length4
        self.length5 = length5
        self.length6OrMore = length6OrMore
    }

    /// Whether every number lies within its bounds, which belong to both bit values.
    @inline(__always)
    package func isWithin(_ bounds: RunBounds) -> Bool {
        bounds.length1.contains(length1) && bounds.length2.contains(length2)
            && bounds.length3.contains(length3) && bounds.length4.contains(length4)
            && bounds.length5.contains(length5) && bounds.length6OrMore.contains(length6OrMore)
    }

    /// The six numbers, shortest runs first.
    package var all: [Int] { [length1, length2, length3, length4, length5, length6OrMore] }
}

/// Numbers of runs of one bit value that a runs test accepts, both ends included.
package struct RunBounds: Sendable {
    package let length1: ClosedRange<Int>
    package let length2: ClosedRange<Int>
    package let length3: ClosedRange<Int>
    package let length4: ClosedRange<Int>
    package let length5: ClosedRange<Int>
    package let length6OrMore: ClosedRange<Int>
}
