// T8, entropy (AIS 20/31 version 2.0, section 2.4.4.2; Coron, "On the security of random sources", 1999).
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Mean logarithm of the distances between equal words of 8 bits, which for independent words is their
/// Shannon entropy in bits per word.
package struct AIS31Entropy: Sendable, Equatable, Encodable {
    /// Mean of g(distance), more than ``AIS31/entropyBound`` bits per word if passed.
    package let bitsPerWord: Double
    package var passed: Bool { bitsPerWord > AIS31.entropyBound }

    /// Bits that the test takes.
    package static let bitCount =
        (AIS31.entropyInitialWords + AIS31.entropyTestedWords) * AIS31.entropyWordBits

    /// Tests the bits from `first` on; they must exist.
    init(_ bits: BitSequence, from first: Int) {
        let width = AIS31.entropyWordBits
        let total = AIS31.entropyInitialWords + AIS31.entropyTestedWords
        // A word that was never seen counts as seen just before the first.
        var lastSeen = [Int](repeating: -1, count: 1 << width)
        // How often each distance occurs: the mean needs each g only once.
        var distances = [Int](repeating: 0, count: total + 1)
        for index in 0..<total {
            let word = Int(truncatingIfNeeded: bits.bits(at: first + index * width, width))
            if index >= AIS31.entropyInitialWords { distances[index - lastSeen[word]] += 1 }
            lastSeen[word] = index
        }
        // g(1) = 0, g(i + 1) = g(i) + 1 / (i ln 2), with the rounding errors carried along.
        var g = CompensatedSum()
        var sum = CompensatedSum()
        for distance in 1...total {
            if distance > 1 { g.add(1 / (Double(distance - 1) * M_LN2)) }
            if distances[distance] > 0 { sum.add(Double(distances[distance]) * g.value) }
        }
        bitsPerWord = sum.value / Double(AIS31.entropyTestedWords)
    }
}

/// A sum of doubles that keeps what rounding loses (Neumaier, 1974).
private struct CompensatedSum {
    private var sum = 0.0
    private var lost = 0.0

    mutating func add(_ term: Double) {
        let next = sum + term
        lost += abs(sum) >= abs(term) ? (sum - next) + term : (term - next) + sum
        sum = next
    }

    var value: Double { sum + lost }
}
