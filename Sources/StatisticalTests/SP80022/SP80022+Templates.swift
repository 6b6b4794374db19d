// Template matching tests (SP 800-22 rev. 1a, sections 2.7 and 2.8).
// SPDX-License-Identifier: Apache-2.0

internal import Assessment
internal import Glibc

extension SP80022 {
    /// N of section 2.7.2.
    static let templateBlocks = 8

    /// The templates of `length` (2...16) bits that cannot overlap themselves: no proper beginning
    /// equals the end of the same length. In ascending order, as in the reference's lists.
    static func aperiodicTemplates(length: Int) -> [UInt32] {
        (0..<UInt32(1) << UInt32(length)).filter { template in
            (1..<length).allSatisfy { border in
                template >> UInt32(length - border) != template & (1 << UInt32(border) - 1)
            }
        }
    }

    /// Section 2.7: one P-value per aperiodic template of `length` bits. As such a template cannot
    /// overlap itself, searching on behind each match finds just all its occurrences, and one
    /// histogram of the windows of a block serves all templates.
    static func nonOverlappingTemplates(
        _ bits: Bits,
        length: Int,
        templates: [UInt32]
    ) -> [Double] {
        let blockLength = bits.count / templateBlocks
        let mean = Double(blockLength - length + 1) / exp2(Double(length))
        let power = exp2(-Double(length))
        let variance = Double(blockLength) * (power - Double(2 * length - 1) * power * power)
        var squares = [Double](repeating: 0, count: templates.count)
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 1 << length) { counts in
            for block in 0..<templateBlocks {
                counts.update(repeating: 0)
                let start = block * blockLength
                countWindows(
                    bits,
                    start..<start + blockLength - length + 1,
                    width: length,
                    into: counts.baseAddress.unsafelyUnwrapped
                )
                for (index, template) in templates.enumerated() {
                    let difference = Double(counts[Int(template)]) - mean
                    squares[index] += difference * difference
                }
            }
        }
        return squares.map {
            upperIncompleteGamma(Double(templateBlocks) / 2, $0 / variance / 2)
        }
    }

    /// Counts the windows of `width` (1...32) bits that start in `starts`.
    static func countWindows(
        _ bits: Bits,
        _ starts: Range<Int>,
        width: Int,
        into counts: UnsafeMutablePointer<UInt32>
    ) {
        let shift = UInt64(64 &- width)
        var position = starts.lowerBound
        while position &+ 32 <= starts.upperBound {
            let window = bits.window(at: position)
            for offset in 0..<UInt64(32) {
                counts[Int(truncatingIfNeeded: (window &<< offset) &>> shift)] &+= 1
            }
            position &+= 32
        }
        while position < starts.upperBound {
            counts[Int(truncatingIfNeeded: bits.window(at: position) &>> shift)] &+= 1
            position &+= 1
        }
    }

    /// Section 2.8: occurrences of `length` ones, which may overlap, in blocks of 1032 bits, with
    /// classes 0, 1, ..., 4, 5 and more. The class probabilities come from the compound Poisson
    /// distribution of section 3.8; the reference computes them too and so does not use the
    /// corrected ones that section 2.8.4 lists.
    static func overlappingTemplate(_ bits: Bits, length: Int) -> Double {
        let blockLength = 1032
        let blocks = bits.count / blockLength
        let starts = blockLength - length + 1
        var classes = [Int](repeating: 0, count: 6)
        for block in 0..<blocks {
            var matches = 0
            for offset in stride(from: 0, to: starts, by: 64) {
                let position = block &* blockLength &+ offset
                var high = bits.window(at: position)
                var low = bits.window(at: position &+ 64)
                var run = 1
                while run < length {
                    let step = UInt64(min(run, length &- run))
                    high &= high &<< step | low &>> (64 &- step)
                    low &= low &<< step
                    run &+= Int(step)
                }
                if starts &- offset < 64 { high &>>= UInt64(64 &- (starts &- offset)) }
                matches &+= high.nonzeroBitCount
            }
            classes[min(matches, 5)] += 1
        }
        let half = Double(starts) / exp2(Double(length + 1))
        let probabilities = (0..<5).map { compoundPoisson($0, half) }
        let statistic = chiSquare(
            classes,
            probabilities: probabilities + [1 - probabilities.reduce(0, +)],
            trials: blocks
        )
        return upperIncompleteGamma(2.5, statistic / 2)
    }

    /// Probability of `matches` matches: as many clumps as a Poisson variable of mean `eta` says, of
    /// geometric size (section 3.8): e^-eta 2^-u sum over l of binomial(u-1, l-1) eta^l / l!.
    private static func compoundPoisson(_ matches: Int, _ eta: Double) -> Double {
        guard matches > 0 else { return exp(-eta) }
        var sum = 0.0
        var term = eta
        for clumps in 1...matches {
            sum += term
            let (l, u) = (Double(clumps), Double(matches))
            term *= (u - l) / l * eta / (l + 1)
        }
        return exp(-eta) * exp2(-Double(matches)) * sum
    }
}
