// Expected statistic of the compression estimate and its inverse (SP 800-90B, section 6.3.4).
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The expectation E(p) = G(p) + 63 G((1 - p) / 63) of the mean log2 distance, if one of the 64
/// blocks has probability p and the others share the rest. E decreases in p.
struct CompressionModel {
    /// Probability of every block of an ideal sequence, where E has its maximum.
    static let uniform = 1.0 / 64

    private let blockCount: Int
    /// log2(u) at index u; filled as far as it has been needed.
    private var logarithms: [Double] = [0, 0]

    /// A model for `blockCount` blocks, those of the dictionary included.
    init(blockCount: Int) {
        self.blockCount = blockCount
    }

    /// log2 of a distance in blocks, at least 1.
    mutating func logarithm(of distance: Int) -> Double {
        fillLogarithms(through: distance)
        return logarithms[distance]
    }

    /// The p in (1/64, 1] with E(p) = `mean`, or nil if even the uniform distribution stays below.
    mutating func probability(expecting mean: Double) -> Double? {
        var low = Self.uniform
        guard expectation(low) > mean else { return nil }
        var high = 1.0
        // Step 7, bisection to neighbouring numbers.
        while true {
            let middle = low + (high - low) / 2
            if middle <= low || middle >= high { return middle }
            if expectation(middle) > mean { low = middle } else { high = middle }
        }
    }

    private mutating func expectation(_ probability: Double) -> Double {
        meanLogarithm(probability) + 63 * meanLogarithm((1 - probability) / 63)
    }

    /// G(z), summed over the distance u instead of over the blocks:
    /// 1/v sum_u log2(u) (1-z)^(u-1) (z^2 max(0, N - max(d, u)) + z [u > d]).
    private mutating func meanLogarithm(_ z: Double) -> Double {
        guard z > 0 else { return 0 }
        let dictionary = Specification.compressionDictionaryBlocks
        let last = lastSignificantDistance(z)
        fillLogarithms(through: last)
        let decay = 1 - z
        let (count, start) = (blockCount, blockCount - dictionary)
        return logarithms.withUnsafeBufferPointer { logarithms in
            var power = 1.0
            var near = 0.0
            for distance in stride(from: 1, through: min(last, dictionary), by: 1) {
                near += logarithms[distance] * power
                power *= decay
            }
            var far = 0.0
            for distance in stride(from: dictionary + 1, through: last, by: 1) {
                far += logarithms[distance] * power * (z * Double(count &- distance) + 1)
                power *= decay
            }
            return z * (z * Double(start) * near + far) / Double(start)
        }
    }

    /// Beyond this distance the powers are below 1e-40 and no longer change the sum.
    private func lastSignificantDistance(_ z: Double) -> Int {
        let reach = z < 1 ? -92.2 / log1p(-z) + 2 : 2  // ln 1e-40 = -92.1
        return reach < Double(blockCount) ? Int(reach) : blockCount
    }

    private mutating func fillLogarithms(through last: Int) {
        while logarithms.count <= last { logarithms.append(log2(Double(logarithms.count))) }
    }
}
