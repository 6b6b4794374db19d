// Test procedure A (AIS 20/31 version 2.0, section 2.4.4.1): T0, then T1 to T5 on 257 blocks.
// SPDX-License-Identifier: Apache-2.0

/// Procedure A, repeated once if exactly one of its 1,286 tests fails. Ideal data passes with
/// probability .9987.
package struct AIS31ProcedureA: Sendable, Equatable, Encodable {
    package let layout: AIS31Layout
    /// Bits given.
    package let givenBits: Int
    /// Bits tested, both runs together.
    package let usedBits: Int
    package let first: AIS31Outcome<AIS31RunA>
    /// The repetition, on the bits behind the first run; nil if it is not called for.
    package let second: AIS31Outcome<AIS31RunA>?

    /// Tests a sequence from its start.
    package init(_ bits: BitSequence, layout: AIS31Layout = .consecutive) {
        self.layout = layout
        givenBits = bits.count
        let one = AIS31RunA.run(bits, from: 0, layout: layout)
        first = one
        var used = one.value?.bitsUsed ?? 0
        if one.value?.failedTests == 1 {
            let two = AIS31RunA.run(bits, from: used, layout: layout)
            second = two
            used += two.value?.bitsUsed ?? 0
        } else {
            second = nil
        }
        usedBits = used
    }

    package var verdict: AIS31Verdict {
        .of(first.value?.failedTests, repetition: second.map { $0.value?.failedTests })
    }
}

/// One run of procedure A.
package struct AIS31RunA: Sendable, Equatable, Encodable {
    /// Bits from the start of T0 to the end of the last block.
    package let bitsUsed: Int
    package let disjointness: AIS31Disjointness
    /// Results of T1 to T5, block by block.
    package let blocks: [AIS31BlockResult]

    /// Blocks that failed T1, T2, T3, T4 and T5.
    package var monobitFailures: Int { blocks.count { !$0.passesMonobit } }
    package var pokerFailures: Int { blocks.count { !$0.passesPoker } }
    package var runsFailures: Int { blocks.count { !$0.passesRuns } }
    package var longRunFailures: Int { blocks.count { !$0.passesLongRun } }
    package var autocorrelationFailures: Int { blocks.count { !$0.autocorrelation.passed } }

    /// Tests that failed, of 1,286.
    package var failedTests: Int {
        (disjointness.passed ? 0 : 1) + monobitFailures + pokerFailures + runsFailures
            + longRunFailures + autocorrelationFailures
    }

    /// Runs all tests on the bits from `start` on.
    static func run(_ bits: BitSequence, from start: Int, layout: AIS31Layout) -> AIS31Outcome<Self>
    {
        // A repetition begins with a whole word, too.
        let places = layout.places(from: start + AIS31Disjointness.bitCount)
        guard places.end <= bits.count else {
            return .notApplicable(
                .tooShort(neededBits: places.end - start, givenBits: bits.count - start)
            )
        }
        var block = BitBlock()
        var search = AIS31AutocorrelationSearch()
        var results: [AIS31BlockResult] = []
        results.reserveCapacity(places.blocks.count)
        for place in places.blocks {
            if place.step == 1 {
                block.load(bits, from: place.first)
            } else {
                block.load(bits, from: place.first, step: place.step)
            }
            results.append(
                AIS31BlockResult(
                    counts: block.counts(),
                    longestRun: block.longestRun(),
                    autocorrelation: search.run(block)
                )
            )
        }
        return .value(
            AIS31RunA(
                bitsUsed: places.end - start,
                disjointness: AIS31Disjointness(bits, from: start),
                blocks: results
            )
        )
    }
}

/// T1 to T5 on one block of 20,000 bits.
package struct AIS31BlockResult: Sendable, Equatable, Encodable {
    /// What T1 (ones), T2 (poker) and T3 (runs) judge.
    package let counts: BitBlockCounts
    /// Length of the longest run of equal bits (T4).
    package let longestRun: Int
    /// T5.
    package let autocorrelation: AIS31Autocorrelation

    package var passesMonobit: Bool { AIS31.onesBounds.contains(counts.ones) }
    package var passesPoker: Bool { AIS31.pokerBounds.contains(counts.pokerSquares) }
    package var passesRuns: Bool {
        counts.runsOfZeros.isWithin(AIS31.runBounds) && counts.runsOfOnes.isWithin(AIS31.runBounds)
    }
    package var passesLongRun: Bool { longestRun < AIS31.longRunLength }
}

extension AIS31Verdict {
    /// From the numbers of failed tests; nil is a run that was not possible, no repetition is `.none`.
    static func of(_ failures: Int?, repetition: Int??) -> AIS31Verdict {
        switch (failures, repetition) {
        case (nil, _): .notApplicable
        case (0, _): .passed
        case (1, .some(0)): .passedAfterRepetition
        case (1, .some(.none)): .repetitionNeeded
        default: .failed
        }
    }
}
