// Tests of the restart tests (SP 800-90B, section 3.1.4).
// SPDX-License-Identifier: Apache-2.0

import Assessment
import Testing

@Suite("Restart assessment")
struct RestartAssessmentTests {
    private static let good = SyntheticData.bytes(seed: 21, count: 1_000_000).map { $0 & 3 }

    @Test("independent starts pass, and the result is at most the initial estimate")
    func passes() throws {
        let result = try RestartAssessment(samples: Self.good, initialEstimate: 1.9, iid: true)
        #expect(result.verdict == .passed)
        #expect(result.largestCount <= result.cutoff)
        #expect(result.rows == result.columns)
        #expect(result.minEntropy == 1.9)
    }

    @Test("a column that is the same after every start fails the sanity check, and is named")
    func sameStart() throws {
        var samples = Self.good
        for row in 0..<1_000 { samples[row * 1_000 + 7] = 2 }
        let result = try RestartAssessment(samples: samples, initialEstimate: 1.9, iid: true)
        #expect(result.verdict == .failedSanityCheck)
        #expect(result.largestCount == 1_000)
        #expect(result.place.line == .column)
        #expect(result.place.index == 7)
        #expect(result.minEntropy == nil)
    }

    @Test("one restart that hangs is found in its row")
    func hangingRow() throws {
        var samples = Self.good
        for column in 0..<600 { samples[42_000 + column] = 0 }
        let result = try RestartAssessment(samples: samples, initialEstimate: 1.9, iid: true)
        #expect(result.verdict == .failedSanityCheck)
        #expect(result.place.line == .row)
        #expect(result.place.index == 42)
    }

    @Test(
        "an estimate of less than half of the initial one fails the validation",
        .enabled(if: isOptimised, "needs a release build to finish in time")
    )
    func validation() throws {
        // Each start begins anywhere, and then counts: no line holds too much of a symbol.
        let samples = (0..<1_000_000).map { index in
            (Self.good[index / 1_000] + UInt8(truncatingIfNeeded: index % 1_000)) & 3
        }
        let result = try RestartAssessment(samples: samples, initialEstimate: 1.9)
        #expect(result.verdict == .failedValidation)
        #expect(result.rows.minEntropy < 0.95)
        #expect(result.minEntropy == nil)
    }

    @Test("anything but a million samples is refused")
    func shape() {
        #expect(throws: AssessmentError(.notARestartMatrix(count: 999_999))) {
            try RestartAssessment(samples: Array(Self.good.dropLast()), initialEstimate: 1)
        }
    }

    @Test("the columns of the transposed matrix are the rows")
    func transpose() {
        #expect(RestartAssessment.transpose(RestartAssessment.transpose(Self.good)) == Self.good)
        #expect(RestartAssessment.transpose(Self.good)[1] == Self.good[1_000])
    }
}
