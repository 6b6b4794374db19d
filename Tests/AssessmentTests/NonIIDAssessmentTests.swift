// Tests of the whole non-IID assessment against the reference tool (SP 800-90B, section 6).
// SPDX-License-Identifier: Apache-2.0

import Assessment
import Testing

@Suite("Non-IID assessment")
struct NonIIDAssessmentTests {
    @Test(
        "agrees with every value that the reference tool prints for a short sample",
        arguments: [
            "short_u1_100", "short_u1_4095", "short_u8_100", "short_u8_4095", "rand1_short",
            "rand4_short", "rand8_short",
        ]
    )
    func shortVectors(name: String) throws {
        try expectAgreement(name)
    }

    @Test(
        "agrees with every value that the reference tool prints for a million symbols",
        .enabled(if: isOptimised, "needs a release build to finish in time"),
        arguments: [
            "bias60", "counter_u8", "period5_u3", "sm_u1", "sm_u4", "sm_u8", "stuck_half",
        ]
    )
    func longVectors(name: String) throws {
        try expectAgreement(name)
    }

    @Test(
        "leaves out what cannot run where the reference tool aborts",
        arguments: ["short_u1_17", "short_u8_17"]
    )
    func abortingVectors(name: String) throws {
        #expect(try ReferenceVector(named: name).exit < 0)
        let assessment = try NonIIDAssessment(samples: ReferenceVector.samples(name))
        #expect(assessment.literal.lz78y == .notApplicable(.tooShort(needed: 19, given: 17)))
        #expect(assessment.literal.multiMMC.value?.predictions == 15)
        // The 17 bytes are all different, the bits are not.
        let repeats = assessment.literal.longestRepeatedSubstring
        #expect((repeats == .notApplicable(.noRepeat)) == (name == "short_u8_17"))
    }

    @Test("awards no entropy to constant data, as the reference tool does")
    func constantVector() throws {
        #expect(try ReferenceVector(named: "stuck_all").exit == 255)
        let samples = try ReferenceVector.samples("stuck_all")
        #expect(throws: AssessmentError(.constantData(value: 0x42))) {
            try NonIIDAssessment(samples: samples)
        }
    }

    @Test("treats two distinct values as bits whatever their width")
    func twoValues() throws {
        let bits = SyntheticData.bytes(seed: 15, count: 500).map { $0 & 1 }
        let narrow = try NonIIDAssessment(samples: bits)
        let wide = try NonIIDAssessment(samples: bits.map { $0 * 255 })
        #expect(wide.bitsPerSymbol == 8)
        #expect(wide.bitString == nil)
        #expect(wide.bitStringMinEntropy == nil)
        #expect(wide.literal == narrow.literal)
        #expect(wide.assessedMinEntropy == wide.literalMinEntropy)
    }

    @Test("a width larger than needed counts in the entropy of the bit string")
    func wideSymbols() throws {
        let samples = SyntheticData.bytes(seed: 16, count: 500).map { $0 & 3 }
        let narrow = try NonIIDAssessment(samples: samples)
        let wide = try NonIIDAssessment(samples: samples, bitsPerSymbol: 8)
        #expect(narrow.bitsPerSymbol == 2)
        #expect(wide.literal == narrow.literal)
        #expect(wide.bitString != narrow.bitString)
        let bitString = try #require(wide.bitStringMinEntropy)
        #expect(wide.assessedMinEntropy == min(wide.literalMinEntropy, 8 * bitString))
    }

    @Test("the minimum is the smallest of the estimates that could run")
    func minimum() throws {
        let samples = SyntheticData.bytes(seed: 16, count: 100)
        let results = try NonIIDAssessment(samples: samples).literal
        #expect(results.outcomes.map(\.estimator) == Estimator.allCases)
        #expect(results.collision == .notApplicable(.binaryOnly))
        #expect(results.minimum == results.mostCommonValue.minEntropy)
    }

    /// Compares all fields, none missing and none too many. Measured: 1e-11 at most.
    private func expectAgreement(_ name: String) throws {
        let vector = try ReferenceVector(named: name)
        let samples = try ReferenceVector.samples(name)
        let assessment = try NonIIDAssessment(
            samples: samples,
            bitsPerSymbol: vector.bitsPerSymbol
        )
        let fields = assessment.referenceFields
        #expect(Set(fields.keys) == Set(vector.fields.keys))
        for (field, text) in vector.fields {
            let expected = try #require(Double(text))
            let value = try #require(fields[field], "\(field)")
            #expect(abs(value - expected) <= 1e-9 * abs(expected), "\(field)")
        }
    }
}
