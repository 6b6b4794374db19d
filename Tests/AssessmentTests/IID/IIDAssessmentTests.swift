// Tests of the IID assessment against the reference tool (SP 800-90B, section 5).
// SPDX-License-Identifier: Apache-2.0

import Assessment
import Foundation
import Testing

@Suite("IID assessment")
struct IIDAssessmentTests {
    @Test(
        "agrees with every value that the reference tool prints for a short sample",
        arguments: ["rand1_short", "rand8_short"]
    )
    func shortVectors(name: String) throws {
        try expectAgreement(name, samples: ReferenceVector.samples(name))
    }

    @Test(
        "agrees with every value that the reference tool prints for a million symbols",
        .enabled(if: isOptimised, "needs a release build to finish in time"),
        arguments: ["normal", "biased-random-bits"]
    )
    func longVectors(name: String) throws {
        try expectAgreement(name, samples: ReferenceVector.samples("IID/\(name)"))
    }

    @Test("refuses empty and constant samples")
    func nothingToTest() {
        #expect(throws: AssessmentError(.emptyInput)) { try IIDAssessment(samples: []) }
        #expect(throws: AssessmentError(.constantData(value: 7))) {
            try IIDAssessment(samples: [7, 7, 7])
        }
    }

    @Test("tests samples of any size without undefined numbers", arguments: 2...100)
    func tinySamples(count: Int) throws {
        let bytes = SyntheticData.bytes(seed: 5, count: count)
        let skewed = [1] + [UInt8](repeating: 0, count: count - 1)
        for samples in [
            bytes, bytes.map { $0 & 1 } + [0, 1], skewed, bytes.map { $0 % 3 } + [0, 1],
        ] {
            let assessment = try IIDAssessment(samples: samples)
            #expect(assessment.independence.pValue.isFinite)
            #expect(assessment.goodnessOfFit.pValue.isFinite)
            #expect(assessment.longestRepeat.probability.isFinite)
            #expect(assessment.assessedMinEntropy >= 0)
            // Numbers that JSON has not would throw.
            _ = try JSONEncoder().encode(assessment)
            let unpermuted = PermutationTest(try PreparedSample(samples: samples)).unpermuted
            #expect(PermutationStatistic.allCases.allSatisfy { unpermuted[$0].isFinite })
        }
    }

    /// Compares all fields. Measured: 8e-13 at most, and 6e-11 for P-values.
    private func expectAgreement(_ name: String, samples: [UInt8]) throws {
        let vector = try ReferenceVector(named: "IID/\(name)")
        let sample = try PreparedSample(samples: samples)
        let assessment = IIDAssessment(sample)
        var fields = assessment.referenceFields
        let unpermuted = PermutationTest(sample).unpermuted
        for statistic in PermutationStatistic.allCases {
            fields["Permutation testing: Unpermuted result \(statistic.name)"] =
                unpermuted[statistic]
        }
        let notOurs: Set = ["Number of Binary samples", "Raw Mean", "Median"]
        #expect(Set(fields.keys) == Set(vector.fields.keys).subtracting(notOurs))
        for (field, value) in fields {
            let expected = try #require(vector.fields[field].flatMap { Double($0) }, "\(field)")
            let limit = field.hasPrefix("Permutation") ? 1e-13 : 1e-9
            #expect(abs(value - expected) <= limit * abs(expected), "\(field)")
        }
    }
}

extension IIDAssessment {
    /// The values by the names that the reference tool prints.
    fileprivate var referenceFields: [String: Double] {
        var fields = [
            "Chi square independence: T": independence.statistic,
            "Chi square independence: df": Double(independence.degreesOfFreedom),
            "Chi square independence: P-value": independence.pValue,
            "Chi square goodness of fit: T": goodnessOfFit.statistic,
            "Chi square goodness of fit: df": Double(goodnessOfFit.degreesOfFreedom),
            "Chi square goodness of fit: P-value": goodnessOfFit.pValue,
            "Literal Longest Repeated Substring results: P_col": longestRepeat.collisionProbability,
            "Literal Longest Repeated Substring results: W": Double(longestRepeat.longestRepeat),
            "Literal Longest Repeated Substring results: Pr(X >= 1)": longestRepeat.probability,
            "H_original": literalMinEntropy,
            "Assessed min entropy": assessedMinEntropy,
        ]
        fields.merge(mostCommonSymbol.referenceFields("Literal")) { first, _ in first }
        if let bit = mostCommonBit, let entropy = bitStringMinEntropy {
            fields.merge(bit.referenceFields("Bitstring")) { first, _ in first }
            fields["H_bitstring"] = entropy
            fields["H_bitstring Per Symbol"] = entropy * Double(bitsPerSymbol)
        }
        return fields
    }
}

extension IIDAssessment.MostCommonValue {
    fileprivate func referenceFields(_ sequence: String) -> [String: Double] {
        let name = "\(sequence) Most Common Value Estimate:"
        return [
            "\(name) Mode count": Double(modeCount),
            "\(name) p-hat": frequency,
            "\(name) p_u": upperBound,
            "\(name) min entropy": minEntropy,
        ]
    }
}
