// Single passes over a sequence for the permutation test (SP 800-90B, sections 5.1.1 to 5.1.10).
// SPDX-License-Identifier: Apache-2.0

/// A borrowed sequence of bytes. None of the passes branches on the data, apart from collisions.
struct SequenceStatistics {
    let base: UnsafePointer<UInt8>
    let count: Int

    /// Number of runs, longest run and number of ones of a sequence of ones and zeros.
    struct Runs: Equatable {
        var count = 0
        var longest = 0
        var ones = 0
    }

    /// max |sum of the first i symbols - i mean| (5.1.1), with the exact integers
    /// |count sum - i total|, which stay below 2^62 for up to 2^27 bytes or 2^30 bits.
    func excursion() -> Double {
        guard count > 0 else { return 0 }
        let total = sum()
        var (distance, lowest, highest) = (0, 0, 0)
        for place in 0..<count {
            distance &+= count &* Int(base[place]) &- total
            lowest = min(lowest, distance)
            highest = max(highest, distance)
        }
        return Double(max(highest, -lowest)) / Double(count)
    }

    /// Runs of steps: a step to a symbol that is no smaller is a one (5.1.2 to 5.1.4).
    func directionalRuns() -> Runs {
        runs(count - 1) { base[$0] <= base[$0 &+ 1] ? 1 : 0 }
    }

    /// Runs on both sides of a threshold: a symbol at or above it is a one (5.1.5, 5.1.6).
    func thresholdRuns(_ threshold: UInt8) -> Runs {
        runs(count) { base[$0] >= threshold ? 1 : 0 }
    }

    /// Mean and largest number of symbols up to and with the first repeat, counting anew behind it;
    /// symbols behind the last repeat do not count (5.1.7, 5.1.8).
    func collisions() -> (average: Double, largest: Int) {
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: 256) { seen in
            let seen = seen.baseAddress!
            // Place behind each symbol's last occurrence.
            seen.update(repeating: 0, count: 256)
            var (collisions, start, largest) = (0, 0, 0)
            for place in 0..<count {
                let symbol = Int(base[place])
                let last = Int(seen[symbol])
                seen[symbol] = Int32(truncatingIfNeeded: place &+ 1)
                if last > start {
                    collisions &+= 1
                    largest = max(largest, place &+ 1 &- start)
                    start = place &+ 1
                }
            }
            return (collisions == 0 ? 0 : Double(start) / Double(collisions), largest)
        }
    }

    /// Number of symbols that are equal to the one `lag` later (5.1.9).
    func periodicity(_ lag: Int) -> Int {
        let (low, high, end) = (base, base + lag, count - lag)
        var (total, place) = (0, 0)
        // Counts of 8 bits in 16 lanes, emptied before they run over.
        while place &+ 16 &* 255 <= end {
            var equal = SIMD16<UInt8>()
            for _ in 0..<255 {
                let matches = vector(low + place) .== vector(high + place)
                equal.replace(with: equal &+ 1, where: matches)
                place &+= 16
            }
            for lane in 0..<16 { total &+= Int(equal[lane]) }
        }
        while place < end {
            total &+= low[place] == high[place] ? 1 : 0
            place &+= 1
        }
        return total
    }

    /// Sum of the products of the symbols at the distance of a lag (5.1.10).
    func covariance(_ lag: Int) -> Int {
        let (low, high, end) = (base, base + lag, count - lag)
        var (total, place) = (0, 0)
        // 2^14 products of up to 255^2 fit in 32 bits.
        while place < end {
            let stop = min(end, place &+ 1 << 14)
            var part: UInt32 = 0
            for index in place..<stop { part &+= UInt32(low[index]) &* UInt32(high[index]) }
            total &+= Int(part)
            place = stop
        }
        return total
    }

    private func sum() -> Int {
        var total = 0
        for place in 0..<count { total &+= Int(base[place]) }
        return total
    }

    @inline(__always)
    private func runs(_ count: Int, _ bit: (Int) -> Int) -> Runs {
        guard count > 0 else { return Runs() }
        var previous = bit(0)
        var (changes, ones, run, longest) = (0, previous, 1, 1)
        for place in stride(from: 1, to: count, by: 1) {
            let bit = bit(place)
            let change = bit ^ previous
            changes &+= change
            ones &+= bit
            run = (run & (change &- 1)) &+ 1
            longest = max(longest, run)
            previous = bit
        }
        return Runs(count: changes + 1, longest: longest, ones: ones)
    }

    @inline(__always)
    private func vector(_ pointer: UnsafePointer<UInt8>) -> SIMD16<UInt8> {
        UnsafeRawPointer(pointer).loadUnaligned(as: SIMD16<UInt8>.self)
    }
}
