// T5, autocorrelation (AIS 20/31 version 2.0, section 2.4.4.1).
// SPDX-License-Identifier: Apache-2.0

/// The shift at which the start of a block is most unlike chance, tested on the block's second half.
package struct AIS31Autocorrelation: Sendable, Equatable, Encodable {
    /// The shift tau, 1...5,000, with the largest |Z - 2500| on the first 10,000 bits; of several, the
    /// smallest.
    package let shift: Int
    /// Z at that shift on the first 10,000 bits: bits i < 5,000 that differ from bit i + tau.
    package let searchedDifferences: Int
    /// The same from bit 10,000 on, which is what is judged.
    package let testedDifferences: Int
    package var passed: Bool { AIS31.autocorrelationBounds.contains(testedDifferences) }
}

/// Searches blocks for the shift, in memory that is used again.
struct AIS31AutocorrelationSearch: ~Copyable {
    /// The block shifted by 0 to 63 bits, so that every shift begins with a whole word.
    private let copies: UnsafeMutablePointer<UInt64>

    init() {
        copies = .allocate(capacity: 64 * copyWords)
        copies.initialize(repeating: 0, count: 64 * copyWords)
    }

    deinit { copies.deallocate() }

    mutating func run(_ block: borrowing BitBlock) -> AIS31Autocorrelation {
        prepare(block.words)
        let half = AIS31.autocorrelationWindow / 2
        var (shift, chosen, distance) = (0, 0, -1)
        for tau in 1...AIS31.autocorrelationWindow {
            let differences = differences(block.words, tau)
            if abs(differences - half) > distance {
                (shift, chosen, distance) = (tau, differences, abs(differences - half))
            }
        }
        // The same on the second half, bit 10,000 being the first of it.
        let start = AIS31.autocorrelationTestStart
        prepare(block.words + start / 64, skipping: start % 64)
        let tested = differences(copies, shift)
        return AIS31Autocorrelation(
            shift: shift,
            searchedDifferences: chosen,
            testedDifferences: tested
        )
    }

    /// Makes the 64 copies of the bits from `words` on, without the first `skipped` (0...63) of them.
    private func prepare(_ words: UnsafePointer<UInt64>, skipping skipped: Int = 0) {
        let source = copies
        let skip = UInt64(skipped)
        for index in 0..<copyWords {
            source[index] =
                skip == 0
                ? words[index] : words[index] &<< skip | words[index &+ 1] &>> (64 &- skip)
        }
        for shift in 1..<64 {
            let copy = copies + shift &* copyWords
            let (left, right) = (UInt64(shift), UInt64(64 &- shift))
            for index in 0..<copyWords - 1 {
                copy[index] = source[index] &<< left | source[index &+ 1] &>> right
            }
        }
    }

    /// Bits i < 5,000 of `words` that differ from bit i + `shift` of the copied bits.
    @inline(__always)
    private func differences(_ words: UnsafePointer<UInt64>, _ shift: Int) -> Int {
        let own = UnsafeRawPointer(words)
        let start: Int = (shift & 63) &* copyWords &+ (shift &>> 6)
        let other = UnsafeRawPointer(copies + start)
        return onesCount(groups: 5) { index in
            let different =
                own.loadUnaligned(fromByteOffset: index &* 16, as: SIMD2<UInt64>.self)
                ^ other.loadUnaligned(fromByteOffset: index &* 16, as: SIMD2<UInt64>.self)
            return index == 39 ? different & lastVectorMask : different
        }
    }
}

/// Words of a shifted copy: those that shifts up to 5,000 of 5,000 bits touch, and one more.
private let copyWords = 160
/// What belongs to 5,000 bits in the last of 40 vectors, which begins at bit 4,992.
private let lastVectorMask = SIMD2<UInt64>(0xFF << 56, 0)
