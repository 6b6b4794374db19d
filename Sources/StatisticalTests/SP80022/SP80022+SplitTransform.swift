// A Fourier transform in two passes of short transforms, which stay in the processor's cache.
// SPDX-License-Identifier: Apache-2.0

internal import CKissFFT

extension SP80022.Spectrum {
    /// The spectrum of an even number n of bits as that of h = n/2 = A B points Z, two bits each: with
    /// point a B + c at row a and column c, transforms of all columns, then of all rows, give Z_j at
    /// row j mod A and column j / A. Bailey, FFTs in external or hierarchical memory, 1990.
    /// Rows k and A - k together hold all that the peaks with their indices need, so that the second
    /// pass stores nothing.
    struct SplitTransform {
        private let rows: Int
        private let columns: Int
        private let columnPlan: UnsafeMutableRawPointer
        private let rowPlan: UnsafeMutableRawPointer
        /// The points after the first pass, row by row.
        private let matrix: UnsafeMutablePointer<Point>
        /// A few columns, or two rows, before and after a short transform.
        private let buffer: UnsafeMutablePointer<Point>
        /// exp(-2 pi i k / h) for k < 1024 and for the multiples of 1024.
        private let fine: UnsafeMutablePointer<Point>
        private let coarse: UnsafeMutablePointer<Point>
        /// exp(-2 pi i A k / n) for each column k.
        private let turns: UnsafeMutablePointer<Point>

        private static let fineBits = 10
        /// Columns of a group: as many points as there are in a cache line of 64 bytes.
        private static let group = 4

        /// Nil where `points`, which must have no prime factor above 5, is prime or 1, or without
        /// memory.
        init?(points: Int) {
            var rows = 1
            for factor in 2...max(2, Int(Double(points).squareRoot())) {
                if points % factor == 0 { rows = factor }
            }
            guard rows > 1, let columnPlan = ws_fft_new(rows) else { return nil }
            guard let rowPlan = ws_fft_new(points / rows) else {
                ws_fft_free(columnPlan)
                return nil
            }
            self.rows = rows
            columns = points / rows
            self.columnPlan = columnPlan
            self.rowPlan = rowPlan
            matrix = .allocate(capacity: points)
            buffer = .allocate(capacity: max((Self.group + 1) * rows, 2 * columns))
            let fineCount = 1 << Self.fineBits
            fine = .allocate(capacity: fineCount)
            for k in 0..<fineCount { fine[k] = SP80022.Spectrum.root(k, of: points) }
            let coarseCount = points / fineCount + 1
            coarse = .allocate(capacity: coarseCount)
            for k in 0..<coarseCount {
                coarse[k] = SP80022.Spectrum.root(k * fineCount, of: points)
            }
            turns = .allocate(capacity: columns)
            for k in 0..<columns { turns[k] = SP80022.Spectrum.root(rows * k, of: 2 * points) }
        }

        func deallocate() {
            ws_fft_free(columnPlan)
            ws_fft_free(rowPlan)
            matrix.deallocate()
            buffer.deallocate()
            fine.deallocate()
            coarse.deallocate()
            turns.deallocate()
        }

        /// How many of |X_j|^2, j = 0...n/2 - 1, are below `limit`; bits count as -1 and +1.
        func countPeaks(_ bits: SP80022.Bits, below limit: Double) -> Int {
            for column in stride(from: 0, to: columns, by: Self.group) {
                transformColumns(bits, column..<min(column + Self.group, columns))
            }
            var below = 0
            for row in 0...rows / 2 {
                let mirror = row == 0 ? 0 : rows - row
                let front = buffer
                let back = row == mirror ? buffer : buffer + columns
                SP80022.Spectrum.transform(rowPlan, matrix + row * columns, front)
                if row != mirror {
                    SP80022.Spectrum.transform(rowPlan, matrix + mirror * columns, back)
                }
                below += countRow(row, front, back, 4 * limit)
            }
            return below
        }

        private func transformColumns(_ bits: SP80022.Bits, _ range: Range<Int>) {
            let output = buffer + Self.group * rows
            for row in 0..<rows {
                let first = row &* columns &+ range.lowerBound
                let window = ~bits.window(at: 2 &* first)
                for index in 0..<range.count {
                    buffer[index &* rows &+ row] = SP80022.Spectrum.point(window, index)
                }
            }
            for column in range {
                let input = buffer + (column &- range.lowerBound) &* rows
                SP80022.Spectrum.transform(columnPlan, input, output)
                var power = 0
                for row in 0..<rows {
                    let factor = SP80022.Spectrum.product(
                        coarse[power &>> Self.fineBits],
                        fine[power & (1 &<< Self.fineBits &- 1)]
                    )
                    input[row] = SP80022.Spectrum.product(output[row], factor)
                    power &+= column
                }
            }
            for row in 0..<rows {
                let target = matrix + (row &* columns &+ range.lowerBound)
                for index in 0..<range.count { target[index] = buffer[index &* rows &+ row] }
            }
        }

        /// Counts the peaks j = row + A k and, if the mirror image is another row, h - j.
        private func countRow(
            _ row: Int,
            _ front: UnsafeMutablePointer<Point>,
            _ back: UnsafeMutablePointer<Point>,
            _ limit: Double
        ) -> Int {
            let turn = SP80022.Spectrum.root(row, of: 2 * rows * columns)
            var (below, mirrored) = (0, 0)
            for column in 0..<columns {
                var mirror = columns &- 1 &- column
                if row == 0 { mirror = column == 0 ? 0 : mirror &+ 1 }
                let power = SP80022.Spectrum.product(turn, turns[column])
                let squares = SP80022.Spectrum.squares(front[column], back[mirror], power)
                below &+= squares.x < limit ? 1 : 0
                mirrored &+= squares.y < limit ? 1 : 0
            }
            return front == back ? below : below + mirrored
        }
    }
}
