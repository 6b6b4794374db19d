// Tests of the compressed length against libbz2 (SP 800-90B, section 5.1.11).
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Assessment

@Suite("Decimal text length")
struct DecimalTextLengthTests {
    @Test(
        "is that of libbz2 for any alphabet and distribution",
        arguments: [2, 3, 10, 11, 16, 100, 101, 128, 256]
    )
    func alphabets(size: Int) {
        for seed in UInt64(0)..<12 {
            // Lengths on both sides of the shortest block that is sorted by words.
            let count = 20 + Int(seed) * 97
            expectLengths(Self.samples(seed: seed, count: count, alphabetSize: size))
        }
    }

    @Test("is that of libbz2 for the shortest samples", arguments: 1...40)
    func shortSamples(count: Int) {
        expectLengths(SyntheticData.bytes(seed: 3, count: count))
        expectLengths(SyntheticData.bytes(seed: 4, count: count).map { $0 & 1 })
        expectLengths([UInt8](repeating: 111, count: count))
    }

    @Test("is that of libbz2 for samples whose rotations agree for long")
    func repetitive() {
        expectLengths([UInt8](repeating: 7, count: 700))
        expectLengths((0..<900).map { UInt8($0 % 3) })
        expectLengths((0..<900).map { $0 == 450 ? 201 : 33 })
        expectLengths((0..<1_200).map { UInt8($0 * $0 % 7) * 36 })
    }

    @Test("is that of libbz2 where a first block just is or is not full")
    func blockBoundaries() {
        // 2 bytes per bit; the first block takes 499,981 bytes, or one more if that is all.
        let bits = SyntheticData.bytes(seed: 6, count: 249_993).map { $0 & 1 }
        for count in 249_990...bits.count where isOptimised || count == 249_992 {
            expectLengths(Array(bits.prefix(count)))
        }
    }

    @Test(
        "is that of libbz2 where a run of digits, a numeral or a blank lies on the boundary",
        .enabled(if: isOptimised, "needs a release build to finish in time"),
        arguments: [UInt8](0..<12)
    )
    func seams(offset: UInt8) {
        let words: [UInt8] = [111, 11, 1, 222, 22, 100, 122, 211]
        let lead = [UInt8](repeating: 1, count: Int(offset))
        let rest = SyntheticData.bytes(seed: UInt64(offset), count: 330_000)
        expectLengths(lead + rest.map { words[Int($0 % 8)] })
        expectLengths(lead + rest)
    }

    @Test("does not depend on the order of samples that were measured before")
    func reuse() {
        let samples = Self.samples(seed: 1, count: 2_000, alphabetSize: 200)
        let reversed = Array(samples.reversed())
        samples.withUnsafeBufferPointer { samples in
            let ours = DecimalTextLength(samples, alphabet: Self.alphabet(samples))
            let first = ours.length(samples)
            reversed.withUnsafeBufferPointer {
                #expect(ours.length($0) == libraryTextLength($0))
            }
            #expect(ours.length(samples) == first)
        }
    }

    private func expectLengths(_ samples: [UInt8]) {
        samples.withUnsafeBufferPointer {
            let ours = DecimalTextLength($0, alphabet: Self.alphabet($0))
            #expect(ours.length($0) == libraryTextLength($0), "\($0.count) samples")
        }
    }

    private static func alphabet(_ samples: UnsafeBufferPointer<UInt8>) -> DecimalAlphabet {
        DecimalAlphabet(values: Set(samples).sorted())
    }

    /// Samples with values spread over the bytes: even, geometric, or mostly one value.
    private static func samples(seed: UInt64, count: Int, alphabetSize: Int) -> [UInt8] {
        let spread = { (symbol: Int) in UInt8(symbol * 255 / (alphabetSize - 1)) }
        return SyntheticData.bytes(seed: seed, count: 2 * count).enumerated()
            .filter { $0.offset % 2 == 0 }
            .map { offset, byte in
                switch seed % 3 {
                case 0: spread(Int(byte) % alphabetSize)
                case 1: spread(min(alphabetSize - 1, byte.trailingZeroBitCount))
                default: spread(byte < 20 ? Int(byte) % alphabetSize : 0)
                }
            }
    }
}
