// The life of a noise source under its monitor.
// SPDX-License-Identifier: Apache-2.0

import Entropy
import HealthTests
import Testing

@Suite struct HealthMonitorTests {
    /// Reaches the repetition count's intermittent limit at H = 1 (31), not the permanent one (61).
    private let interruption = [RawSample](repeating: 5, count: 40)

    @Test(
        "start-up samples are never credited, and later ones by whole windows",
        arguments: [(8, 512), (1, 1_024)]
    )
    func startUp(bits: Int, window: Int) {
        var monitor = HealthMonitor(descriptor: descriptor(claim: 0.5, bits: bits))
        #expect(monitor.examine(good(1_023)).creditableSamples == 0)
        #expect(monitor.state == .starting(passedSamples: 1_023))
        #expect(monitor.examine(good(1, seed: 2)).creditableSamples == 0)
        #expect(monitor.state == .healthy)
        #expect(monitor.examine(good(window - 1, seed: 3)).creditableSamples == 0)
        #expect(monitor.examine(good(1, seed: 4)).creditableSamples == window)
        #expect(monitor.examine(good(2 * window + 5, seed: 5)).creditableSamples == 2 * window)
        #expect(monitor.counts.creditableSamples == UInt64(3 * window))
        #expect(monitor.counts.startUpsPassed == 1)
        #expect(monitor.counts.failures == 0)
    }

    @Test("samples since the last passing window are taken back by an alarm")
    func takenBack() {
        var monitor = HealthMonitor(descriptor: descriptor(claim: 1))
        _ = monitor.examine(good(1_024 + 512 + 300))
        #expect(monitor.counts.creditableSamples == 512)
        let result = monitor.examine(interruption + good(5_000, seed: 2))
        #expect(result.creditableSamples == 0)
        #expect(result.failure?.test == .repetitionCount)
        #expect(result.failure?.observed == 31)
        #expect(result.failure?.cutoff == 31)
        #expect(result.failure?.sampleIndex == 1_024 + 512 + 300 + 30)
        #expect(monitor.state == .degraded(retryAt: .seconds(1)))
        // Watched for 1,024 samples after the alarm, and not on.
        #expect(result.examinedSamples == 31 + 1_024)
        #expect(!monitor.wantsSamples)
        #expect(monitor.examine(good(10)).examinedSamples == 0)
        // After the retry, a whole start-up is taken again.
        #expect(monitor.beginRetry(at: .seconds(1)) == true)
        #expect(monitor.examine(good(1_024 + 511)).creditableSamples == 0)
        #expect(monitor.examine(good(1, seed: 9)).creditableSamples == 512)
        #expect(monitor.counts.failures(of: .repetitionCount, .intermittent) == 1)
    }

    @Test("windows that passed before an alarm in the same batch still count")
    func passedBefore() {
        var monitor = HealthMonitor(descriptor: descriptor(claim: 1))
        let result = monitor.examine(good(1_024 + 600) + interruption)
        #expect(result.creditableSamples == 512)
        #expect(result.failure != nil)
    }

    @Test("an alarm in start-up fails it, and a source that stays broken is retired from there")
    func startUpFailure() {
        var monitor = HealthMonitor(descriptor: descriptor(claim: 1))
        _ = monitor.examine(good(100) + interruption.prefix(31), at: .seconds(7))
        #expect(monitor.state == .failed(retryAt: .seconds(8)))
        #expect(monitor.wantsSamples)
        let result = monitor.examine(interruption, at: .seconds(7))
        #expect(result.failure?.severity == .permanent)
        #expect(result.failure?.observed == 61)
        #expect(monitor.state == .retired)
        #expect(!monitor.wantsSamples)
        #expect(monitor.retryAt == nil)
        #expect(monitor.beginRetry(at: .seconds(1_000_000)) == false)
        #expect(monitor.requestStartUpTest() == false)
        monitor.sourceError(at: .seconds(1_000_000))
        #expect(monitor.state == .retired)
        #expect(monitor.examine(good(2_000)).examinedSamples == 0)
    }

    @Test("the back-off doubles from a second, and ten failures in a row retire a source")
    func backOff() {
        var monitor = HealthMonitor(descriptor: descriptor(claim: 1))
        var now = Duration.zero
        for seconds in [1, 2, 4, 8, 16, 32, 64, 128, 256] {
            _ = monitor.examine(interruption + good(1_100), at: now)
            let retryAt = now + .seconds(seconds)
            #expect(monitor.state == .failed(retryAt: retryAt))
            #expect(!monitor.mayRetry(at: retryAt - .nanoseconds(1)))
            #expect(monitor.beginRetry(at: retryAt - .nanoseconds(1)) == false)
            #expect(monitor.mayRetry(at: retryAt))
            #expect(monitor.beginRetry(at: retryAt) == true)
            #expect(monitor.state == .starting(passedSamples: 0))
            now = retryAt
        }
        _ = monitor.examine(interruption, at: now)
        #expect(monitor.state == .retired)
        #expect(monitor.counts.startUpsBegun == 10)
        #expect(monitor.lastFailure?.severity == .intermittent)
    }

    @Test(
        "failures are forgotten after a healthy period, and not before",
        arguments: [true, false]
    )
    func healthyPeriod(isLongEnough: Bool) {
        var monitor = HealthMonitor(descriptor: descriptor(claim: 1))
        for _ in 0..<3 {
            _ = monitor.examine(interruption + good(1_100))
            monitor.beginRetry(at: .seconds(1_000))
        }
        _ = monitor.examine(good(1_024 + 131_072 - (isLongEnough ? 0 : 512)))
        _ = monitor.examine(interruption)
        #expect(monitor.state == .degraded(retryAt: .seconds(isLongEnough ? 1 : 8)))
    }

    @Test("a device error takes samples back and waits, up to five minutes, but retires nothing")
    func deviceErrors() {
        var monitor = HealthMonitor(descriptor: descriptor(claim: 1))
        _ = monitor.examine(good(1_024 + 500))
        monitor.sourceError(at: .seconds(1))
        #expect(monitor.state == .failed(retryAt: .seconds(2)))
        #expect(!monitor.wantsSamples)
        monitor.beginRetry(at: .seconds(2))
        #expect(monitor.examine(good(1_024 + 100)).creditableSamples == 0)
        for _ in 0..<100 { monitor.sourceError(at: .seconds(10)) }
        #expect(monitor.state == .failed(retryAt: .seconds(310)))
        #expect(monitor.counts.deviceErrors == 101)
        #expect(monitor.counts.failures == 0)
        #expect(monitor.beginRetry(at: .seconds(310)) == true)
        #expect(monitor.examine(good(1_024 + 512)).creditableSamples == 512)
    }

    @Test("samples that are withheld never count; the tests go on, and the next ones count as ever")
    func withheld() {
        var monitor = HealthMonitor(descriptor: descriptor(claim: 1))
        _ = monitor.examine(good(1_024 + 512 + 300))
        monitor.withhold()
        #expect(monitor.state == .healthy)
        #expect(monitor.counts.creditableSamples == 512)
        // The window that they stand in ends where it would have ended.
        #expect(monitor.examine(good(211, seed: 2)).creditableSamples == 0)
        #expect(monitor.examine(good(1, seed: 3)).creditableSamples == 212)
        #expect(monitor.examine(good(512, seed: 4)).creditableSamples == 512)
        // An alarm in the midst of withheld samples is one all the same.
        monitor.withhold()
        #expect(monitor.examine(interruption).failure?.test == .repetitionCount)
        monitor.withhold()
        #expect(monitor.state == .degraded(retryAt: .seconds(1)))
        #expect(monitor.counts.startUpsBegun == 1)
    }

    @Test("withholding shortens no start-up test and spoils none")
    func withheldStart() {
        var monitor = HealthMonitor(descriptor: descriptor(claim: 1))
        _ = monitor.examine(good(1_000))
        monitor.withhold()
        #expect(monitor.state == .starting(passedSamples: 1_000))
        #expect(monitor.examine(good(24 + 512, seed: 2)).creditableSamples == 512)
    }

    @Test("a start-up test on demand takes back what was not credited, and needs no waiting")
    func onDemand() {
        var monitor = HealthMonitor(descriptor: descriptor(claim: 1))
        _ = monitor.examine(good(1_024 + 500))
        #expect(monitor.requestStartUpTest() == true)
        #expect(monitor.state == .starting(passedSamples: 0))
        #expect(monitor.examine(good(1_024 + 500)).creditableSamples == 0)
        #expect(monitor.examine(good(12)).creditableSamples == 512)
        monitor.sourceError(at: .zero)
        #expect(monitor.requestStartUpTest() == true)
        #expect(monitor.counts.startUpsBegun == 3)
    }

    @Test("a claim of zero is tested like the least one", arguments: Defect.all)
    func mixOnly(defect: Defect) {
        var monitor = HealthMonitor(descriptor: descriptor(claim: 0))
        _ = monitor.examine(good(10_000))
        #expect(monitor.state == .healthy)
        _ = monitor.examine(defect.samples(10_000))
        #expect(monitor.state != .healthy)
    }

    @Test("symbols of a device have the standard's two tests, and no others")
    func symbols() {
        func state(_ defect: Defect) -> HealthMonitor.State {
            var monitor = HealthMonitor(descriptor: descriptor(claim: 1, kind: .symbols))
            _ = monitor.examine(defect.samples(20_000))
            return monitor.state
        }
        #expect(state(.constant(9)) == .retired)
        #expect(state(.mostlyZero) == .retired)
        #expect(state(.period(5)) == .healthy)
        #expect(state(.counter) == .healthy)
    }

    /// A difference of order k takes k + 1 samples; the predictor looks at eight, and guesses wrong once.
    @Test(
        "an alarm comes at the very sample that reaches a limit",
        arguments: [
            (Defect.constant(26), HealthFailure.Finding.equalSamplesInARow, 31, 31),
            (.stride(26), .stuckInARow, 30, 32),
            (.growingStride, .stuckInARow, 30, 33),
            (.alternating, .guessedInARow, 46, 9 + 46),
        ]
    )
    func sampleOfAlarm(
        defect: Defect,
        finding: HealthFailure.Finding,
        cutoff: Int,
        sampleCount: Int
    ) {
        var monitor = HealthMonitor(descriptor: descriptor(claim: 1))
        _ = monitor.examine(defect.samples(50 + sampleCount))
        #expect(monitor.firstFailure?.finding == finding)
        #expect(monitor.firstFailure?.cutoff == cutoff)
        #expect(monitor.firstFailure?.observed == cutoff)
        #expect(monitor.firstFailure?.sampleIndex == UInt64(sampleCount - 1))
    }

    @Test("negative time differences fail a clock that is good otherwise")
    func backwardClock() {
        var monitor = HealthMonitor(descriptor: descriptor(claim: 1))
        let result = monitor.examine(good(1_024).enumerated().map { $0 % 100 == 0 ? ~$1 : $1 })
        #expect(result.failure?.finding == .backwardClock)
        #expect(result.failure?.observed == 4)
        #expect(monitor.state == .failed(retryAt: .seconds(1)))
    }

    @Test(
        "the outcome does not depend on how samples are cut into batches",
        arguments: [1, 7, 512]
    )
    func batches(length: Int) {
        let samples =
            good(3_000) + interruption + good(900, seed: 2) + Defect.alternating.samples(400)
        var whole = HealthMonitor(descriptor: descriptor(claim: 1))
        var cut = whole
        let expected = whole.examine(samples)
        var creditable = 0
        for start in stride(from: 0, to: samples.count, by: length) {
            creditable +=
                cut.examine(Array(samples[start..<min(start + length, samples.count)]))
                .creditableSamples
        }
        #expect(creditable == expected.creditableSamples)
        #expect(cut.state == whole.state)
        #expect(cut.state == .retired)
        #expect(cut.counts == whole.counts)
        #expect(cut.lastFailure == whole.lastFailure)
    }

    @Test("a failure is told in one sentence, and each test has a name")
    func words() {
        var monitor = HealthMonitor(descriptor: descriptor(claim: 1))
        let result = monitor.examine(good(100) + Defect.constant(0).samples(100))
        #expect(
            result.failure?.description
                == "permanent failure of the repetition count test at sample 160: "
                + "61 equal samples in a row, and 61 are the limit"
        )
        #expect(Set(HealthTestKind.allCases.map(\.name)).count == 5)
    }
}
