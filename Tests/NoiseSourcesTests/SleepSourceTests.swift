// Tests of the sleep source.
// SPDX-License-Identifier: Apache-2.0

import Entropy
import NoiseSources
import Testing
import WellspringTesting

struct SleepSourceTests {
    private func source(interval: Duration) -> SleepSource {
        var settings = NoiseSourceSettings()
        settings.sleepInterval = interval
        return SleepSource(settings)
    }

    @Test("samples are lengths of sleeps and vary")
    func samples() throws {
        let source = source(interval: .microseconds(50))
        try source.open()
        defer { source.close() }
        let timer = try TimerGranularity.measure(source: "test")
        let samples = try source.samples(upTo: 200)
        #expect(samples.count == 200)
        // No sleep is shorter than asked for; 2 % for the error in measuring the counter's rate.
        let shortest = 50e-6 * timer.ticksPerSecond / Double(timer.step) * 0.98
        #expect(samples.allSatisfy { Double($0) > shortest })
        // With 1 bit per sample, 200 equal samples have the probability 2^-199.
        #expect(Set(samples).count > 1)
    }

    @Test("a sleeping source is woken")
    func woken() throws {
        let source = source(interval: .milliseconds(100))
        try source.open()
        defer { source.close() }
        // 100,000 sleeps would take hours: only the wake-up ends this call.
        let samples = try source.samplesWhenWoken(upTo: 100_000)
        #expect(samples.count < 1000)
    }

    @Test("a call that is already woken takes no sample")
    func alreadyWoken() throws {
        let source = source(interval: .microseconds(50))
        try source.open()
        defer { source.close() }
        let wake = WakeEvent()
        wake.signal()
        #expect(try source.samples(upTo: 10, wake: wake).isEmpty)
    }

    @Test("a zero or negative interval is raised to the shortest sleep", arguments: [0, -5])
    func interval(seconds: Int) throws {
        let source = source(interval: .seconds(seconds))
        try source.open()
        defer { source.close() }
        #expect(try source.samples(upTo: 5).count == 5)
    }

    @Test("the operator's claim replaces the assessed one")
    func claim() throws {
        var settings = NoiseSourceSettings()
        settings.claim = BitsPerSample(0.25).map {
            EntropyClaim(minEntropy: $0, origin: .operatorStated)
        }
        settings.name = "naps"
        let descriptor = SleepSource(settings).descriptor
        #expect(descriptor.name == "naps")
        #expect(descriptor.claim.minEntropy == BitsPerSample(0.25))
        #expect(descriptor.claim.origin == .operatorStated)
        guard case .assessed(let stamp) = SleepSource.standard.claim.origin else {
            Issue.record("the claim is not assessed")
            return
        }
        #expect(stamp.origin == .shipped)
    }
}
