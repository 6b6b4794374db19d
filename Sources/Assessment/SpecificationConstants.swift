// Constants of the non-IID track, as given by NIST SP 800-90B, section 6.3.
// SPDX-License-Identifier: Apache-2.0

/// Numbers that the standard fixes. None of them is a tuning parameter.
package enum Specification {
    /// Widest symbol in bits (section 3.1.3: the estimators are run on at most 8 bits per symbol).
    package static let maximumSymbolWidth = 8

    /// 0.995 quantile of the standard normal distribution: half-width, in standard errors, of the
    /// two-sided 99 % confidence interval.
    package static let normalQuantile = 2.575_829_303_548_900_8

    /// The same as the text of section 6.3.1, step 2, rounds it.
    package static let roundedNormalQuantile = 2.576

    /// A tuple must appear this often to be counted (sections 6.3.5, step 1, and 6.3.6, step 1).
    package static let tupleThreshold = 35

    /// Length in symbols of the sequence whose most likely probability Markov asks for (6.3.3).
    package static let markovSequenceLength = 128

    /// Bits per block of the compression estimate (6.3.4, step 1).
    package static let compressionBlockWidth = 6

    /// Blocks that initialise the dictionary of the compression estimate (6.3.4, step 2).
    package static let compressionDictionaryBlocks = 1_000

    /// Correction of the standard deviation for a block width of 6 bits (6.3.4, step 5).
    package static let compressionDeviationFactor = 0.5907

    /// Window lengths in symbols of the MultiMCW predictor (6.3.7, step 1), shortest first.
    package static let windowLengths = [63, 255, 1_023, 4_095]

    /// Number of lags of the lag predictor (6.3.8, step 1).
    package static let lagCount = 128

    /// Deepest context in symbols of the MultiMMC predictor (6.3.9, step 1).
    package static let markovModelDepth = 16

    /// Most (context, symbol) pairs that one depth of MultiMMC remembers (6.3.9, step 3).
    package static let markovModelPairs = 100_000

    /// Longest context in symbols of the LZ78Y predictor (6.3.10, step 1).
    package static let dictionaryDepth = 16

    /// Most contexts that the LZ78Y dictionary holds, all lengths together (6.3.10, step 1).
    package static let dictionaryContexts = 65_536

    /// Confidence of the bounds on a predictor's global and local performance (6.3.7, steps 5-6).
    package static let predictorConfidence = 0.99
}
