// T6, uniform distribution, and T7, comparative test for transition probabilities (AIS 20/31 version
// 2.0, section 2.4.4.2).
// SPDX-License-Identifier: Apache-2.0

/// T6a: the share of ones among 100,000 bits.
package struct AIS31Uniformity: Sendable, Equatable, Encodable {
    /// Ones among 100,000 bits.
    package let ones: Int
    /// |ones / 100,000 - 1/2|, below ``AIS31/uniformityBound`` if passed.
    package var deviation: Double { abs(Double(ones) / Double(AIS31.transitionCount) - 0.5) }
    package var passed: Bool { deviation < AIS31.uniformityBound }
}

/// T6b: the share of ones that follow a zero against those that follow a one.
package struct AIS31TransitionShares: Sendable, Equatable, Encodable {
    /// Ones behind 100,000 zeros and behind 100,000 ones, in disjoint pairs of bits.
    package let onesAfterZero: Int
    package let onesAfterOne: Int
    /// |p(01) - p(11)|, below ``AIS31/transitionBound`` if passed.
    package var difference: Double {
        Double(abs(onesAfterZero - onesAfterOne)) / Double(AIS31.transitionCount)
    }
    package var passed: Bool { difference < AIS31.transitionBound }
}

/// T7: whether the next bit depends on the oldest of two (T7a) or three (T7b) bits before it.
package struct AIS31Homogeneity: Sendable, Equatable, Encodable {
    /// Ones among the 100,000 successors of each history, in the order of the histories as numbers, the
    /// oldest bit most significant.
    package let ones: [Int]
    /// For each history without its oldest bit, the chi-square statistic (one degree of freedom) of the
    /// successors of the two histories that differ in that bit; at most ``AIS31/homogeneityBound`` if
    /// passed.
    package let statistics: [Double]
    package var passed: Bool { statistics.allSatisfy { $0 <= AIS31.homogeneityBound } }

    init(ones: [Int]) {
        self.ones = ones
        let half = ones.count / 2
        statistics = (0..<half).map { Self.statistic(ones[$0], ones[half + $0]) }
    }

    /// (n0 - n0')^2 / (n0 + n0') + (n1 - n1')^2 / (n1 + n1'), where a class that is empty adds nothing.
    private static func statistic(_ ones: Int, _ others: Int) -> Double {
        let squared = Double((ones - others) * (ones - others))
        let (sumOfOnes, total) = (ones + others, 2 * AIS31.transitionCount)
        return (sumOfOnes > 0 ? squared / Double(sumOfOnes) : 0)
            + (sumOfOnes < total ? squared / Double(total - sumOfOnes) : 0)
    }
}

/// The successors of every history of some bits, from disjoint groups of bits.
struct TransitionCounter {
    /// Ones among the first 100,000 successors of each history.
    private(set) var ones: [Int]

    /// Takes groups of `width` (2...4) bits from `position` on, the last bit of each being the successor
    /// of the others, until every history has occurred 100,000 times; further groups of a history that is
    /// complete are skipped. `position` moves behind the last group. Nil if the bits end before.
    init?(_ bits: BitSequence, from position: inout Int, width: Int) {
        let histories = 1 << (width - 1)
        var left = [Int](repeating: AIS31.transitionCount, count: histories)
        ones = [Int](repeating: 0, count: histories)
        var open = histories
        while open > 0 {
            guard position + width <= bits.count else { return nil }
            let group = Int(truncatingIfNeeded: bits.bits(at: position, width))
            position += width
            let history = group >> 1
            guard left[history] > 0 else { continue }
            left[history] -= 1
            ones[history] += group & 1
            if left[history] == 0 { open -= 1 }
        }
    }
}
