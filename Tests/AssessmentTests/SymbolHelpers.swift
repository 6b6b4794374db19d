// Short cuts of the tests: sequences lent to estimators.
// SPDX-License-Identifier: Apache-2.0

import Assessment
import Testing

/// Lends symbols 0..<alphabetSize; the alphabet is as large as the largest symbol asks for.
func withSymbols<Result>(_ symbols: [UInt8], _ body: (SymbolView) -> Result) -> Result {
    let alphabetSize = Int(symbols.max()!) + 1
    return symbols.withUnsafeBufferPointer {
        body(SymbolView(base: $0.baseAddress!, count: $0.count, alphabetSize: alphabetSize))
    }
}

/// A sequence with a name, so that a failing test does not print all of it.
struct NamedSequence: CustomTestStringConvertible {
    let testDescription: String
    let symbols: [UInt8]

    init(_ name: String, _ symbols: [UInt8]) {
        testDescription = name
        self.symbols = symbols
    }

    /// Sequences of about `count` symbols 0 and 1, of different structure.
    static func binary(_ count: Int) -> [NamedSequence] {
        [
            NamedSequence(
                "fair bits",
                SyntheticData.biasedBits(seed: 21, count: count, ones: 1, of: 2)
            ),
            NamedSequence(
                "90 % ones",
                SyntheticData.biasedBits(seed: 22, count: count, ones: 9, of: 10)
            ),
            NamedSequence(
                "1 % ones",
                SyntheticData.biasedBits(seed: 23, count: count, ones: 1, of: 100)
            ),
            NamedSequence("seven zeros, seven ones", (0..<count).map { UInt8($0 / 7 % 2) }),
            NamedSequence(
                "zeros, then fair bits",
                [UInt8](repeating: 0, count: count / 2)
                    + SyntheticData.biasedBits(seed: 24, count: count / 2, ones: 1, of: 2)
            ),
            NamedSequence("a zero, then ones", [0] + [UInt8](repeating: 1, count: count)),
        ]
    }

    /// Sequences of `count` symbols of a larger alphabet, of different structure.
    static func symbols(_ count: Int) -> [NamedSequence] {
        [
            NamedSequence("bytes", SyntheticData.bytes(seed: 31, count: count)),
            NamedSequence(
                "three symbols",
                SyntheticData.bytes(seed: 32, count: count).map { $0 % 3 }
            ),
            NamedSequence(
                "geometric",
                SyntheticData.bytes(seed: 33, count: count).map { UInt8($0.trailingZeroBitCount) }
            ),
            NamedSequence("counter", (0..<count).map { UInt8($0 % 11) }),
            NamedSequence("quadratic", (0..<count).map { UInt8($0 * $0 / 17 % 5) }),
            NamedSequence(
                "16 symbols, then constant",
                SyntheticData.bytes(seed: 34, count: count / 2).map { $0 & 15 }
                    + [UInt8](repeating: 7, count: count / 2)
            ),
        ]
    }
}

extension NaiveTally {
    init(_ tally: PredictionTally) {
        self.init(correct: tally.correct, longestRun: tally.longestRun)
    }
}
