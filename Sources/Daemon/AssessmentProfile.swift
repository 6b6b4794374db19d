// A stored assessment of one source on one machine: what its credit rests on.
// SPDX-License-Identifier: Apache-2.0

internal import Crypto
package import Entropy
internal import FoundationEssentials

/// The file that `wellspring assess --save-profile` writes and the daemon reads. It holds results and
/// hashes, no samples.
package struct AssessmentProfile: Sendable, Codable, Equatable {
    package var format = Self.currentFormat
    /// Of Wellspring.
    package var version: String
    /// When the assessment was made, UTC, ISO 8601.
    package var created: String
    /// Name of the source in the configuration, and its kind.
    package var source: String
    package var kind: String
    package var sampleBits: Int
    /// The source's settings by name: another device is another source.
    package var settings: [String: String]
    package var machine: MachineFacts
    /// Min-entropy per sample that the source is credited by, before the safety factor; at most what each
    /// of the recordings below supports.
    package var claim: Double
    /// `non-IID` or `IID`.
    package var track: String
    /// `nist-tool` or `standard`.
    package var reference: String
    package var recordings: [Evidence]
    package var restart: Evidence

    package struct Evidence: Sendable, Codable, Equatable {
        package var name: String
        package var sha256: String
        package var sampleCount: Int
        package var recorded: String?
        package var loadAverage: [Double]
        /// Bits per sample.
        package var minEntropy: Double
        package var weakest: String

        package init(
            name: String,
            sha256: String,
            sampleCount: Int,
            recorded: String?,
            loadAverage: [Double],
            minEntropy: Double,
            weakest: String
        ) {
            self.name = name
            self.sha256 = sha256
            self.sampleCount = sampleCount
            self.recorded = recorded
            self.loadAverage = loadAverage
            self.minEntropy = minEntropy
            self.weakest = weakest
        }
    }

    package init(
        version: String,
        created: String,
        source: String,
        kind: String,
        sampleBits: Int,
        settings: [String: String],
        machine: MachineFacts,
        claim: Double,
        track: String,
        reference: String,
        recordings: [Evidence],
        restart: Evidence
    ) {
        self.version = version
        self.created = created
        self.source = source
        self.kind = kind
        self.sampleBits = sampleBits
        self.settings = settings
        self.machine = machine
        self.claim = claim
        self.track = track
        self.reference = reference
        self.recordings = recordings
        self.restart = restart
    }

    /// What is wrong with the profile, or nil. A profile is believed as a whole or not at all.
    package var flaw: String? {
        if format != Self.currentFormat {
            return "its format is \(format), not \(Self.currentFormat)"
        }
        guard !recordings.isEmpty else { return "it names no recording" }
        let supported = (recordings + [restart]).map(\.minEntropy).min() ?? 0
        guard claim > 0, claim <= Double(sampleBits), (1...8).contains(sampleBits) else {
            return "its claim of \(claim) bit does not fit a \(sampleBits)-bit sample"
        }
        guard claim <= supported else {
            return
                "its claim of \(claim) bit is more than the \(supported) that its recordings support"
        }
        guard (recordings + [restart]).allSatisfy({ $0.sampleCount >= Self.fewestSamples }) else {
            return "a recording has fewer than \(Self.fewestSamples) samples"
        }
        return nil
    }

    package static let currentFormat = "wellspring-profile-1"
    /// SP 800-90B, section 3.1.1, items 1 and 3.
    package static let fewestSamples = 1_000_000

    /// The text of the file: always the same for the same profile.
    package func encoded() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(self)) + Array("\n".utf8)
    }

    /// The claim of the profile in the file `text`.
    package func claim(_ origin: AssessmentStamp.Origin, text: some Sequence<UInt8>)
        -> EntropyClaim?
    {
        BitsPerSample(claim).map { rate in
            let stamp = AssessmentStamp(
                origin,
                date: String(created.prefix(10)),
                hash: hexadecimal(SHA256.hash(data: Array(text)))
            )
            return EntropyClaim(minEntropy: rate, origin: .assessed(stamp))
        }
    }
}
