// The clock test at its limits.
// SPDX-License-Identifier: Apache-2.0

import Entropy
import HealthTests
import Testing

@Suite struct ClockTestTests {
    /// Feeds both tests; returns whether the clock test passed every sample.
    private func passes(_ samples: [RawSample], bits: Int = 8) -> Bool {
        var stuck = StuckTest(minEntropy: h(0.1), sampleBits: bits)
        var clock = ClockTest(sampleBits: bits)
        return samples.reduce(true) { sum, sample in
            let symbol =
                UInt8(truncatingIfNeeded: sample) & UInt8(truncatingIfNeeded: 1 << bits - 1)
            _ = stuck.feed(symbol)
            return clock.feed(sample, symbol: symbol, stuck: stuck) == .pass && sum
        }
    }

    /// A window of 512 samples in which exactly `zeros` differences of the given order are zero
    /// (order 0: the samples themselves), the last ones.
    private func window(order: Int, zeros: Int) -> [RawSample] {
        var generator = SplitMix64(seed: 3)
        var column = (0..<512).map { i in
            // Odd, growing: neither they nor their differences are zero.
            i < 512 - zeros ? UInt8(truncatingIfNeeded: generator.next() | 1) : 0
        }
        for _ in 0..<order {
            var sum: UInt8 = 0
            column = column.map { difference in
                sum &+= difference
                return sum
            }
        }
        return column.map { RawSample($0) }
    }

    @Test(
        "nine tenths of a window may be zero, equal or evenly growing, and not one more",
        arguments: 0...3
    )
    func coarse(order: Int) {
        #expect(passes(window(order: order, zeros: 460)))
        #expect(!passes(window(order: order, zeros: 461)))
    }

    @Test("a coarse window is forgotten when the next begins")
    func nextWindow() {
        var stuck = StuckTest(minEntropy: h(0.1), sampleBits: 8)
        var clock = ClockTest(sampleBits: 8)
        for sample in window(order: 0, zeros: 461) + good(1) {
            _ = stuck.feed(UInt8(truncatingIfNeeded: sample))
            _ = clock.feed(sample, symbol: UInt8(truncatingIfNeeded: sample), stuck: stuck)
        }
        #expect(clock.outcome == .pass)
    }

    @Test("three of 1,024 differences may be negative, and not four", arguments: [1, 8])
    func backward(bits: Int) {
        func samples(negativesAt places: [Int]) -> [RawSample] {
            var samples = good(4_096)
            for place in places { samples[place] = 0 &- samples[place] }
            return samples
        }
        #expect(passes(samples(negativesAt: [0, 500, 1_023]), bits: bits))
        #expect(passes(samples(negativesAt: [0, 500, 1_023, 1_024, 1_500, 2_047]), bits: bits))
        #expect(!passes(samples(negativesAt: [0, 500, 600, 1_023]), bits: bits))
        #expect(!passes(samples(negativesAt: [1_024, 1_025, 1_026, 2_047]), bits: bits))
    }
}
