// Serial and approximate entropy tests (SP 800-22 rev. 1a, sections 2.11 and 2.12).
// SPDX-License-Identifier: Apache-2.0

internal import Assessment
internal import Glibc

extension SP80022 {
    /// Frequencies of the cyclic windows of all widths up to the one they were counted with.
    struct Patterns {
        /// Sums of the squared frequencies by width; 0 bits have one window, n times.
        private(set) var squares: [Double]
        /// Sums of f ln f by width.
        private(set) var logarithms: [Double]
        private let count: Double

        /// `counts` has room for 2^width values and is used up. `withLogarithms` are the widths for
        /// which `logarithms` is wanted.
        init(
            _ bits: Bits,
            width: Int,
            withLogarithms: ClosedRange<Int>?,
            counts: UnsafeMutablePointer<UInt32>
        ) {
            count = Double(bits.count)
            squares = [Double](repeating: 0, count: width + 1)
            logarithms = squares
            counts.update(repeating: 0, count: 1 << width)
            countWindows(bits, 0..<bits.count, width: width, into: counts)
            for size in (0...width).reversed() {
                if size < width {
                    // Both windows that begin with the same shorter one.
                    for index in 0..<1 << size {
                        counts[index] = counts[2 &* index] &+ counts[2 &* index &+ 1]
                    }
                }
                var sum: UInt64 = 0
                for index in 0..<1 << size {
                    let frequency = UInt64(counts[index])
                    sum &+= frequency &* frequency
                }
                squares[size] = Double(sum)
                guard let withLogarithms, withLogarithms.contains(size) else { continue }
                var logarithm = 0.0
                for index in 0..<1 << size where counts[index] > 0 {
                    let frequency = Double(counts[index])
                    logarithm += frequency * log(frequency / count)
                }
                logarithms[size] = logarithm
            }
        }

        /// psi^2 of section 2.11.4 (3); 0 for no bits.
        private func psiSquare(_ width: Int) -> Double {
            exp2(Double(width)) / count * squares[width] - count
        }

        /// Section 2.11: two P-values.
        func serial(length: Int) -> [Double] {
            let longest = psiSquare(length)
            let middle = psiSquare(length - 1)
            let first = longest - middle
            let second = longest - 2 * middle + psiSquare(length - 2)
            return [
                upperIncompleteGamma(exp2(Double(length - 2)), first / 2),
                upperIncompleteGamma(exp2(Double(length - 3)), second / 2),
            ]
        }

        /// Section 2.12.
        func approximateEntropy(length: Int) -> Double {
            let entropy = (logarithms[length] - logarithms[length + 1]) / count
            let statistic = 2 * count * (log(2) - entropy)
            return upperIncompleteGamma(exp2(Double(length - 1)), statistic / 2)
        }
    }
}
