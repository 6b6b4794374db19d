// Maurer's universal statistical test (SP 800-22 rev. 1a, section 2.9).
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

extension SP80022 {
    /// A block length of the universal test (section 2.9.4 (5); stream lengths of 2.9.7).
    struct UniversalModel {
        /// L, bits.
        let blockLength: Int
        /// Shortest stream in bits for this L.
        let bitsNeeded: Int
        /// Mean and variance of the statistic.
        let mean: Double
        let variance: Double

        /// The model for a stream of `count` bits; the shortest stream is that of the first.
        static func model(count: Int) -> Self? { all.last { $0.bitsNeeded <= count } }

        static let bitsNeeded = all[0].bitsNeeded

        /// Mean and variance by L = 6...16.
        private static let all = [
            Self(6, 5.2177052, 2.954), Self(7, 6.1962507, 3.125), Self(8, 7.1836656, 3.238),
            Self(9, 8.1764248, 3.311), Self(10, 9.1723243, 3.356), Self(11, 10.170032, 3.384),
            Self(12, 11.168765, 3.401), Self(13, 12.168070, 3.410), Self(14, 13.167693, 3.416),
            Self(15, 14.167488, 3.419), Self(16, 15.167379, 3.421),
        ]

        private init(_ blockLength: Int, _ mean: Double, _ variance: Double) {
            self.blockLength = blockLength
            // 10 * 2^L blocks to begin with and 1000 * 2^L to test: the table's 387,840 for L = 6.
            bitsNeeded = 1010 * (1 << blockLength) * blockLength
            self.mean = mean
            self.variance = variance
        }
    }

    /// Section 2.9: the mean logarithm of the distance to the last block of the same value.
    static func universal(_ bits: Bits, model: UniversalModel) -> Double {
        let length = model.blockLength
        let initial = 10 << length
        let blocks = bits.count / length
        let tested = blocks - initial
        let shift = UInt64(64 - length)
        var sum = 0.0
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: 1 << length) { last in
            last.update(repeating: 0)
            // Blocks count from 1. A value that was never seen counts from 0.
            for block in 1...initial {
                last[value(block)] = Int32(truncatingIfNeeded: block)
            }
            // One logarithm for many distances: their product, before it overflows.
            var product = 1.0
            for block in initial + 1...blocks {
                let index = value(block)
                let position = Int32(truncatingIfNeeded: block)
                product *= Double(position &- last[index])
                last[index] = position
                if product > productLimit {
                    sum += log2(product)
                    product = 1
                }
            }
            sum += log2(product)

            @inline(__always)
            func value(_ block: Int) -> Int {
                Int(truncatingIfNeeded: bits.window(at: (block &- 1) &* length) &>> shift)
            }
        }
        let size = Double(length)
        let count = Double(tested)
        let factor = 0.7 - 0.8 / size + (4 + 32 / size) * pow(count, -3 / size) / 15
        let deviation = factor * (model.variance / count).squareRoot()
        return erfc(abs(sum / count - model.mean) / (2.0.squareRoot() * deviation))
    }

    /// A distance is below 2^31, so that one more factor stays below 2^1024.
    private static let productLimit = 0x1p990
}
