// The names of the ten estimators of SP 800-90B, section 6.3.
// SPDX-License-Identifier: Apache-2.0

/// One of the ten, in the order of the standard; the raw value is its name for people.
package enum Estimator: String, Sendable, CaseIterable {
    case mostCommonValue = "most common value"
    case collision
    case markov = "Markov"
    case compression
    case tuple = "t-tuple"
    case longestRepeatedSubstring = "LRS"
    case multiMCW = "MultiMCW"
    case lag
    case multiMMC = "MultiMMC"
    case lz78y = "LZ78Y"
}

/// The sequence that an estimator looked at.
package enum Track: String, Sendable, CaseIterable {
    /// The symbols as they are (H_original).
    case symbols
    /// Their bits, one after the other (H_bitstring).
    case bitString = "bit string"
}
