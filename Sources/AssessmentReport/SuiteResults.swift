// What the IID track and the suites of statistical tests found in one sample.
// SPDX-License-Identifier: Apache-2.0

package import Assessment
package import StatisticalTests

/// The IID track of SP 800-90B, section 5.
package struct AssessedIID: Sendable, Encodable {
    package var tests: IIDAssessment
    /// The statistics of the sample before any permutation.
    package var unpermuted: PermutationStatistics
    package var permutations: PermutationResult

    package init(
        tests: IIDAssessment,
        unpermuted: PermutationStatistics,
        permutations: PermutationResult
    ) {
        self.tests = tests
        self.unpermuted = unpermuted
        self.permutations = permutations
    }

    /// Whether nothing contradicts that the samples are IID.
    package var passes: Bool { tests.passes && permutations.passes }
}

/// SP 800-22 over streams of equal length.
package struct AssessedStreams: Sendable, Encodable {
    package var summary: SP80022Summary
    package var streams: [SP80022StreamResult]

    package init(_ streams: [SP80022StreamResult]) {
        self.streams = streams
        summary = SP80022Summary(streams)
    }
}

/// AIS 20/31, version 2.0 and our reading of version 3.0.
package struct AssessedAIS31: Sendable {
    package let procedureA: AIS31ProcedureA
    package let procedureB: AIS31ProcedureB
    package let version3: AIS31Version3

    package init(
        procedureA: AIS31ProcedureA,
        procedureB: AIS31ProcedureB,
        version3: AIS31Version3
    ) {
        self.procedureA = procedureA
        self.procedureB = procedureB
        self.version3 = version3
    }
}

/// The procedures, and what they conclude.
extension AssessedAIS31: Encodable {
    private enum Key: String, CodingKey {
        case verdictA, verdictB, verdictVersion3, procedureA, procedureB, version3
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(procedureA.verdict, forKey: .verdictA)
        try container.encode(procedureB.verdict, forKey: .verdictB)
        try container.encode(version3.verdict, forKey: .verdictVersion3)
        try container.encode(procedureA, forKey: .procedureA)
        try container.encode(procedureB, forKey: .procedureB)
        try container.encode(version3, forKey: .version3)
    }
}

/// ENT's figures of the bytes and of their bits.
package struct AssessedENT: Sendable, Encodable {
    package var bytes: ENTResult
    package var bits: ENTResult

    package init(_ statistics: ENTStatistics) {
        bytes = statistics.finish(.byte)
        bits = statistics.finish(.bit)
    }
}

/// What a suite says in one sentence.
package struct SuiteFinding: Sendable, Equatable {
    package let sentence: String
    package let tone: ReportDocument.Tone
}

extension AssessedSample {
    /// One sentence of each suite of statistical tests that was run.
    package var suiteFindings: [SuiteFinding] {
        [
            sp80022.map(Self.finding), ais31.map(Self.finding), fips140.map(Self.finding),
        ].compactMap { $0 }
    }

    private static func finding(_ streams: AssessedStreams) -> SuiteFinding {
        switch streams.summary.verdict {
        case .notApplicable:
            SuiteFinding(sentence: "SP 800-22: too few bits for any test.", tone: .neutral)
        case .withinLimits:
            SuiteFinding(sentence: "SP 800-22: all within the limits.", tone: .good)
        case .someOutsideLimits:
            SuiteFinding(
                sentence:
                    "SP 800-22: some P-values outside the limits, no more than ideal data have.",
                tone: .caution
            )
        case .notRandom:
            SuiteFinding(sentence: "SP 800-22: not random.", tone: .bad)
        }
    }

    private static func finding(_ suite: AssessedAIS31) -> SuiteFinding {
        let verdicts = [suite.procedureA.verdict, suite.procedureB.verdict]
        let texts = zip(["A", "B"], verdicts).map { "procedure \($0) \($1.words)" }
        return SuiteFinding(
            sentence: "AIS 31: \(texts.joined(separator: ", ")).",
            tone: verdicts.contains(.failed)
                ? .bad
                : verdicts.allSatisfy { $0 == .passed || $0 == .passedAfterRepetition }
                    ? .good : .neutral
        )
    }

    private static func finding(_ statistics: FIPS140Statistics) -> SuiteFinding {
        guard statistics.blocks > 0 else {
            return SuiteFinding(
                sentence: "FIPS 140-2: less than one block of 20,000 bits.",
                tone: .neutral
            )
        }
        return SuiteFinding(
            sentence: "FIPS 140-2: \(NumberText.grouped(statistics.failures)) of "
                + "\(NumberText.grouped(statistics.blocks)) blocks failed; of ideal data 8 in 10,000 do.",
            // A hundred times as many.
            tone: statistics.failures * 12 > statistics.blocks && statistics.failures > 1
                ? .bad : .good
        )
    }
}
