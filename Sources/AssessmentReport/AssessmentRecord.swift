// An assessment as data: what was examined, how, and what came out. Its JSON is docs/assessment.schema.json.
// SPDX-License-Identifier: Apache-2.0

package import Assessment
package import Entropy
package import StatisticalTests

/// Everything that a report says, before it is put into words.
package struct AssessmentRecord: Sendable {
    package var format = "wellspring-assessment-1"
    /// Of Wellspring.
    package var version: String
    /// When the assessment was made, UTC, ISO 8601.
    package var created: String
    package var reference: Reference
    /// The submitter's estimate H_submitter, in bits per sample: what somebody claims.
    package var claim: Double?
    package var samples: [AssessedSample]
    package var restart: AssessedRestart?
    /// Whether two samples stand side by side, and the verdict is about their difference.
    package var comparing = false

    package init(
        version: String,
        created: String,
        reference: Reference,
        claim: Double? = nil,
        samples: [AssessedSample],
        restart: AssessedRestart? = nil
    ) {
        self.version = version
        self.created = created
        self.reference = reference
        self.claim = claim
        self.samples = samples
        self.restart = restart
    }
}

extension AssessmentRecord {
    /// Whether the IID track counts: no test of section 5 contradicts it for any sample, nor for the restart
    /// data in either order (section 3.1.2).
    package var isIID: Bool {
        !samples.isEmpty && samples.allSatisfy(\.passesIID)
            && (restart == nil || restart?.iid?.passes == true)
    }

    /// What each sample supports by the track that counts.
    package var supports: [AssessedSample.Support] {
        samples.compactMap { $0.support(iid: isIID) }
    }

    /// Two samples side by side, if that is asked for and the estimators were run on both.
    package var comparison: Comparison? {
        comparing && samples.count == 2 ? Comparison(samples[0], samples[1]) : nil
    }
}

/// The data, and the verdict and the warnings that a report puts in front.
extension AssessmentRecord: Encodable {
    private enum Key: String, CodingKey {
        case format, version, created, reference, claim, verdict, warnings, comparison, samples
        case restart
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(format, forKey: .format)
        try container.encode(version, forKey: .version)
        try container.encode(created, forKey: .created)
        try container.encode(reference, forKey: .reference)
        try container.encodeIfPresent(claim, forKey: .claim)
        try container.encode(verdict, forKey: .verdict)
        try container.encode(warnings, forKey: .warnings)
        try container.encodeIfPresent(comparison, forKey: .comparison)
        try container.encode(samples, forKey: .samples)
        try container.encodeIfPresent(restart, forKey: .restart)
    }
}

/// One sample and what the suites found in it; a suite that was not asked for is nil.
package struct AssessedSample: Sendable, Encodable {
    package var provenance: Provenance
    /// What a reader should know about the input, in sentences.
    package var notes: [String] = []
    package var nonIID: NonIIDAssessment?
    package var iid: AssessedIID?
    package var sp80022: AssessedStreams?
    package var ais31: AssessedAIS31?
    package var fips140: FIPS140Statistics?
    package var ent: AssessedENT?

    package init(_ provenance: Provenance) { self.provenance = provenance }

    /// Whether the IID tests were run, and none contradicts the assumption.
    package var passesIID: Bool { iid?.passes == true }
}

/// The restart data and their tests.
package struct AssessedRestart: Sendable {
    package let provenance: Provenance
    package let tests: RestartAssessment
    /// The IID tests of the rows and of the columns; nil if the samples were not found to be IID before.
    package let iid: RestartIID?

    package init(_ provenance: Provenance, tests: RestartAssessment, iid: RestartIID? = nil) {
        self.provenance = provenance
        self.tests = tests
        self.iid = iid
    }

    /// The IID track asks for the tests of section 5 on both orders, too (section 3.1.2).
    package struct RestartIID: Sendable, Encodable {
        package let rows: AssessedIID
        package let columns: AssessedIID

        package init(rows: AssessedIID, columns: AssessedIID) {
            self.rows = rows
            self.columns = columns
        }

        package var passes: Bool { rows.passes && columns.passes }
    }
}

/// The data, and what the tests establish.
extension AssessedRestart: Encodable {
    private enum Key: String, CodingKey { case provenance, tests, minEntropy, iid }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(provenance, forKey: .provenance)
        try container.encode(tests, forKey: .tests)
        try container.encodeIfPresent(tests.minEntropy, forKey: .minEntropy)
        try container.encodeIfPresent(iid, forKey: .iid)
    }
}

/// Where samples come from, as far as anybody wrote it down. Nil: nobody did.
package struct Provenance: Sendable, Encodable, Equatable {
    /// File name as given, `standard input`, or the source.
    package var name: String
    /// Of the samples as they were assessed.
    package var sha256: String
    package var sampleCount: Int
    package var bitsPerSample: Int
    package var widthOrigin: WidthOrigin
    /// Bytes of the input before the first sample.
    package var skippedCount: Int
    package var source: String?
    /// Kind of the source, as in `wellspring sources`.
    package var kind: String?
    package var sourceSummary: String?
    /// Whether the samples are what a conditioning component or generator put out, as far as is known.
    package var isConditioned: Bool?
    package var settings: [String: String]?
    package var machine: MachineFacts?
    /// Restarts, of which the samples follow one another; nil: one stretch, or nobody wrote it down.
    package var restarts: Int?
    /// When the recording began, UTC, ISO 8601, and how long it took.
    package var recorded: String?
    package var recordingSeconds: Double?
    /// Version of Wellspring that recorded.
    package var recorderVersion: String?

    package enum WidthOrigin: String, Sendable, Encodable {
        case given = "given on the command line"
        case recording = "from the recording's sidecar"
        case detected = "detected: the highest bit that is ever set"
        case bytes = "the bytes of the input"
    }

    package init(
        name: String,
        sha256: String,
        sampleCount: Int,
        bitsPerSample: Int,
        widthOrigin: WidthOrigin,
        skippedCount: Int = 0
    ) {
        self.name = name
        self.sha256 = sha256
        self.sampleCount = sampleCount
        self.bitsPerSample = bitsPerSample
        self.widthOrigin = widthOrigin
        self.skippedCount = skippedCount
    }
}
