// Restart tests (SP 800-90B, section 3.1.4): does each start look like another, or like the last one?
// SPDX-License-Identifier: Apache-2.0

/// The matrix of 1,000 samples after each of 1,000 restarts, checked against an initial estimate.
package struct RestartAssessment: Sendable, Equatable, Encodable {
    /// The initial estimate H_I, in bits per sample.
    package let initialEstimate: Double
    /// Largest count of one symbol in a row or a column that is no failure.
    package let cutoff: Int
    /// The largest count that occurs (X_max), and where.
    package let largestCount: Int
    package let place: Place
    /// Estimates on the rows one after the other (H_r), on the columns (H_c): in bits per sample.
    package let rows: Ordered
    package let columns: Ordered
    package let verdict: Verdict
    /// The largest initial estimate with which data that failed would pass, to 1/100 bit; 0 if none
    /// does, nil if they passed.
    package let supportedInitialEstimate: Double?

    package struct Place: Sendable, Equatable, Encodable {
        package let line: Line
        /// 0...999.
        package let index: Int
        package enum Line: String, Sendable, Encodable { case row, column }
    }

    /// One order of the samples.
    package struct Ordered: Sendable, Equatable, Encodable {
        package let minEntropy: Double
        /// The estimator that gave it.
        package let weakest: String
        /// All estimates on the symbols; nil in the IID track, which has only the most common value.
        package let estimates: EstimatorResults?
    }

    package enum Verdict: String, Sendable, Encodable {
        case passed
        /// One symbol is too frequent in a row or column.
        case failedSanityCheck
        /// min(H_r, H_c) is below half of H_I: no validation, and no credit.
        case failedValidation
    }

    /// min(H_r, H_c, H_I) in bits per sample, or nil if a test failed: the source's entropy is then
    /// not established.
    package var minEntropy: Double? {
        verdict == .passed ? min(rows.minEntropy, columns.minEntropy, initialEstimate) : nil
    }

    /// Tests a matrix in the order of the rows, one row per restart.
    ///
    /// An estimator that cannot run is left out, as everywhere; the reference tool lets it fail the
    /// test here.
    package init(
        samples: [UInt8],
        bitsPerSymbol: Int? = nil,
        initialEstimate: Double,
        iid: Bool = false,
        following reference: Reference = .nistTool,
        sharing: WorkSharing = .inOrder
    ) throws(AssessmentError) {
        guard samples.count == Self.sampleCount else {
            throw AssessmentError(.notARestartMatrix(count: samples.count))
        }
        let byRow = try PreparedSample(samples: samples, bitsPerSymbol: bitsPerSymbol)
        let byColumn = try PreparedSample(
            samples: Self.transpose(samples),
            bitsPerSymbol: byRow.bitsPerSymbol
        )
        self.initialEstimate = initialEstimate
        cutoff = RestartCutoff.largestCount(minEntropy: initialEstimate, following: reference)
        let inRows = Self.largestCount(byRow.symbols)
        let inColumns = Self.largestCount(byColumn.symbols)
        largestCount = max(inRows.count, inColumns.count)
        place =
            inRows.count >= inColumns.count
            ? Place(line: .row, index: inRows.line) : Place(line: .column, index: inColumns.line)
        rows = Self.ordered(byRow, iid: iid, following: reference, sharing: sharing)
        columns = Self.ordered(byColumn, iid: iid, following: reference, sharing: sharing)
        verdict =
            if largestCount > cutoff {
                .failedSanityCheck
            } else if min(rows.minEntropy, columns.minEntropy) < initialEstimate / 2 {
                .failedValidation
            } else {
                .passed
            }
        supportedInitialEstimate =
            verdict == .passed
            ? nil
            : Self.supportedInitialEstimate(
                largestCount: largestCount,
                minEntropy: min(rows.minEntropy, columns.minEntropy),
                following: reference
            )
    }

    /// Both tests are the harder, the higher the initial estimate: found by bisection.
    private static func supportedInitialEstimate(
        largestCount: Int,
        minEntropy: Double,
        following reference: Reference
    ) -> Double {
        var low = 0
        var high = Int((200 * minEntropy).rounded(.down)) + 1
        while high - low > 1 {
            let middle = (low + high) / 2
            let cutoff = RestartCutoff.largestCount(
                minEntropy: Double(middle) / 100,
                following: reference
            )
            if largestCount <= cutoff { low = middle } else { high = middle }
        }
        return Double(low) / 100
    }

    private static func ordered(
        _ sample: PreparedSample,
        iid: Bool,
        following reference: Reference,
        sharing: WorkSharing
    ) -> Ordered {
        if iid {
            let estimate = sample.withSymbols {
                MostCommonValueEstimate.estimate($0, following: reference)
            }
            return Ordered(
                minEntropy: estimate.minEntropy ?? 0,
                weakest: Estimator.mostCommonValue.rawValue,
                estimates: nil
            )
        }
        let assessment = NonIIDAssessment(
            sample,
            following: reference,
            bitStringToo: false,
            sharing: sharing
        )
        return Ordered(
            minEntropy: assessment.literalMinEntropy,
            weakest: assessment.literal.weakest?.estimator.rawValue ?? "none",
            estimates: assessment.literal
        )
    }

    /// The samples column by column.
    package static func transpose(_ samples: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: sampleCount) { target, count in
            for row in 0..<side {
                for column in 0..<side {
                    target[column &* side &+ row] = samples[row &* side &+ column]
                }
            }
            count = sampleCount
        }
    }

    /// The most frequent symbol of any line, and the first line where it is that frequent.
    private static func largestCount(_ symbols: [UInt8]) -> (count: Int, line: Int) {
        var best = (count: 0, line: 0)
        var counts = [Int](repeating: 0, count: 256)
        for line in 0..<side {
            for symbol in 0..<256 { counts[symbol] = 0 }
            for index in line * side..<(line + 1) * side { counts[Int(symbols[index])] += 1 }
            let count = counts.max() ?? 0
            if count > best.count { best = (count, line) }
        }
        return best
    }

    /// Restarts, and samples after each (section 3.1.4.1).
    package static let side = RestartCutoff.sampleCount
    package static let sampleCount = side * side
}
