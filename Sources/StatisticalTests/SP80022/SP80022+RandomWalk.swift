// Random walk tests (SP 800-22 rev. 1a, sections 2.13 to 2.15).
// SPDX-License-Identifier: Apache-2.0

internal import Assessment
internal import Glibc

extension SP80022 {
    /// What the walk S_k (+1 for a one, -1 for a zero) does over the whole stream.
    struct RandomWalk {
        /// S_n.
        private(set) var end = 0
        /// Extremes of S_0 = 0, S_1, ..., S_n.
        private(set) var highest = 0
        private(set) var lowest = 0
        /// J: returns to zero, and one more if the walk does not end there.
        private(set) var cycles = 0
        /// Visits to the states -9...9.
        private(set) var visits = [Int](repeating: 0, count: 19)
        /// For each state -4...4 the number of cycles with 0, 1, ..., 4, 5 or more visits.
        private(set) var classes = [Int](repeating: 0, count: 9 * 6)
        /// Visits of the current cycle to the states -4...4.
        private var current = [Int](repeating: 0, count: 9)

        init(_ bits: Bits, table: UnsafePointer<ByteWalk>) {
            let bytes = bits.count / 8
            var sum = 0
            var (high, low) = (0, 0)
            for index in 0..<bytes {
                let value = bits.byte(index)
                let step = table[value]
                high = max(high, sum &+ Int(step.highest))
                low = min(low, sum &+ Int(step.lowest))
                // Eight steps from farther away reach no state of interest.
                if sum.magnitude <= 9 + 8 {
                    visit(UInt8(truncatingIfNeeded: value), steps: 8, from: sum)
                }
                sum &+= Int(step.end)
            }
            (highest, lowest, end) = (high, low, sum)
            for index in bytes * 8..<bits.count {
                let bit = bits.bit(index)
                visit(UInt8(bit << 7), steps: 1, from: end)
                end += 2 * bit - 1
                highest = max(highest, end)
                lowest = min(lowest, end)
            }
            if end != 0 { finishCycle() }
        }

        private mutating func visit(_ byte: UInt8, steps: Int, from start: Int) {
            var sum = start
            for index in 0..<steps {
                sum &+= 2 &* Int(byte &>> UInt8(7 &- index) & 1) &- 1
                guard sum.magnitude <= 9 else { continue }
                visits[sum &+ 9] &+= 1
                guard sum.magnitude <= 4 else { continue }
                if sum == 0 { finishCycle() } else { current[sum &+ 4] &+= 1 }
            }
        }

        private mutating func finishCycle() {
            cycles += 1
            for state in 0..<9 {
                classes[state &* 6 &+ min(current[state], 5)] &+= 1
                current[state] = 0
            }
        }

        /// Fewest cycles with which the excursion tests apply (sections 2.14.4 and 2.15.4).
        static func cyclesNeeded(count: Int) -> Int {
            max(Int(0.005 * Double(count).squareRoot()), 500)
        }
    }

    /// The walk over one byte, from zero: its end and the extremes after each of the eight steps.
    struct ByteWalk {
        var end: Int8 = 0
        var highest: Int8 = .min
        var lowest: Int8 = .max

        init(_ byte: UInt8) {
            for shift in (0..<8).reversed() {
                end += byte >> UInt8(shift) & 1 == 1 ? 1 : -1
                highest = max(highest, end)
                lowest = min(lowest, end)
            }
        }
    }

    /// Section 2.13: the largest distance of the walk from its begin, forward and backward.
    static func cumulativeSums(_ walk: RandomWalk, count: Int) -> [Double] {
        let forward = max(walk.highest, -walk.lowest)
        let backward = max(walk.highest - walk.end, walk.end - walk.lowest)
        return [forward, backward].map { excursionProbability($0, count: count) }
    }

    /// Probability that a walk of `count` steps reaches the distance `z` (at least 1). The bounds of
    /// the sums are quotients of integers, cut toward zero at each division, as in the reference.
    static func excursionProbability(_ z: Int, count: Int) -> Double {
        let scale = Double(z) / Double(count).squareRoot()
        func normal(_ multiple: Int) -> Double {
            0.5 * erfc(-Double(multiple) * scale / 2.0.squareRoot())
        }
        // Beyond 40 standard deviations all terms are zero in double precision.
        let limit = Int(10 / scale) + 2
        let last = min(limit, (count / z - 1) / 4)
        var probability = 1.0
        for k in stride(from: max(-limit, (-count / z + 1) / 4), through: last, by: 1) {
            probability -= normal(4 * k + 1) - normal(4 * k - 1)
        }
        for k in stride(from: max(-limit, (-count / z - 3) / 4), through: last, by: 1) {
            probability += normal(4 * k + 3) - normal(4 * k + 1)
        }
        return min(1, max(0, probability))
    }

    /// Section 2.14: visits per cycle to the states -4...-1 and 1...4. The probabilities are those of
    /// section 3.14 in closed form; the reference has them with ten digits.
    static func randomExcursions(_ walk: RandomWalk) -> [Double] {
        excursionStates.map { state in
            let twice = Double(2 * abs(state))
            let stay = 1 - 1 / twice
            let middle = (0..<4).map { pow(stay, Double($0)) / (twice * twice) }
            let probabilities = [stay] + middle + [pow(stay, 4) / twice]
            let first = (state + 4) * 6
            let statistic = chiSquare(
                Array(walk.classes[first..<first + 6]),
                probabilities: probabilities,
                trials: walk.cycles
            )
            return upperIncompleteGamma(2.5, statistic / 2)
        }
    }

    /// Section 2.15: all visits to the states -9...-1 and 1...9.
    static func randomExcursionsVariant(_ walk: RandomWalk) -> [Double] {
        variantStates.map { state in
            let distance = Double(abs(walk.visits[state + 9] - walk.cycles))
            let variance = Double(2 * walk.cycles * (4 * abs(state) - 2))
            return erfc(distance / variance.squareRoot())
        }
    }

    static let excursionStates = [-4, -3, -2, -1, 1, 2, 3, 4]
    static let variantStates = (-9...9).filter { $0 != 0 }
}
