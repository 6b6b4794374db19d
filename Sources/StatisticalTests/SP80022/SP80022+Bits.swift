// One stream of bits in memory, as the tests of SP 800-22 read it.
// SPDX-License-Identifier: Apache-2.0

/// Helpers of the tests of SP 800-22 rev. 1a, one file per section.
enum SP80022 {
    /// `count` (64 or more) borrowed bits that begin at the top of the first word. The first 64 of
    /// them follow behind the last one, so that cyclic windows are plain reads.
    struct Bits {
        let words: UnsafePointer<UInt64>
        let count: Int

        /// Words needed for `count` bits, their repeated beginning, and reads one word further.
        static func wordCount(_ count: Int) -> Int { (count + 63) / 64 + 3 }

        /// The 64 bits from `position` (0...count) on, the first of them at the top.
        @inline(__always)
        func window(at position: Int) -> UInt64 {
            let index = position &>> 6
            let used = UInt64(truncatingIfNeeded: position & 63)
            return words[index] &<< used | (words[index &+ 1] &>> 1) &>> (63 &- used)
        }

        /// Byte `index` of the stream, which must lie wholly in it.
        @inline(__always)
        func byte(_ index: Int) -> Int {
            let shift = UInt64(truncatingIfNeeded: 56 &- 8 &* (index & 7))
            return Int(truncatingIfNeeded: words[index &>> 3] &>> shift & 0xff)
        }

        /// Bit `index`, 0 or 1.
        @inline(__always)
        func bit(_ index: Int) -> Int {
            Int(truncatingIfNeeded: words[index &>> 6] &>> UInt64(63 &- index & 63) & 1)
        }

        /// Number of ones among `length` bits from `start` on.
        func ones(from start: Int, length: Int) -> Int {
            var sum = 0
            var position = start
            let end = start &+ length
            while position &+ 64 <= end {
                sum &+= window(at: position).nonzeroBitCount
                position &+= 64
            }
            if position < end {
                let rest = window(at: position) &>> UInt64(64 &- (end &- position))
                sum &+= rest.nonzeroBitCount
            }
            return sum
        }
    }

    /// Sum of (observed - expected)^2 / expected over all classes.
    static func chiSquare(_ observed: [Int], probabilities: [Double], trials: Int) -> Double {
        var sum = 0.0
        for (count, probability) in zip(observed, probabilities) {
            let expected = Double(trials) * probability
            let difference = Double(count) - expected
            sum += difference * difference / expected
        }
        return sum
    }
}
