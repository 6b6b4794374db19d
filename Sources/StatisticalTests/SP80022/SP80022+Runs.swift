// Runs tests (SP 800-22 rev. 1a, sections 2.3 and 2.4).
// SPDX-License-Identifier: Apache-2.0

internal import Assessment
internal import Glibc

extension SP80022 {
    /// Section 2.3: the number of runs. 0 where the share of ones already differs from 1/2 by more
    /// than tau = 2 / sqrt(n), as the frequency test has failed then.
    static func runs(_ bits: Bits, ones: Int) -> Double {
        let count = Double(bits.count)
        let share = Double(ones) / count
        guard abs(share - 0.5) <= 2 / count.squareRoot() else { return 0 }
        // A run ends wherever a bit differs from the next.
        let pairs = bits.count - 1
        var changes = 0
        var position = 0
        while position &+ 64 <= pairs {
            let window = bits.window(at: position)
            changes &+= (window ^ bits.window(at: position &+ 1)).nonzeroBitCount
            position &+= 64
        }
        if position < pairs {
            let both = bits.window(at: position) ^ bits.window(at: position &+ 1)
            changes &+= (both &>> UInt64(64 &- (pairs &- position))).nonzeroBitCount
        }
        let product = share * (1 - share)
        let distance = abs(Double(changes + 1) - 2 * count * product)
        return erfc(distance / (2 * (2 * count).squareRoot() * product))
    }

    /// Section 2.4: the longest run of ones in each block.
    static func longestRun(_ bits: Bits, table: UnsafePointer<ByteRuns>) -> Double {
        let model = LongestRunModel(count: bits.count)
        let bytes = model.blockLength / 8
        let blocks = bits.count / model.blockLength
        var classes = [Int](repeating: 0, count: model.probabilities.count)
        for block in 0..<blocks {
            var longest = 0
            var current = 0
            for index in block &* bytes..<(block &+ 1) &* bytes {
                let value = bits.byte(index)
                if value == 0xff {
                    current &+= 8
                } else {
                    let runs = table[value]
                    longest = max(longest, current &+ Int(runs.leading), Int(runs.longest))
                    current = Int(runs.trailing)
                }
            }
            longest = max(longest, current) - model.shortest
            classes[min(max(longest, 0), classes.count - 1)] += 1
        }
        let statistic = chiSquare(classes, probabilities: model.probabilities, trials: blocks)
        return upperIncompleteGamma(Double(classes.count - 1) / 2, statistic / 2)
    }

    /// Runs of ones in a byte, read from the top.
    struct ByteRuns {
        var leading: UInt8
        var trailing: UInt8
        var longest: UInt8

        init(_ byte: UInt8) {
            leading = UInt8((~byte).leadingZeroBitCount)
            trailing = UInt8((~byte).trailingZeroBitCount)
            longest = 0
            var rest = byte
            while rest != 0 {
                longest += 1
                rest &= rest << 1
            }
        }
    }

    /// Block length and classes by the length of the stream (sections 2.4.2 and 2.4.4).
    struct LongestRunModel {
        /// M, bits.
        let blockLength: Int
        /// The first class holds this length and shorter ones, the last class all longer ones.
        let shortest: Int
        let probabilities: [Double]

        init(count: Int) {
            if count < 6_272 {
                (blockLength, shortest) = (8, 1)
                probabilities = Self.exact(blockLength: 8, lengths: 1...4)
            } else if count < 750_000 {
                (blockLength, shortest) = (128, 4)
                probabilities = Self.exact(blockLength: 128, lengths: 4...9)
            } else {
                (blockLength, shortest) = (10_000, 10)
                // Section 3.4: four digits, as the reference program has them. Exact ones would
                // give other P-values.
                probabilities = [0.0882, 0.2092, 0.2483, 0.1933, 0.1208, 0.0675, 0.0727]
            }
        }

        /// Probabilities of the classes <= first, ..., >= last. The longest run of n bits is at most r
        /// with q(n) = sum over i = 1...r+1 of 2^-i q(n-i), by the place of the first zero, q(n) = 1
        /// for n <= r. Section 3.4 has them with four digits, but the example of 2.4.8 with all.
        static func exact(blockLength: Int, lengths: ClosedRange<Int>) -> [Double] {
            var below = 0.0
            var result: [Double] = []
            for length in lengths.dropLast() {
                var atMost = [Double](repeating: 1, count: blockLength + 1)
                for size in length + 1...blockLength {
                    atMost[size] = (1...length + 1).reduce(0) {
                        $0 + atMost[size - $1] / Double(1 << $1)
                    }
                }
                result.append(atMost[blockLength] - below)
                below = atMost[blockLength]
            }
            return result + [1 - below]
        }
    }
}
