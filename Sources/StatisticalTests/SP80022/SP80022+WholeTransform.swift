// A Fourier transform of any length in one piece.
// SPDX-License-Identifier: Apache-2.0

internal import CKissFFT

extension SP80022.Spectrum {
    /// The spectrum of any number n of bits: for an even one as that of n/2 points of two bits each.
    struct WholeTransform {
        /// n, bits.
        private let count: Int
        private let points: Int
        /// Length of the transforms that are really made.
        private let length: Int
        private let plan: UnsafeMutableRawPointer
        private let input: UnsafeMutablePointer<Point>
        private let output: UnsafeMutablePointer<Point>
        /// Nil if the number of points is convenient itself.
        private let chirp: Chirp?

        /// Nil without memory.
        init?(count: Int) {
            self.count = count
            points = count % 2 == 0 ? count / 2 : count
            let isDirect = SP80022.Spectrum.smoothLength(atLeast: points) == points
            length =
                isDirect
                ? points : SP80022.Spectrum.smoothLength(atLeast: 2 * points - 1)
            guard let plan = ws_fft_new(length) else { return nil }
            self.plan = plan
            input = .allocate(capacity: length)
            output = .allocate(capacity: length)
            chirp = isDirect ? nil : Chirp(points: points, length: length, plan: plan)
        }

        func deallocate() {
            ws_fft_free(plan)
            input.deallocate()
            output.deallocate()
            chirp?.deallocate()
        }

        /// How many of |X_j|^2, j = 0...n/2 - 1, are below `limit`; bits count as -1 and +1.
        func countPeaks(_ bits: SP80022.Bits, below limit: Double) -> Int {
            let isEven = count % 2 == 0
            for index in 0..<points {
                input[index] =
                    isEven
                    ? SP80022.Spectrum.point(~bits.words[index &>> 5], index & 31)
                    : Point(Double(2 &* bits.bit(index) &- 1), 0)
            }
            if let chirp {
                chirp.convolve(input, output, plan)
            } else {
                SP80022.Spectrum.transform(plan, input, output)
            }
            return isEven ? countPairs(4 * limit) : countSingles(limit)
        }

        private func countSingles(_ limit: Double) -> Int {
            var below = 0
            for index in 0..<count / 2 {
                let square = output[index] * output[index]
                if square.x + square.y < limit { below &+= 1 }
            }
            return below
        }

        private func countPairs(_ limit: Double) -> Int {
            var below = 0
            for index in 0..<points {
                let squares = SP80022.Spectrum.squares(
                    output[index],
                    output[index == 0 ? 0 : points &- index],
                    SP80022.Spectrum.root(index, of: count)
                )
                if squares.x < limit { below &+= 1 }
            }
            return below
        }
    }
}
