// Counting in a block of 20,000 bits, a word at a time (FIPS 140-2, section 4.9.1; AIS 31, T1 to T4).
// SPDX-License-Identifier: Apache-2.0

extension BitBlock {
    /// Counts what monobit, poker and runs tests judge.
    package borrowing func counts() -> BitBlockCounts {
        let nibbles = nibbleCounts()
        var (ones, squares) = (0, 0)
        for value in 0..<16 {
            ones &+= Int(nibbles[value]) &* value.nonzeroBitCount
            squares &+= Int(nibbles[value]) &* Int(nibbles[value])
        }
        markRuns()
        return BitBlockCounts(
            ones: ones,
            pokerSquares: squares,
            runsOfZeros: runCounts(masks + 6 * Self.wordCount),
            runsOfOnes: runCounts(masks)
        )
    }

    /// Length of the longest run of equal bits.
    package borrowing func longestRun() -> Int {
        var (longest, current) = (0, 0)
        for index in 0...Self.fullWords {
            var equal = equalToNext(index)
            var left = index == Self.fullWords ? 31 : 64
            while left > 0 {
                let run = min(left, (~equal).leadingZeroBitCount)
                current &+= run
                longest = max(longest, current)
                if run == left { break }
                current = 0
                equal = run == 63 ? 0 : equal &<< UInt64(run &+ 1)
                left &-= run &+ 1
            }
        }
        return longest + 1
    }

    /// Whether there are `length` (2...64) equal bits in succession.
    package borrowing func hasRun(ofAtLeast length: Int) -> Bool {
        precondition((2...64).contains(length))
        var found: UInt64 = 0
        for index in 0...Self.fullWords {
            var (high, low) = (equalToNext(index), equalToNext(index &+ 1))
            // Bits that begin `reach` ones in succession; the reach doubles until it is enough.
            var reach = 1
            while reach < length &- 1 {
                let step = UInt64(min(reach, length &- 1 &- reach))
                high &= high &<< step | low &>> (64 &- step)
                low &= low &<< step
                reach &+= Int(step)
            }
            found |= high
        }
        return found != 0
    }

    /// A one where a bit of the word equals the next; the last bit of the block has no next.
    @inline(__always)
    private borrowing func equalToNext(_ index: Int) -> UInt64 {
        let next = words[index] &<< 1 | words[index &+ 1] &>> 63
        let equal = ~(words[index] ^ next)
        return index < Self.fullWords
            ? equal : index == Self.fullWords ? equal & Self.lastWordMask &<< 1 : 0
    }

    /// How often each of the 16 values of four bits occurs in the 5,000 groups.
    private borrowing func nibbleCounts() -> SIMD16<UInt16> {
        withUnsafeTemporaryAllocation(of: UInt16.self, capacity: 512) { table in
            let counts = table.baseAddress!
            counts.initialize(repeating: 0, count: 512)
            for index in 0...Self.fullWords {
                var word = words[index]
                for _ in 0..<4 {
                    counts[Int(truncatingIfNeeded: word & 255)] &+= 1
                    counts[256 &+ Int(truncatingIfNeeded: word &>> 8 & 255)] &+= 1
                    word &>>= 16
                }
            }
            // The last word has only 32 bits.
            counts[0] &-= 2
            counts[256] &-= 2
            let rows = UnsafeRawPointer(counts)
            var lows = SIMD16<UInt16>.zero
            var highs = SIMD16<UInt16>.zero
            for high in 0..<16 {
                let first = rows.loadUnaligned(fromByteOffset: high * 32, as: SIMD16<UInt16>.self)
                let second = rows.loadUnaligned(
                    fromByteOffset: 512 + high * 32,
                    as: SIMD16<UInt16>.self
                )
                let row = first &+ second
                lows &+= row
                highs[high] = row.wrappedSum()
            }
            return lows &+ highs
        }
    }

    /// Marks the starts of runs of at least 1 to 6 ones, then of zeros, each in its own mask.
    private borrowing func markRuns() {
        let source = UnsafeRawPointer(words)
        for pair in 0...Self.fullWords / 2 {
            let index = pair &* 2
            let offset = index &* 8
            let before = source.loadUnaligned(fromByteOffset: offset &- 8, as: Vector.self)
            let here = source.loadUnaligned(fromByteOffset: offset, as: Vector.self)
            let after = source.loadUnaligned(fromByteOffset: offset &+ 8, as: Vector.self)
            let previous = here &>> 1 | before &<< 63
            let next1 = here &<< 1 | after &>> 63
            let next2 = here &<< 2 | after &>> 62
            let next3 = here &<< 3 | after &>> 61
            let next4 = here &<< 4 | after &>> 60
            let next5 = here &<< 5 | after &>> 59
            var run = here & ~previous
            store(run, 0, index)
            run &= next1
            store(run, 1, index)
            run &= next2
            store(run, 2, index)
            run &= next3
            store(run, 3, index)
            run &= next4
            store(run, 4, index)
            run &= next5
            store(run, 5, index)
            // The zeros around the block hide a start and feign others: both are put right below.
            run = ~here & previous
            store(run, 6, index)
            run &= ~next1
            store(run, 7, index)
            run &= ~next2
            store(run, 8, index)
            run &= ~next3
            store(run, 9, index)
            run &= ~next4
            store(run, 10, index)
            run &= ~next5
            store(run, 11, index)
        }
        correctFirstRun()
        correctLastRun()
    }

    /// A block that begins with zeros has a run there.
    private borrowing func correctFirstRun() {
        let length = min(6, words[0].leadingZeroBitCount)
        for atLeast in 0..<length { masks[(6 &+ atLeast) &* Self.wordCount] |= 1 &<< 63 }
    }

    /// A run of zeros that begins behind the last bit is none, and one that reaches the end is only as
    /// long as the block.
    private borrowing func correctLastRun() {
        for atLeast in 0..<6 {
            let mask = masks + (6 &+ atLeast) &* Self.wordCount + Self.fullWords
            // The last 32 bits: the last of them begins a run of one, the one before of two at most.
            mask[0] &= Self.lastWordMask &<< UInt64(atLeast)
            mask[1] = 0
        }
    }

    @inline(__always)
    private borrowing func store(_ vector: Vector, _ mask: Int, _ index: Int) {
        UnsafeMutableRawPointer(masks + (mask &* Self.wordCount &+ index))
            .storeBytes(of: vector, as: Vector.self)
    }

    /// Numbers of runs by length, from masks of the starts of those that are long enough.
    private borrowing func runCounts(_ masks: UnsafeMutablePointer<UInt64>) -> RunCounts {
        let atLeast1 = ones(masks)
        let atLeast2 = ones(masks + Self.wordCount)
        let atLeast3 = ones(masks + 2 * Self.wordCount)
        let atLeast4 = ones(masks + 3 * Self.wordCount)
        let atLeast5 = ones(masks + 4 * Self.wordCount)
        let atLeast6 = ones(masks + 5 * Self.wordCount)
        return RunCounts(
            length1: atLeast1 - atLeast2,
            length2: atLeast2 - atLeast3,
            length3: atLeast3 - atLeast4,
            length4: atLeast4 - atLeast5,
            length5: atLeast5 - atLeast6,
            length6OrMore: atLeast6
        )
    }

    private borrowing func ones(_ mask: UnsafeMutablePointer<UInt64>) -> Int {
        let source = UnsafeRawPointer(mask)
        return onesCount(groups: Self.wordCount / 16) { index in
            source.loadUnaligned(fromByteOffset: index &* 16, as: Vector.self)
        }
    }
}

private typealias Vector = SIMD2<UInt64>
