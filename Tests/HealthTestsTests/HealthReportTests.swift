// Recordings through the production health chain: what must be refused, and what must pass.
// SPDX-License-Identifier: Apache-2.0

import Entropy
import HealthTests
import Testing

@Suite struct HealthReportTests {
    @Test(
        "a clock without randomness is refused with the test named, also after a good beginning",
        arguments: Defect.all,
        [0.1, 0.25, 0.5, 1, 2]
    )
    func refusals(defect: Defect, claim: Double) throws {
        for bits in [8, 4] {
            for prefix in [0, 1_024 + 10_000] {
                let report = HealthReport.replay(
                    good(prefix) + defect.samples(30_000),
                    descriptor: descriptor(claim: claim, bits: bits)
                )
                #expect(report.verdict == .refused)
                #expect(report.state == .retired, "\(bits) bits: \(report)")
                // One window of the defect may have been closed before its test's limit.
                #expect(report.counts.creditableSamples <= max(0, prefix - 1_024 + 512))
                let last = try #require(report.lastFailure)
                #expect(report.firstFailure != nil)
                if bits == 8 {
                    #expect(defect.namedTests.contains(last.test), "\(report)")
                    #expect(report.description.contains(last.test.name))
                }
            }
        }
    }

    @Test(
        "uniform noise of every width passes a million samples at half its entropy",
        arguments: 1...8
    )
    func acceptance(bits: Int) {
        // Fixed seeds; for others, a false alarm has a probability below 2^-39 each: the repetition
        // count's 2 * 30 equal bits among 10^6 at one bit, everything else less.
        for seed in [UInt64(bits), 100 + UInt64(bits)] {
            let report = HealthReport.replay(
                good(1_000_000, seed: seed),
                descriptor: descriptor(claim: Double(bits) / 2, bits: bits)
            )
            #expect(report.verdict == .accepted, "\(report)")
            #expect(report.counts.samples == 1_000_000)
            let window = bits == 1 ? 1_024 : 512
            let creditable = (1_000_000 - 1_024) / window * window
            #expect(report.counts.creditableSamples == UInt64(creditable))
        }
    }

    @Test(
        "bytes give the verdict of the samples that they were recorded from",
        arguments: Defect.all
    )
    func bytes(defect: Defect) {
        let samples = good(5_000) + defect.samples(10_000)
        let bytes = samples.map { UInt8(truncatingIfNeeded: $0) }
        let source = descriptor(claim: 0.5)
        let live = HealthReport.replay(samples, descriptor: source)
        let recorded = bytes.withUnsafeBytes { HealthReport.replay(bytes: $0, descriptor: source) }
        #expect(live == recorded)
    }

    @Test("the verdict does not depend on the pieces of a recording", arguments: [1, 100, 4_096])
    func pieces(length: Int) {
        let samples =
            good(2_000) + [RawSample](repeating: 1, count: 40) + good(3_000, seed: 2)
            + Defect.mostlyZero.samples(9_000)
        var replay = HealthReplay(descriptor: descriptor(claim: 1))
        for start in stride(from: 0, to: samples.count, by: length) {
            Array(samples[start..<min(start + length, samples.count)])
                .withUnsafeBufferPointer { replay.feed($0) }
        }
        #expect(replay.report == HealthReport.replay(samples, descriptor: descriptor(claim: 1)))
        #expect(replay.report.firstFailure?.test == .repetitionCount)
        #expect(replay.report.verdict == .refused)
    }

    @Test("an interruption is reported, and a start-up test later the source counts again")
    func recovery() {
        let samples =
            good(2_000) + [RawSample](repeating: 1, count: 40) + good(5_000, seed: 2)
        let report = HealthReport.replay(samples, descriptor: descriptor(claim: 1))
        #expect(report.verdict == .recovered)
        #expect(report.counts.failures == 1)
        #expect(report.counts.startUpsPassed == 2)
        // 512 before it; after it 1,024 are watched, 1,024 make the start-up test: 2,961 are left.
        #expect(report.counts.creditableSamples == 512 + 5 * 512)
        #expect(report.description.hasPrefix("recovered: 3072 of 7040 samples may be credited"))
    }

    @Test("too little to say anything is said to be so", arguments: [0, 1, 1_023])
    func tooShort(count: Int) {
        let report = HealthReport.replay(good(count), descriptor: descriptor(claim: 1))
        #expect(report.verdict == .tooShort)
        #expect(report.counts.creditableSamples == 0)
    }

    @Test("a deterministic sequence without short structure passes: no such test can know")
    func honesty() {
        // A period of nine is beyond the predictor's history, and its values are all different.
        let values: [RawSample] = [113, 7, 60, 231, 94, 18, 170, 205, 33]
        let report = HealthReport.replay(
            (0..<200_000).map { values[$0 % 9] },
            descriptor: descriptor(claim: 1)
        )
        #expect(report.verdict == .accepted)
    }
}
