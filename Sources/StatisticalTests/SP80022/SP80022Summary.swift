// What SP 800-22 rev. 1a says of many streams (sections 4.2.1 and 4.2.2).
// SPDX-License-Identifier: Apache-2.0

/// Proportions and uniformity of the P-values of several streams, and a verdict on them.
package struct SP80022Summary: Sendable, Equatable, Encodable {
    /// Number of streams (s).
    package let streamCount: Int
    /// Bits per stream (n); 0 without streams.
    package let bitCount: Int
    package let parameters: SP80022Parameters
    /// Significance level of the single P-value (alpha).
    package let significance: Double
    /// Whether there are the 55 streams with which section 4.2.2 calls the uniformity of P-values
    /// meaningful. With fewer it is computed, but does not enter the verdict.
    package let hasEnoughStreamsForUniformity: Bool
    /// One row per P-value of a stream, in the order of the tests. A test that applies to no stream
    /// has one row.
    package let rows: [SP80022SummaryRow]
    /// Rows with a proportion outside its limits.
    package let proportionsOutside: Int
    /// Rows with a uniformity below its limit.
    package let uniformitiesOutside: Int
    /// How many proportions of ideal data would be outside, on average. With 100 streams it is more
    /// than three: the limits are those of a single row.
    package let expectedProportionsOutside: Double
    package let verdict: SP80022Verdict

    /// All results must be of the same length and parameters. Without results nothing applies.
    package init(_ streams: [SP80022StreamResult], parameters: SP80022Parameters = .standard) {
        precondition(streams.allSatisfy { $0.parameters == streams[0].parameters })
        precondition(streams.allSatisfy { $0.bitCount == streams[0].bitCount })
        streamCount = streams.count
        bitCount = streams.first?.bitCount ?? 0
        self.parameters = streams.first?.parameters ?? parameters
        significance = SP80022.significance
        hasEnoughStreamsForUniformity = streams.count >= SP80022.streamsForUniformity
        rows = Self.rows(streams, self.parameters)
        proportionsOutside = rows.count { !$0.isProportionAccepted }
        uniformitiesOutside = rows.count { !$0.isUniformityAccepted }
        expectedProportionsOutside = rows.reduce(0) { sum, row in
            sum + SP80022.chanceOutside(row.streamsCounted)
        }
        verdict = SP80022Verdict(rows, usesUniformity: hasEnoughStreamsForUniformity)
    }

    private static func rows(
        _ streams: [SP80022StreamResult],
        _ parameters: SP80022Parameters
    ) -> [SP80022SummaryRow] {
        SP80022Test.allCases.flatMap { test in
            let outcomes = streams.map { $0[test] }
            let values = outcomes.map(\.pValues).filter { !$0.isEmpty }
            guard let first = values.first else {
                return [
                    SP80022SummaryRow(test: test, exclusion: outcomes.first?.inapplicability)
                ]
            }
            let names = test.subtestNames(parameters)
            return first.indices.map { index in
                SP80022SummaryRow(
                    test: test,
                    subtest: names.isEmpty ? nil : names[index],
                    pValues: values.map { $0[index] }
                )
            }
        }
    }
}

/// What the rows of a summary say together.
package enum SP80022Verdict: String, Sendable, Equatable, Encodable {
    /// There is no P-value.
    case notApplicable
    /// All rows are within their limits.
    case withinLimits
    /// Some rows are outside, but none so far that it would be rare among so many rows of ideal data.
    /// Section 4.2 asks for other samples then.
    case someOutsideLimits
    /// A row is outside so far that ideal data would show this in at most 1 % of the cases.
    case notRandom

    /// The 1 % are shared equally among all checks made (Bonferroni), as they are not independent:
    /// the proportion of each row and its uniformity or, with few streams, each single P-value.
    init(_ rows: [SP80022SummaryRow], usesUniformity: Bool) {
        let counted = rows.filter { $0.streamsCounted > 0 }
        guard !counted.isEmpty else {
            self = .notApplicable
            return
        }
        let values = counted.reduce(0) { $0 + $1.streamsCounted }
        let rowLevel = SP80022.significance / 2 / Double(counted.count)
        let valueLevel = SP80022.significance / 2 / Double(values)
        let isFarOutside = counted.contains { row in
            let failures = row.streamsCounted - row.passes
            let second =
                usesUniformity
                ? (row.uniformity ?? 1) < rowLevel : (row.smallestPValue ?? 1) < valueLevel
            return second
                || SP80022.chance(ofFailures: failures, of: row.streamsCounted) < rowLevel
        }
        let isWithin = counted.allSatisfy {
            $0.isProportionAccepted && (!usesUniformity || $0.isUniformityAccepted)
        }
        self = isFarOutside ? .notRandom : isWithin ? .withinLimits : .someOutsideLimits
    }
}
