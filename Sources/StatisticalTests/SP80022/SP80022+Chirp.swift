// Bluestein's transform: a Fourier transform of any length as a convolution of a convenient length.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

extension SP80022.Spectrum {
    /// The chirp c_k = exp(-pi i k^2 / N) for N points and the transform of its conjugate. As
    /// j k = (j^2 + k^2 - (j - k)^2) / 2, Z_j = c_j sum over k of (z_k c_k) conj c_(j-k).
    /// Bluestein, IEEE Trans. Audio Electroacoust. 18 (1970), 451-455.
    struct Chirp {
        private let points: Int
        private let length: Int
        private let factors: UnsafeMutablePointer<Point>
        /// Transform of the conjugate chirp, divided by the length.
        private let kernel: UnsafeMutablePointer<Point>

        /// `length`, that of the `plan`, must be at least 2 * points - 1.
        init(points: Int, length: Int, plan: UnsafeMutableRawPointer) {
            self.points = points
            self.length = length
            factors = .allocate(capacity: points)
            kernel = .allocate(capacity: length)
            let conjugate = UnsafeMutablePointer<Point>.allocate(capacity: length)
            defer { conjugate.deallocate() }
            conjugate.initialize(repeating: Point(), count: length)
            // k^2 modulo 2 N, as an integer: the angle stays exact.
            var square = 0
            for k in 0..<points {
                let factor = SP80022.Spectrum.root(square, of: 2 * points)
                factors[k] = factor
                let value = Point(factor.x, -factor.y) / Double(length)
                conjugate[k] = value
                if k > 0 { conjugate[length - k] = value }
                square = (square + 2 * k + 1) % (2 * points)
            }
            SP80022.Spectrum.transform(plan, conjugate, kernel)
        }

        func deallocate() {
            factors.deallocate()
            kernel.deallocate()
        }

        /// Transforms the first points of `input` to the first of `output`; both have `length`
        /// points, and what `input` holds is lost.
        func convolve(
            _ input: UnsafeMutablePointer<Point>,
            _ output: UnsafeMutablePointer<Point>,
            _ plan: UnsafeMutableRawPointer
        ) {
            for k in 0..<points { input[k] = SP80022.Spectrum.product(input[k], factors[k]) }
            for k in points..<length { input[k] = Point() }
            SP80022.Spectrum.transform(plan, input, output)
            // The inverse transform of y is the conjugate of the transform of conj y.
            for k in 0..<length {
                let value = SP80022.Spectrum.product(output[k], kernel[k])
                input[k] = Point(value.x, -value.y)
            }
            SP80022.Spectrum.transform(plan, input, output)
            for k in 0..<points {
                let value = Point(output[k].x, -output[k].y)
                output[k] = SP80022.Spectrum.product(value, factors[k])
            }
        }
    }
}
