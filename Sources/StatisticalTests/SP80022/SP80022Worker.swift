// Runs the tests of SP 800-22 rev. 1a on streams of equal length.
// SPDX-License-Identifier: Apache-2.0

/// Memory and plans for streams of `bitCount` bits. Each thread has a worker of its own; two of them
/// have nothing in common.
package struct SP80022Worker: ~Copyable {
    /// Bits per stream (n).
    package let bitCount: Int
    package let parameters: SP80022Parameters
    private let templates: [UInt32]
    /// The stream in work, as `SP80022.Bits` wants it.
    private let words: UnsafeMutablePointer<UInt64>
    /// Frequencies of patterns.
    private let counts: UnsafeMutablePointer<UInt32>
    private let patternWidth: Int
    private let walkTable: UnsafeMutablePointer<SP80022.ByteWalk>
    private let runsTable: UnsafeMutablePointer<SP80022.ByteRuns>
    private var spectrum: SP80022.Spectrum?

    /// Any `bitCount` of 0 or more is allowed; tests that need more bits do not apply.
    package init(bitCount: Int, parameters: SP80022Parameters = .standard) {
        precondition(bitCount >= 0)
        self.bitCount = bitCount
        self.parameters = parameters
        let isUsable = SP80022.lengths.contains(bitCount)
        func applies(_ test: SP80022Test) -> Bool {
            isUsable && bitCount >= SP80022.bitsNeeded(test, parameters)
        }
        templates =
            applies(.nonOverlappingTemplate)
            ? SP80022.aperiodicTemplates(length: parameters.templateLength) : []
        words = .allocate(capacity: isUsable ? SP80022.Bits.wordCount(bitCount) : 1)
        patternWidth = isUsable ? SP80022.patternWidth(bitCount, parameters) : 0
        counts = .allocate(capacity: 1 << patternWidth)
        walkTable = .allocate(capacity: 256)
        runsTable = .allocate(capacity: 256)
        for byte in 0..<256 {
            walkTable[byte] = SP80022.ByteWalk(UInt8(byte))
            runsTable[byte] = SP80022.ByteRuns(UInt8(byte))
        }
        spectrum = applies(.spectral) ? SP80022.Spectrum(count: bitCount) : nil
    }

    deinit {
        words.deallocate()
        counts.deallocate()
        walkTable.deallocate()
        runsTable.deallocate()
    }

    /// All tests on the `bitCount` bits from bit `start` on. `bits` must hold them all.
    ///
    /// Streams may begin anywhere. The reference program reads packed bits 32 at a time and drops
    /// what a stream leaves of the last 32, so that with lengths that are no multiple of 32 its later
    /// streams are others.
    package mutating func test(_ bits: BitSequence, from start: Int = 0) -> SP80022StreamResult {
        precondition(start >= 0 && start <= bits.count - bitCount)
        if SP80022.lengths.contains(bitCount) { load(bits.words, from: start) }
        let stream = SP80022.Bits(words: words, count: bitCount)
        let ones =
            SP80022.lengths.contains(bitCount) ? stream.ones(from: 0, length: bitCount) : 0
        var walk: SP80022.RandomWalk?
        var patterns: SP80022.Patterns?
        let entries = SP80022Test.allCases.map { test in
            SP80022StreamResult.Entry(
                test: test,
                outcome: exclusion(test).map { .notApplicable($0) }
                    ?? outcome(test, stream, ones: ones, &walk, &patterns)
            )
        }
        return SP80022StreamResult(bitCount: bitCount, parameters: parameters, entries: entries)
    }

    /// Copies the stream to the beginning of `words` and its first 64 bits behind it.
    private func load(_ source: [UInt64], from start: Int) {
        let count = SP80022.Bits.wordCount(bitCount)
        source.withUnsafeBufferPointer { source in
            let first = start >> 6
            let shift = UInt64(start & 63)
            for index in 0..<count {
                let high = first + index < source.count ? source[first &+ index] : 0
                let low = first + index + 1 < source.count ? source[first &+ index &+ 1] : 0
                words[index] = high &<< shift | (low &>> 1) &>> (63 &- shift)
            }
        }
        let last = bitCount >> 6
        let used = UInt64(bitCount & 63)
        words[last] = used == 0 ? words[0] : words[last] & ~(.max &>> used) | words[0] &>> used
        words[last + 1] = used == 0 ? 0 : words[0] &<< (64 &- used)
    }

    /// Why `test` does not apply to streams of this length.
    private func exclusion(_ test: SP80022Test) -> SP80022Inapplicability? {
        let needed = SP80022.bitsNeeded(test, parameters)
        if bitCount < needed { return .tooShort(needed: needed, given: bitCount) }
        let limit = SP80022.longestStream
        return bitCount > limit ? .tooLong(limit: limit, given: bitCount) : nil
    }

    /// Runs one test; `walk` and `patterns` keep what several tests use.
    private mutating func outcome(
        _ test: SP80022Test,
        _ bits: SP80022.Bits,
        ones: Int,
        _ walk: inout SP80022.RandomWalk?,
        _ patterns: inout SP80022.Patterns?
    ) -> SP80022Outcome {
        switch test {
        case .frequency:
            return .pValues([SP80022.frequency(ones: ones, count: bitCount)])
        case .blockFrequency:
            let length = parameters.blockFrequencyLength
            return .pValues([SP80022.blockFrequency(bits, blockLength: length)])
        case .runs: return .pValues([SP80022.runs(bits, ones: ones)])
        case .longestRun: return .pValues([SP80022.longestRun(bits, table: runsTable)])
        case .rank: return .pValues([SP80022.rank(bits)])
        case .spectral:
            guard let value = spectrum?.spectral(bits) else { return .notApplicable(.outOfMemory) }
            return .pValues([value])
        case .nonOverlappingTemplate:
            return .pValues(
                SP80022.nonOverlappingTemplates(
                    bits,
                    length: parameters.templateLength,
                    templates: templates
                )
            )
        case .overlappingTemplate:
            let length = parameters.overlappingTemplateLength
            return .pValues([SP80022.overlappingTemplate(bits, length: length)])
        case .universal:
            guard let model = SP80022.UniversalModel.model(count: bitCount) else {
                let needed = SP80022.UniversalModel.bitsNeeded
                return .notApplicable(.tooShort(needed: needed, given: bitCount))
            }
            return .pValues([SP80022.universal(bits, model: model)])
        case .linearComplexity:
            let length = parameters.linearComplexityLength
            return .pValues([SP80022.linearComplexity(bits, blockLength: length)])
        case .cumulativeSums, .randomExcursions, .randomExcursionsVariant:
            let done = walk ?? SP80022.RandomWalk(bits, table: walkTable)
            walk = done
            return Self.outcome(test, of: done, count: bitCount)
        case .approximateEntropy, .serial:
            let done = patterns ?? countPatterns(bits)
            patterns = done
            return .pValues(
                test == .serial
                    ? done.serial(length: parameters.serialLength)
                    : [done.approximateEntropy(length: parameters.approximateEntropyLength)]
            )
        }
    }

    private static func outcome(
        _ test: SP80022Test,
        of walk: SP80022.RandomWalk,
        count: Int
    ) -> SP80022Outcome {
        if test == .cumulativeSums {
            return .pValues(SP80022.cumulativeSums(walk, count: count))
        }
        let needed = SP80022.RandomWalk.cyclesNeeded(count: count)
        guard walk.cycles >= needed else {
            return .notApplicable(.tooFewCycles(needed: needed, given: walk.cycles))
        }
        return .pValues(
            test == .randomExcursions
                ? SP80022.randomExcursions(walk) : SP80022.randomExcursionsVariant(walk)
        )
    }

    private func countPatterns(_ bits: SP80022.Bits) -> SP80022.Patterns {
        let length = parameters.approximateEntropyLength
        return SP80022.Patterns(
            bits,
            width: patternWidth,
            withLogarithms: patternWidth > length ? length...length + 1 : nil,
            counts: counts
        )
    }
}
