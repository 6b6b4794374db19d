// Binary matrix rank test (SP 800-22 rev. 1a, section 2.5).
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

extension SP80022 {
    /// Section 2.5: ranks of disjoint 32 x 32 matrices over GF(2), in classes 32, 31, and less.
    static func rank(_ bits: Bits) -> Double {
        let matrices = bits.count / 1024
        var classes = [0, 0, 0]
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 32) { rows in
            for matrix in 0..<matrices {
                for index in 0..<16 {
                    let word = bits.words[matrix &* 16 &+ index]
                    rows[2 &* index] = UInt32(truncatingIfNeeded: word &>> 32)
                    rows[2 &* index &+ 1] = UInt32(truncatingIfNeeded: word)
                }
                classes[min(32 - rank32(rows), 2)] += 1
            }
        }
        let full = rankProbability(32)
        let one = rankProbability(31)
        let statistic = chiSquare(
            classes,
            probabilities: [full, one, 1 - full - one],
            trials: matrices
        )
        return exp(-statistic / 2)
    }

    /// Rank of 32 rows of 32 bits, which are used up.
    private static func rank32(_ rows: UnsafeMutableBufferPointer<UInt32>) -> Int {
        let base = rows.baseAddress.unsafelyUnwrapped
        var rank = 0
        for index in 0..<32 {
            let pivot = base[index]
            if pivot == 0 { continue }
            rank &+= 1
            let lowest = pivot & (0 &- pivot)
            for other in index &+ 1..<32 {
                let row = base[other]
                base[other] = row ^ (row & lowest == 0 ? 0 : pivot)
            }
        }
        return rank
    }

    /// Probability of rank r of a random 32 x 32 matrix (section 3.5).
    private static func rankProbability(_ r: Int) -> Double {
        var product = exp2(Double(r * (64 - r) - 1024))
        for i in 0..<r {
            let factor = 1 - exp2(Double(i - 32))
            product *= factor * factor / (1 - exp2(Double(i - r)))
        }
        return product
    }
}
