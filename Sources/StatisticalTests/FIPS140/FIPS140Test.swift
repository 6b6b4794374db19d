// The statistical random number generator tests of FIPS 140-2, section 4.9.1 (change notice 1, 2001-10-10).
// SPDX-License-Identifier: Apache-2.0

/// The tests that a block failed.
package struct FIPS140Failures: OptionSet, Sendable, Equatable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let monobit = FIPS140Failures(rawValue: 1)
    package static let poker = FIPS140Failures(rawValue: 2)
    package static let runs = FIPS140Failures(rawValue: 4)
    package static let longRun = FIPS140Failures(rawValue: 8)
    package static let continuousRun = FIPS140Failures(rawValue: 16)
}

/// Tests one block of 20,000 bits after the other, each by itself but for the continuous test, which
/// compares each 32-bit word with the one before it, across blocks. Bits count from the most
/// significant of the first byte.
///
/// Five tests of ideal data fail about 8 blocks of 10,000. The standard dropped the first four with
/// change notice 2 (2002-12-03); they remain what programs for hardware generators report.
package struct FIPS140Test: ~Copyable {
    /// Counts of all blocks so far.
    package private(set) var statistics = FIPS140Statistics()
    private var block = BitBlock()
    private var previous: UInt32

    /// The first four bytes of a source, as a little-endian word, are compared with and not tested.
    package init(initialWord: UInt32) { previous = initialWord }

    /// Tests 2,500 bytes, counts the outcome in ``statistics`` and returns it.
    @discardableResult
    package mutating func test(_ bytes: UnsafeRawBufferPointer) -> FIPS140Failures {
        precondition(bytes.count == BitBlock.byteCount)
        let base = bytes.baseAddress!
        block.load(base)
        var failures = Self.judge(block.counts())
        if mayHaveLongRun(base), block.hasRun(ofAtLeast: Self.longRunLength) {
            failures.insert(.longRun)
        }
        if repeatsWord(base) { failures.insert(.continuousRun) }
        statistics.add(failures)
        return failures
    }

    /// Monobit, poker and runs tests on what was counted.
    package static func judge(_ counts: BitBlockCounts) -> FIPS140Failures {
        var failures: FIPS140Failures = []
        if !onesBounds.contains(counts.ones) { failures.insert(.monobit) }
        if !pokerBounds.contains(counts.pokerSquares) { failures.insert(.poker) }
        if !(counts.runsOfZeros.isWithin(runBounds) && counts.runsOfOnes.isWithin(runBounds)) {
            failures.insert(.runs)
        }
        return failures
    }

    /// Ones in a block: more than 9,725 and fewer than 10,275.
    package static let onesBounds = 9_726...10_274

    /// Sums of squares for which the poker statistic X lies between 2.16 and 46.17, both excluded:
    /// 2.16 < 16/5000 S - 5000 < 46.17 is 1,563,175 < S < 1,576,928.125.
    package static let pokerBounds = 1_563_176...1_576_928

    /// Runs of each bit value by length, both ends included (table 3 of the change notice).
    package static let runBounds = RunBounds(
        length1: 2_315...2_685,
        length2: 1_114...1_386,
        length3: 527...723,
        length4: 240...384,
        length5: 103...209,
        length6OrMore: 103...209
    )

    /// A run of this many equal bits fails.
    package static let longRunLength = 26

    /// Whether two bytes in succession are all zeros or all ones, as in each run of 23 bits or more.
    private func mayHaveLongRun(_ base: UnsafeRawPointer) -> Bool {
        var found = SIMD16<UInt8>.zero
        var offset = 0
        while offset < BitBlock.byteCount - 17 {
            found |= marks(base, offset)
            offset &+= 16
        }
        found |= marks(base, BitBlock.byteCount - 17)
        return found != .zero
    }

    /// Not 0 where a byte and the next are 0 or both are 255.
    @inline(__always)
    private func marks(_ base: UnsafeRawPointer, _ offset: Int) -> SIMD16<UInt8> {
        let here = base.loadUnaligned(fromByteOffset: offset, as: SIMD16<UInt8>.self)
        let next = base.loadUnaligned(fromByteOffset: offset &+ 1, as: SIMD16<UInt8>.self)
        let zeros = (here | next) .== SIMD16<UInt8>(repeating: 0)
        let ones = (here & next) .== SIMD16<UInt8>(repeating: 255)
        return SIMD16<UInt8>.zero.replacing(with: 255, where: zeros .| ones)
    }

    /// Whether a little-endian 32-bit word equals the one before it.
    private mutating func repeatsWord(_ base: UnsafeRawPointer) -> Bool {
        let first = base.loadUnaligned(as: UInt32.self)
        let isFirstRepeated = UInt32(littleEndian: first) == previous
        let last = base.loadUnaligned(fromByteOffset: BitBlock.byteCount - 4, as: UInt32.self)
        previous = UInt32(littleEndian: last)
        // The other 624 words, four at a time.
        var found = SIMD4<UInt32>.zero
        var offset = 4
        while offset < BitBlock.byteCount {
            let here = base.loadUnaligned(fromByteOffset: offset, as: SIMD4<UInt32>.self)
            let before = base.loadUnaligned(fromByteOffset: offset &- 4, as: SIMD4<UInt32>.self)
            found.replace(with: 1, where: here .== before)
            offset &+= 16
        }
        return isFirstRepeated || found != .zero
    }
}
