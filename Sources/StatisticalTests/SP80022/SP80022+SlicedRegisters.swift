// The Berlekamp-Massey algorithm for many sequences at once (SP 800-22 rev. 1a, section 2.10.4 (2)).
// SPDX-License-Identifier: Apache-2.0

extension SP80022 {
    /// Finds the linear complexities of up to 128 sequences of equal length. Bit-sliced: bit k of a
    /// vector belongs to sequence k, so that one instruction serves all of them; where sequences would
    /// branch differently, a mask decides. Massey, IEEE Trans. Inf. Theory 15 (1969), 122-127.
    struct SlicedRegisters: ~Copyable {
        typealias Lanes = SIMD2<UInt64>
        static let laneCount = Lanes.scalarCount * 64

        /// Bits per sequence.
        private let length: Int
        /// The sequences, in whole groups of 64 bits.
        private let sequence: UnsafeMutablePointer<Lanes>
        /// Coefficients of the connection polynomial C.
        private let connection: UnsafeMutablePointer<Lanes>
        /// Room for the coefficients of x^m B, which move down by one place in each step.
        private let previous: UnsafeMutablePointer<Lanes>
        /// N - 2 L of each sequence after N bits in two's complement, the lowest bit first.
        private let balance: UnsafeMutablePointer<Lanes>
        private let balanceWidth: Int

        init(length: Int) {
            self.length = length
            sequence = .allocate(capacity: (length + 63) / 64 * 64)
            connection = .allocate(capacity: length + 2)
            previous = .allocate(capacity: 2 * length + 4)
            balanceWidth = Int.bitWidth - length.leadingZeroBitCount + 1
            balance = .allocate(capacity: balanceWidth)
        }

        deinit {
            sequence.deallocate()
            connection.deallocate()
            previous.deallocate()
            balance.deallocate()
        }

        /// Takes the blocks in `range`, of which there are 1...128. The lanes that remain repeat the
        /// last block: other contents could only take longer.
        mutating func load(_ bits: Bits, _ range: Range<Int>) {
            let last = range.upperBound - 1
            withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 64) { square in
                let rows = square.baseAddress.unsafelyUnwrapped
                for column in 0..<Lanes.scalarCount {
                    for start in stride(from: 0, to: length, by: 64) {
                        for row in 0..<64 {
                            let block = min(range.lowerBound &+ 64 &* column &+ row, last)
                            // Backward, so that sequence k comes to bit k.
                            rows[63 &- row] = bits.window(at: block &* length &+ start)
                        }
                        Self.transpose(rows)
                        for row in 0..<64 { sequence[start &+ row][column] = rows[row] }
                    }
                }
            }
        }

        /// Runs the algorithm on what was loaded.
        mutating func synthesize() {
            let zero = Lanes()
            connection.initialize(repeating: zero, count: length + 2)
            previous.initialize(repeating: zero, count: 2 * length + 4)
            balance.initialize(repeating: zero, count: balanceWidth)
            let signed = balance + (balanceWidth - 1)
            // C = 1 and x^m B = x.
            connection[0] = ~zero
            var shifted = previous + (length + 1)
            shifted[1] = ~zero
            // Highest coefficients that are not zero in all lanes.
            var (degree, shiftedDegree) = (0, 1)
            var discrepancy = sequence[0]
            for step in 0..<length {
                let swap = discrepancy & ~signed.pointee
                degree = max(degree, min(shiftedDegree, length))
                // Updates both polynomials, and takes the discrepancy of the next step meanwhile. No
                // register is longer than the bits that it has seen.
                var next = zero
                let bits = sequence + (step &+ 1)
                let seen = step &+ 1 < length ? min(degree, step &+ 1) : -1
                let top = max(degree, shiftedDegree)
                var index = 0
                while index <= seen {
                    let old = connection[index]
                    let addend = shifted[index]
                    let new = old ^ (discrepancy & addend)
                    connection[index] = new
                    shifted[index] = addend ^ (swap & (addend ^ old))
                    next ^= new & bits[0 &- index]
                    index &+= 1
                }
                while index <= top {
                    let old = connection[index]
                    let addend = shifted[index]
                    connection[index] = old ^ (discrepancy & addend)
                    shifted[index] = addend ^ (swap & (addend ^ old))
                    index &+= 1
                }
                shiftedDegree = top &+ 1
                shifted -= 1
                shifted[0] = zero
                while degree > 0, connection[degree] == zero { degree &-= 1 }
                while shiftedDegree > 0, shifted[shiftedDegree] == zero { shiftedDegree &-= 1 }
                advanceBalance(swap)
                discrepancy = next
            }
        }

        /// N grows by one; where L becomes N + 1 - L, N - 2 L becomes its complement.
        @inline(__always)
        private mutating func advanceBalance(_ swap: Lanes) {
            var carry = ~swap
            for place in 0..<balanceWidth {
                let bit = balance[place]
                balance[place] = bit ^ carry ^ swap
                carry &= bit
            }
        }

        /// L of the sequence in `lane`.
        func complexity(lane: Int) -> Int {
            let shift = UInt64(lane & 63)
            var value = 0
            for place in 0..<balanceWidth {
                let bit = Int(balance[place][lane >> 6] >> shift & 1)
                value += place == balanceWidth - 1 ? -(bit << place) : bit << place
            }
            return (length - value) / 2
        }

        /// Transposes 64 rows of 64 bits, the first column at the top: by halves, quarters, and so on.
        private static func transpose(_ rows: UnsafeMutablePointer<UInt64>) {
            var width = 32
            var mask: UInt64 = 0x0000_0000_ffff_ffff
            while width > 0 {
                let shift = UInt64(width)
                var row = 0
                while row < 64 {
                    // Rows whose index has the bit `width` clear, against those where it is set.
                    let high = rows[row]
                    let low = rows[row &+ width]
                    let swapped = (high ^ low &>> shift) & mask
                    rows[row] = high ^ swapped
                    rows[row &+ width] = low ^ swapped &<< shift
                    row = (row &+ width &+ 1) & ~width
                }
                width /= 2
                mask ^= mask &<< UInt64(width)
            }
        }
    }
}
