// Discrete Fourier transforms of the spectral test (SP 800-22 rev. 1a, section 2.6), for any length.
// SPDX-License-Identifier: Apache-2.0

internal import CKissFFT
internal import Glibc

extension SP80022 {
    /// Transforms streams of a fixed number of bits. The cost is of order n log n whatever the
    /// factors of n.
    struct Spectrum: ~Copyable {
        typealias Point = SIMD2<Double>

        /// n, bits.
        private let count: Int
        /// Length of the complex transform: two bits a point if n is even.
        private let points: Int
        /// Length of the transforms that are really made.
        private let length: Int
        private let plan: UnsafeMutableRawPointer
        private let input: UnsafeMutablePointer<Point>
        private let output: UnsafeMutablePointer<Point>
        private let chirp: Chirp?

        /// Nil without memory.
        init?(count: Int) {
            self.count = count
            points = count % 2 == 0 ? count / 2 : count
            let isDirect = Self.smoothLength(atLeast: points) == points
            length = isDirect ? points : Self.smoothLength(atLeast: 2 * points - 1)
            guard let plan = ws_fft_new(length) else { return nil }
            self.plan = plan
            input = .allocate(capacity: length)
            output = .allocate(capacity: length)
            chirp = isDirect ? nil : Chirp(points: points, length: length, plan: plan)
        }

        deinit {
            ws_fft_free(plan)
            input.deallocate()
            output.deallocate()
            chirp?.deallocate()
        }

        /// How many of |X_j|^2, j = 0...n/2 - 1, are below `limit`; bits count as -1 and +1.
        mutating func countPeaks(_ bits: Bits, below limit: Double) -> Int {
            load(bits)
            if let chirp {
                chirp.convolve(input, output, plan)
            } else {
                Self.transform(plan, input, output)
            }
            return count % 2 == 0 ? countPairs(limit) : countSingles(limit)
        }

        private func load(_ bits: Bits) {
            let isEven = count % 2 == 0
            for index in 0..<points {
                if isEven {
                    let word = bits.words[index &>> 5]
                    let offset = UInt64(truncatingIfNeeded: 2 &* (index & 31))
                    let pair = SIMD2(~word &<< offset, ~word &<< (offset &+ 1))
                    let one = SIMD2<UInt64>(repeating: 1.0.bitPattern)
                    let sign = SIMD2<UInt64>(repeating: 1 << 63)
                    input[index] = unsafeBitCast(pair & sign | one, to: Point.self)
                } else {
                    input[index] = Point(Double(2 &* bits.bit(index) &- 1), 0)
                }
            }
        }

        private func countSingles(_ limit: Double) -> Int {
            var below = 0
            for index in 0..<count / 2 {
                let square = output[index] * output[index]
                if square.x + square.y < limit { below &+= 1 }
            }
            return below
        }

        /// Splits the transform Z of h = n/2 points: with A = Z_j + conj Z_(h-j) and
        /// B = -i (Z_j - conj Z_(h-j)), 2 X_j = A + w^j B and 2 |X_(h-j)| = |A - w^j B|,
        /// w = exp(-2 pi i / n).
        private func countPairs(_ limit: Double) -> Int {
            var below = 0
            let constant = output[0].x + output[0].y
            if constant * constant < limit { below &+= 1 }
            if points % 2 == 0, points > 1 {
                let square = output[points / 2] * output[points / 2]
                if square.x + square.y < limit { below &+= 1 }
            }
            // w^j is the product of a coarse and of a fine power: no table of n points.
            let fine = (0..<Self.fineCount).map { Self.root($0, of: count) }
            let last = (points - 1) / 2
            let limit = 4 * limit
            fine.withUnsafeBufferPointer { fine in
                for start in stride(from: 0, through: last, by: Self.fineCount) {
                    let coarse = Self.root(start, of: count)
                    for index in max(start, 1)..<min(start &+ Self.fineCount, last &+ 1) {
                        let power = Self.product(coarse, fine[index &- start])
                        let front = output[index]
                        let back = output[points &- index]
                        let a = Point(front.x + back.x, front.y - back.y)
                        let b = Point(front.y + back.y, back.x - front.x)
                        let turned = Self.product(power, b)
                        let squares = a * a + turned * turned
                        let cross = a * turned
                        let sum = squares.x + squares.y
                        let mixed = 2 * (cross.x + cross.y)
                        below &+= (sum + mixed < limit ? 1 : 0) &+ (sum - mixed < limit ? 1 : 0)
                    }
                }
            }
            return below
        }

        private static let fineCount = 512

        /// exp(-2 pi i k / n), 0 <= k < n.
        static func root(_ k: Int, of n: Int) -> Point {
            let angle = -2 * Double.pi * (Double(k) / Double(n))
            return Point(cos(angle), sin(angle))
        }

        @inline(__always)
        static func product(_ a: Point, _ b: Point) -> Point {
            Point(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x)
        }

        static func transform(
            _ plan: UnsafeMutableRawPointer,
            _ input: UnsafeMutablePointer<Point>,
            _ output: UnsafeMutablePointer<Point>
        ) {
            ws_fft_transform(
                plan,
                UnsafeRawPointer(input).assumingMemoryBound(to: Double.self),
                UnsafeMutableRawPointer(output).assumingMemoryBound(to: Double.self)
            )
        }

        /// The smallest 2^a 3^b 5^c that is at least `minimum`.
        static func smoothLength(atLeast minimum: Int) -> Int {
            var best = Int.max
            var fives = 1
            while fives < best {
                var threes = fives
                while threes < best {
                    var value = threes
                    while value < minimum { value *= 2 }
                    best = min(best, value)
                    threes *= 3
                }
                fives *= 5
            }
            return best
        }
    }
}
