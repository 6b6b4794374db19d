// The clocks' order and the way from a duration to poll(2).
// SPDX-License-Identifier: Apache-2.0

import LinuxSystem
import Testing

@Suite("SystemClock")
struct SystemClockTests {
    @Test("time does not run backwards")
    func order() {
        let (boot, awake, nanoseconds) = (
            SystemClock.now, SystemClock.awake, SystemClock.awakeNanoseconds
        )
        #expect(SystemClock.now >= boot)
        #expect(SystemClock.awake >= awake)
        #expect(.nanoseconds(nanoseconds) >= awake)
        #expect(SystemClock.awake >= .nanoseconds(nanoseconds))
    }

    @Test("time asleep counts since boot and not as awake")
    func suspended() {
        let awake = SystemClock.awake
        #expect(SystemClock.now >= awake)
    }

    @Test("a working thread uses processor time, which is also the process's")
    func processorTime() {
        let start = SystemClock.threadCPUTime
        while SystemClock.threadCPUTime == start {}
        #expect(SystemClock.threadCPUTime > start)
        #expect(SystemClock.processCPUTime > .zero)
    }

    @Test("the date is after that of this test")
    func date() {
        // 2026-01-01T00:00:00Z.
        #expect(SystemClock.secondsSinceEpoch > 1_767_225_600)
    }

    @Test(
        "a duration is rounded up to poll's milliseconds and held within its range",
        arguments: [
            (.zero, 0), (.seconds(-1), 0), (.milliseconds(-500), 0), (.nanoseconds(-1), 0),
            (.nanoseconds(1), 1), (.milliseconds(1), 1), (.nanoseconds(1_000_001), 2),
            (.microseconds(999), 1), (.seconds(1) - .nanoseconds(1), 1000), (.seconds(60), 60_000),
            (.seconds(2_147_482) + .milliseconds(999), 2_147_482_999),
            (.seconds(2_147_484), Int32.max), (.seconds(Int64.max), Int32.max),
        ] as [(Duration, Int32)]
    )
    func pollMilliseconds(duration: Duration, expected: Int32) {
        #expect(duration.pollMilliseconds == expected)
    }

    @Test("seconds keep fractions and sign")
    func seconds() {
        #expect(Duration.milliseconds(1500).seconds == 1.5)
        #expect(Duration.milliseconds(-250).seconds == -0.25)
    }
}
