// Tests of the verdict in words and of the warnings around it.
// SPDX-License-Identifier: Apache-2.0

import Assessment
import AssessmentReport
import Entropy
import StatisticalTests
import Testing

@Suite("Assessment verdict")
struct AssessmentVerdictTests {
    /// Symbols of `bits` bits from a seed.
    private static func samples(_ count: Int, bits: Int = 3) -> [UInt8] {
        var state: UInt64 = 11
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 33) & UInt8(1 << bits - 1)
        }
    }

    private static func sample(
        _ samples: [UInt8],
        name: String = "a",
        source: String? = "dice"
    ) throws -> AssessedSample {
        let prepared = try PreparedSample(samples: samples)
        var provenance = Provenance(
            name: name,
            sha256: "00",
            sampleCount: samples.count,
            bitsPerSample: prepared.bitsPerSymbol,
            widthOrigin: .detected
        )
        provenance.source = source
        var sample = AssessedSample(provenance)
        sample.nonIID = NonIIDAssessment(prepared)
        return sample
    }

    private static func record(
        _ samples: [AssessedSample],
        claim: Double? = nil
    ) -> AssessmentRecord {
        AssessmentRecord(
            version: "1",
            created: "2026-11-27T00:00:00Z",
            reference: .nistTool,
            claim: claim,
            samples: samples
        )
    }

    @Test("names the entropy, rounded down, and the weakest estimator")
    func sentence() throws {
        let sample = try Self.sample(Self.samples(5_000))
        let verdict = Self.record([sample]).verdict
        let assessment = try #require(sample.nonIID)
        #expect(verdict.minEntropy == assessment.assessedMinEntropy)
        let estimator = try #require(assessment.weakest.estimator)
        #expect(verdict.sentence.contains("at most"))
        #expect(verdict.sentence.contains("per 3-bit sample"))
        #expect(verdict.sentence.contains(estimator.rawValue))
        let shown = verdict.sentence.split(separator: " ").compactMap { Double($0) }.first
        #expect(try #require(shown) <= assessment.assessedMinEntropy)
    }

    @Test("of several recordings the smallest counts")
    func smallest() throws {
        let good = try Self.sample(Self.samples(5_000), name: "idle")
        let poor = try Self.sample(
            Self.samples(5_000).map { $0 < 6 ? 0 : $0 },
            name: "loaded"
        )
        let verdict = Self.record([good, poor]).verdict
        #expect(verdict.minEntropy == poor.nonIID?.assessedMinEntropy)
        #expect(verdict.sentence.contains("2 recordings"))
    }

    @Test("a claim within what was found is supported and is the result")
    func claims() throws {
        let sample = try Self.sample(Self.samples(5_000))
        let low = Self.record([sample], claim: 0.5).verdict
        #expect(low.minEntropy == 0.5)
        #expect(low.sentence.contains("supports the claim of 0.50 bit"))
        let high = Self.record([sample], claim: 3).verdict
        #expect(high.tone == .bad)
        #expect(high.sentence.contains("not supported"))
    }

    @Test("failed restart tests leave no entropy, whatever the estimators say")
    func restarts() throws {
        let sample = try Self.sample(Self.samples(5_000))
        var matrix = Self.samples(1_000_000)
        for row in 0..<1_000 { matrix[row * 1_000] = 1 }
        var record = Self.record([sample])
        record.restart = AssessedRestart(
            sample.provenance,
            tests: try RestartAssessment(samples: matrix, initialEstimate: 2, iid: true)
        )
        #expect(record.verdict.tone == .bad)
        #expect(record.verdict.minEntropy == nil)
        #expect(!record.warnings.contains { $0.contains("No restart data") })
        let document = record.document()
        let texts = document.sections.flatMap(\.blocks).compactMap { block in
            if case .paragraph(let text) = block { text } else { nil }
        }
        #expect(texts.contains { $0.contains("column 1") && $0.contains("--claim") })
    }

    @Test("says what stands between the reader and the verdict")
    func warnings() throws {
        var sample = try Self.sample(Self.samples(5_000), source: nil)
        sample.provenance.machine = MachineFacts(
            kernel: "6.1",
            architecture: "x86_64",
            processor: "p",
            processors: 1,
            isVirtual: true,
            loadAverage: [0, 0, 0]
        )
        let warnings = Self.record([sample]).warnings
        for words in [
            "fewer than the 1,000,000", "Nobody recorded", "virtual machine", "No restart data",
        ] {
            #expect(warnings.contains { $0.contains(words) }, "\(words)")
        }
        sample.provenance.isConditioned = true
        #expect(Self.record([sample]).warnings.contains { $0.contains("conditioned") })
    }

    @Test("output that looks conditioned is named, raw noise is not")
    func conditioned() throws {
        let even = try Self.sample((0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 167) })
        #expect(!even.warnings.contains { $0.contains("conditioning component") })
        let noise = try Self.sample(Self.samples(60_000, bits: 8))
        let looks = noise.warnings.contains { $0.contains("conditioning component") }
        let share = try #require(noise.nonIID).assessedMinEntropy / 8
        #expect(looks == (share >= 0.85))
    }

    @Test("statistical tests alone estimate nothing, and say what they found")
    func suites() throws {
        var sample = try Self.sample(Self.samples(5_000))
        sample.nonIID = nil
        sample.fips140 = FIPS140Statistics(of: [UInt8](repeating: 0, count: 6_000))
        let verdict = Self.record([sample]).verdict
        #expect(verdict.minEntropy == nil)
        #expect(verdict.tone == .bad)
        #expect(verdict.sentence.contains("2 of 2 blocks failed"))
        #expect(verdict.sentence.contains("No min-entropy was estimated"))
    }

    @Test("two recordings side by side: a loss of more than half is a collapse")
    func comparison() throws {
        let good = try Self.sample(Self.samples(5_000), name: "idle")
        let poor = try Self.sample(
            Self.samples(5_000).map { $0 < 7 ? 0 : $0 },
            name: "loaded"
        )
        let collapse = try #require(Comparison(good, poor))
        #expect(collapse.isCollapse)
        #expect(collapse.sentence(("idle", "loaded")).hasPrefix("loaded supports at most"))
        let same = try #require(Comparison(good, good))
        #expect(!same.isCollapse && same.share == 1)
        #expect(same.rows.allSatisfy { $0.ratio == nil || $0.ratio == 1 })
        var record = Self.record([good, poor])
        record.comparing = true
        let document = record.document()
        #expect(record.verdict.sentence == collapse.sentence(("idle", "loaded")))
        #expect(document.sections[0].title == "Side by side")
        #expect(document.tone == .bad)
    }
}
