// Frequency tests (SP 800-22 rev. 1a, sections 2.1 and 2.2).
// SPDX-License-Identifier: Apache-2.0

internal import Assessment
internal import Glibc

extension SP80022 {
    /// Section 2.1: as many ones as zeros?
    static func frequency(ones: Int, count: Int) -> Double {
        let sum = Double(2 * ones - count)
        return erfc(abs(sum) / (2 * Double(count)).squareRoot())
    }

    /// Section 2.2: the same in each block of `blockLength` bits; bits behind the last whole block
    /// do not count. With d the ones minus the zeros of a block, half the statistic is
    /// sum d^2 / (2 M): a sum of integers.
    static func blockFrequency(_ bits: Bits, blockLength: Int) -> Double {
        let blocks = bits.count / blockLength
        var squares = 0.0
        for block in 0..<blocks {
            let ones = bits.ones(from: block &* blockLength, length: blockLength)
            let difference = Double(2 &* ones &- blockLength)
            squares += difference * difference
        }
        return upperIncompleteGamma(Double(blocks) / 2, squares / Double(2 * blockLength))
    }
}
