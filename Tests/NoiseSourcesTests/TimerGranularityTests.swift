// Tests of the judgement on cycle counters.
// SPDX-License-Identifier: Apache-2.0

import NoiseSources
import Testing

struct TimerGranularityTests {
    private func judge(
        _ readings: [UInt64],
        elapsed: Duration = .microseconds(1)
    ) throws -> TimerGranularity {
        try TimerGranularity(readings: readings, elapsed: elapsed, source: "test")
    }

    @Test("the step is what all differences share")
    func step() throws {
        let timer = try judge([1000, 1026, 1078, 1078, 1208, 1234])
        #expect(timer.step == 26)
        #expect(timer.smallestDelta == 26)
        #expect(abs(timer.ticksPerSecond - 234e6) < 1)
    }

    @Test("the step may be smaller than every difference")
    func divisor() throws {
        let timer = try judge([0, 6, 16, 31])
        #expect(timer.step == 1)
        #expect(timer.smallestDelta == 6)
    }

    /// 1,024 readings in steps of 26 ticks, with odd differences at the given places.
    private func readings(oddAt places: Set<Int>) -> [UInt64] {
        var now: UInt64 = 1 << 40
        return (0..<1024).map { place in
            now += places.contains(place) ? 15 : 26 * UInt64(1 + place % 3)
            return now
        }
    }

    @Test("moving to another processor does not spoil the step")
    func outliers() throws {
        let elapsed: Duration = .microseconds(20)
        #expect(try judge(readings(oddAt: []), elapsed: elapsed).step == 26)
        #expect(try judge(readings(oddAt: [1]), elapsed: elapsed).step == 26)
        #expect(try judge(readings(oddAt: [3, 500, 1023]), elapsed: elapsed).step == 26)
    }

    @Test("more exceptions than a scheduler makes are the counter's own")
    func manyOutliers() throws {
        let step = try judge(readings(oddAt: [3, 100, 500, 700]), elapsed: .microseconds(20)).step
        #expect(step == 1)
    }

    @Test(
        "counters that cannot serve are refused with the reason",
        arguments: [
            ([], "stands still"), ([5], "stands still"), ([7, 7, 7, 7], "stands still"),
            ([10, 20, 19, 30], "backwards"), ([UInt64.max, 0], "backwards"),
        ] as [([UInt64], String)]
    )
    func refused(readings: [UInt64], reason: String) {
        let error = #expect(throws: NoiseSourceError.self) { try judge(readings) }
        #expect(error?.code == .unusableTimer)
        #expect(error?.description.contains(reason) == true)
    }

    @Test("steps below 1 us pass and longer ones are refused")
    func coarse() throws {
        _ = try judge([0, 1, 2, 3, 4], elapsed: .nanoseconds(3992))
        let error = #expect(throws: NoiseSourceError.self) {
            try judge([0, 1, 2, 3, 4], elapsed: .nanoseconds(4008))
        }
        #expect(error?.reason == "the cycle counter moves in steps of 1002 ns")
    }

    @Test("this machine's counter is measured")
    func measure() throws {
        let timer = try TimerGranularity.measure(source: "test")
        #expect(timer.step >= 1)
        #expect(timer.smallestDelta % timer.step == 0)
        // CNTVCT_EL0 may run as slowly as 1 MHz; no processor reaches 100 GHz.
        #expect((1e6...1e11).contains(timer.ticksPerSecond))
    }
}
