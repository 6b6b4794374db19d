// Linear complexity test (SP 800-22 rev. 1a, section 2.10).
// SPDX-License-Identifier: Apache-2.0

internal import Assessment

extension SP80022 {
    /// Section 2.10: lengths of the shortest linear feedback shift registers that generate the blocks
    /// of `blockLength` bits.
    static func linearComplexity(_ bits: Bits, blockLength: Int) -> Double {
        let blocks = bits.count / blockLength
        var classes = [Int](repeating: 0, count: linearComplexityProbabilities.count)
        forEachComplexity(bits, blockLength: blockLength) { complexity in
            // T of section 2.10.4 (4) is this integer and a fraction that vanishes with M; the class
            // limits lie half way between integers.
            let distance =
                blockLength % 2 == 0
                ? complexity - blockLength / 2 : (blockLength + 1) / 2 - complexity
            classes[min(max(distance + 3, 0), 6)] += 1
        }
        let statistic = chiSquare(
            classes,
            probabilities: linearComplexityProbabilities,
            trials: blocks
        )
        return upperIncompleteGamma(3, statistic / 2)
    }

    /// Section 2.10.4 (6), with the digits of section 3.10 where the reference program has them:
    /// 0.01047 and 0.020833 (exact: 1/96 and 1/48).
    private static let linearComplexityProbabilities = [
        0.01047, 0.03125, 0.125, 0.5, 0.25, 0.0625, 0.020833,
    ]

    /// Calls `body` with the linear complexity of each block, in order.
    static func forEachComplexity(_ bits: Bits, blockLength: Int, _ body: (Int) -> Void) {
        let blocks = bits.count / blockLength
        guard blocks > 0 else { return }
        var registers = SlicedRegisters(length: blockLength)
        var first = 0
        while first < blocks {
            registers.load(bits, first..<min(first + SlicedRegisters.laneCount, blocks))
            registers.synthesize()
            for lane in 0..<min(SlicedRegisters.laneCount, blocks - first) {
                body(registers.complexity(lane: lane))
            }
            first += SlicedRegisters.laneCount
        }
    }
}
