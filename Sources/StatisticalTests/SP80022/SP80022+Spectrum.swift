// Discrete Fourier transforms of the spectral test (SP 800-22 rev. 1a, section 2.6), for any length.
// SPDX-License-Identifier: Apache-2.0

internal import CKissFFT
internal import Glibc

extension SP80022 {
    /// Transforms streams of a fixed number of bits. The cost is of order n log n whatever the
    /// factors of n.
    struct Spectrum: ~Copyable {
        typealias Point = SIMD2<Double>

        /// For an even number of bits without prime factors above 5, the usual case.
        private let split: SplitTransform?
        /// For all other numbers.
        private let whole: WholeTransform?

        /// Nil without memory.
        init?(count: Int) {
            let points = count / 2
            let canSplit = count % 2 == 0 && Self.smoothLength(atLeast: points) == points
            split = canSplit ? SplitTransform(points: points) : nil
            whole = split == nil ? WholeTransform(count: count) : nil
            if split == nil, whole == nil { return nil }
        }

        deinit {
            split?.deallocate()
            whole?.deallocate()
        }

        /// How many of |X_j|^2, j = 0...n/2 - 1, are below `limit`; bits count as -1 and +1.
        mutating func countPeaks(_ bits: Bits, below limit: Double) -> Int {
            split?.countPeaks(bits, below: limit) ?? whole?.countPeaks(bits, below: limit) ?? 0
        }

        /// Bits 2 `index` and 2 `index` + 1 of a window, counted from the top, as a point. The window
        /// is complemented: a one gives the sign.
        @inline(__always)
        static func point(_ complement: UInt64, _ index: Int) -> Point {
            let offset = UInt64(truncatingIfNeeded: 2 &* index)
            let pair = SIMD2(complement &<< offset, complement &<< (offset &+ 1))
            let one = SIMD2<UInt64>(repeating: 1.0.bitPattern)
            return unsafeBitCast(pair & SIMD2(repeating: 1 << 63) | one, to: Point.self)
        }

        /// 4 |X_j|^2 and 4 |X_(h-j)|^2 of n bits from Z_j and Z_(h-j), the transform of h = n/2
        /// points of two bits, and `power` = exp(-2 pi i j / n): with A = Z_j + conj Z_(h-j) and
        /// B = -i (Z_j - conj Z_(h-j)) they are |A + power B|^2 and |A - power B|^2. For j = 0 take
        /// Z_0 twice.
        @inline(__always)
        static func squares(_ front: Point, _ back: Point, _ power: Point) -> Point {
            let a = Point(front.x + back.x, front.y - back.y)
            let b = product(power, Point(front.y + back.y, back.x - front.x))
            let squares = a * a + b * b
            let cross = a * b
            let sum = squares.x + squares.y
            let mixed = 2 * (cross.x + cross.y)
            return Point(sum + mixed, sum - mixed)
        }

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
