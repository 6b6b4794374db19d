// Tests of the parts of SP 800-22's tests against plain counting.
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import StatisticalTests

@Suite("SP 800-22 helpers")
struct SP80022HelpersTests {
    @Test(
        "there are as many aperiodic templates as the reference lists",
        arguments: zip(2...12, [2, 4, 6, 12, 20, 40, 74, 148, 284, 568, 1116])
    )
    func templates(length: Int, count: Int) {
        let templates = SP80022.aperiodicTemplates(length: length)
        #expect(templates.count == count)
        #expect(templates == templates.sorted())
        #expect(templates.first == 1)
    }

    @Test("probabilities of the longest run are those of section 3.4")
    func longestRun() {
        let short = SP80022.LongestRunModel(count: 6_271)
        #expect(short.blockLength == 8)
        // 55, 94, 59 and 48 of 256 bytes
        let bytes: [Double] = [55, 94, 59, 48]
        #expect(short.probabilities == bytes.map { $0 / 256 })
        let middle = SP80022.LongestRunModel(count: 6_272)
        #expect(middle.blockLength == 128)
        let table = [0.1174, 0.2430, 0.2493, 0.1752, 0.1027, 0.1124]
        // One entry of the table is cut, not rounded: 0.249363.
        #expect(zip(middle.probabilities, table).allSatisfy { abs($0 - $1) < 0.0001 })
        #expect(SP80022.LongestRunModel(count: 749_999).blockLength == 128)
        #expect(SP80022.LongestRunModel(count: 750_000).blockLength == 10_000)
    }

    @Test(
        "peaks are those of the plain transform",
        // With two bits a point and one, directly and by Bluestein
        arguments: [100, 120, 214, 382, 225, 191, 375, 101]
    )
    func spectrum(count: Int) {
        let (packed, digits) = SP80022Generator.bits(seed: UInt64(count), count: count)
        var squares: [Double] = []
        for j in 0..<count / 2 {
            var (real, imaginary) = (0.0, 0.0)
            for (k, digit) in digits.enumerated() {
                let angle = 2 * Double.pi * Double(j * k % count) / Double(count)
                real += Double(2 * digit - 1) * cos(angle)
                imaginary += Double(2 * digit - 1) * sin(angle)
            }
            squares.append(real * real + imaginary * imaginary)
        }
        guard var spectrum = SP80022.Spectrum(count: count) else {
            Issue.record("no memory")
            return
        }
        withBits(packed) { bits in
            for square in squares {
                for limit in [square + 1e-7, square - 1e-7] {
                    let expected = squares.count { $0 < limit }
                    #expect(spectrum.countPeaks(bits, below: limit) == expected)
                }
            }
        }
    }

    @Test("a convenient length has no prime factor above 5 and is the next one")
    func smoothLengths() {
        let smooth = (1...1000).filter { number in
            var rest = number
            for prime in [2, 3, 5] { while rest % prime == 0 { rest /= prime } }
            return rest == 1
        }
        for minimum in 1...900 {
            let expected = smooth.first { $0 >= minimum }
            #expect(SP80022.Spectrum.smoothLength(atLeast: minimum) == expected)
        }
    }

    @Test(
        "linear complexities are those of the plain algorithm",
        arguments: [1, 2, 5, 63, 64, 65, 130]
    )
    func linearComplexity(length: Int) {
        // More blocks than lanes, and blocks that are hopeless
        var (packed, digits) = SP80022Generator.bits(seed: 7, count: 131 * length)
        for digit in [0, 1] {
            for _ in 0..<length {
                packed.append(UInt64(digit), width: 1)
                digits.append(digit)
            }
        }
        let blocks = digits.count / length
        let expected = (0..<blocks).map { block in
            Self.complexity(Array(digits[block * length..<(block + 1) * length]))
        }
        var found: [Int] = []
        withBits(packed) { bits in
            SP80022.forEachComplexity(bits, blockLength: length) { found.append($0) }
        }
        #expect(found == expected)
    }

    @Test("the walk is that of single steps", arguments: [100, 1_003, 4_096])
    func randomWalk(count: Int) {
        let (packed, digits) = SP80022Generator.bits(seed: 9, count: count)
        let walk = withBits(packed) { bits in
            let table = (0..<256).map { SP80022.ByteWalk(UInt8($0)) }
            return table.withUnsafeBufferPointer {
                SP80022.RandomWalk(bits, table: $0.baseAddress.unsafelyUnwrapped)
            }
        }
        var sums = [0]
        for digit in digits { sums.append(sums[sums.count - 1] + 2 * digit - 1) }
        #expect(walk.highest == sums.max())
        #expect(walk.lowest == sums.min())
        #expect(walk.end == sums.last)
        let steps = sums.dropFirst()
        let cycles = steps.split(separator: 0, omittingEmptySubsequences: false)
            .enumerated().filter { !($0.element.isEmpty && sums.last == 0 && $0.offset > 0) }
        let returns = steps.count { $0 == 0 }
        #expect(walk.cycles == returns + (sums.last == 0 ? 0 : 1))
        for state in -9...9 { #expect(walk.visits[state + 9] == steps.count { $0 == state }) }
        for state in SP80022.excursionStates {
            var classes = [Int](repeating: 0, count: 6)
            for (_, cycle) in cycles { classes[min(5, cycle.count { $0 == state })] += 1 }
            let first = (state + 4) * 6
            #expect(Array(walk.classes[first..<first + 6]) == classes)
        }
    }

    @Test("patterns wrap around")
    func patterns() {
        let (packed, digits) = SP80022Generator.bits(seed: 10, count: 999)
        let patterns = withBits(packed) { bits in
            withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 1 << 6) {
                SP80022.Patterns(
                    bits,
                    width: 6,
                    withLogarithms: 3...4,
                    counts: $0.baseAddress.unsafelyUnwrapped
                )
            }
        }
        for width in 0...6 {
            var counts: [[Int]: Int] = [:]
            for start in 0..<999 {
                counts[(0..<width).map { digits[(start + $0) % 999] }, default: 0] += 1
            }
            let squares = counts.values.reduce(0) { $0 + $1 * $1 }
            #expect(patterns.squares[width] == Double(squares))
            guard (3...4).contains(width) else { continue }
            let expected = counts.values.reduce(0) { $0 + Double($1) * log(Double($1) / 999) }
            #expect(abs(patterns.logarithms[width] - expected) < 1e-9)
        }
    }

    @Test(
        "the block length of the universal test is that of the table in section 2.9.7",
        arguments: [
            (387_839, nil), (387_840, 6), (904_959, 6), (904_960, 7), (2_068_480, 8),
            (10_342_400, 10), (107_560_960, 13), (1_059_061_759, 15), (1_059_061_760, 16),
        ] as [(Int, Int?)]
    )
    func universal(count: Int, blockLength: Int?) {
        #expect(SP80022.UniversalModel.model(count: count)?.blockLength == blockLength)
    }

    @Test("windows of templates are counted within their range")
    func windows() {
        let (packed, digits) = SP80022Generator.bits(seed: 11, count: 700)
        withBits(packed) { bits in
            withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 1 << 5) { counts in
                counts.initialize(repeating: 0)
                let base = counts.baseAddress.unsafelyUnwrapped
                SP80022.countWindows(bits, 70..<333, width: 5, into: base)
                for value in 0..<32 {
                    let expected = (70..<333).count { start in
                        digits[start..<start + 5].reduce(0) { $0 * 2 + $1 } == value
                    }
                    #expect(Int(counts[value]) == expected)
                }
            }
        }
    }

    /// Calls `body` with the stream in the layout that the tests read.
    private func withBits<Result>(
        _ sequence: BitSequence,
        _ body: (SP80022.Bits) throws -> Result
    ) rethrows -> Result {
        var cyclic = sequence
        for index in 0..<64 { cyclic.append(UInt64(sequence[index % sequence.count]), width: 1) }
        let words = cyclic.words + [0, 0]
        return try words.withUnsafeBufferPointer {
            try body(
                SP80022.Bits(words: $0.baseAddress.unsafelyUnwrapped, count: sequence.count)
            )
        }
    }

    /// Section 2.10.4 (2), as Massey gives it.
    private static func complexity(_ bits: [Int]) -> Int {
        var connection = [1] + [Int](repeating: 0, count: bits.count + 1)
        var previous = connection
        var (length, last) = (0, -1)
        for step in bits.indices {
            let sum = (0...length).reduce(0) { $0 + connection[$1] * bits[step - $1] }
            guard sum % 2 == 1 else { continue }
            let old = connection
            let shift = step - last
            for index in 0..<connection.count - shift {
                connection[index + shift] ^= previous[index]
            }
            if 2 * length <= step {
                length = step + 1 - length
                last = step
                previous = old
            }
        }
        return length
    }
}
