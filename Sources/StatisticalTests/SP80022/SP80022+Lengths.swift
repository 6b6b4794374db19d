// Stream lengths that the tests of SP 800-22 rev. 1a ask for (sections 2.1.7 to 2.15.7).
// SPDX-License-Identifier: Apache-2.0

extension SP80022 {
    /// Bits. Counters have 32 bits, and the Fourier transform of this many takes 16 GiB.
    static let longestStream = 1 << 30
    /// Lengths in bits for which at least one test applies.
    static let lengths = 100...longestStream

    /// Bits that a stream must have for `test`: the recommendation of its section 2.x.7.
    static func bitsNeeded(_ test: SP80022Test, _ parameters: SP80022Parameters) -> Int {
        switch test {
        case .frequency, .cumulativeSums, .runs: 100
        case .blockFrequency: max(100, parameters.blockFrequencyLength)
        case .longestRun: 128
        // 38 matrices
        case .rank: 38 * 1024
        case .spectral: 1000
        // The standard names no length. At least one match per block must be expected.
        case .nonOverlappingTemplate:
            templateBlocks * (1 << parameters.templateLength + parameters.templateLength - 1)
        case .overlappingTemplate, .randomExcursions, .randomExcursionsVariant: 1_000_000
        case .universal: UniversalModel.bitsNeeded
        // m < floor(log2 n) - 5
        case .approximateEntropy: 1 << (parameters.approximateEntropyLength + 6)
        // m < floor(log2 n) - 2
        case .serial: 1 << (parameters.serialLength + 3)
        // and at least 200 blocks
        case .linearComplexity: max(1_000_000, 200 * parameters.linearComplexityLength)
        }
    }

    /// Width in bits of the longest patterns that a stream of `count` bits has to be searched for.
    static func patternWidth(_ count: Int, _ parameters: SP80022Parameters) -> Int {
        let serial = count >= bitsNeeded(.serial, parameters) ? parameters.serialLength : 0
        let entropy =
            count >= bitsNeeded(.approximateEntropy, parameters)
            ? parameters.approximateEntropyLength + 1 : 0
        return max(serial, entropy)
    }
}
