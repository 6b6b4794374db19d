// The JSON beside a capture: what an auditor must know to repeat it.
// SPDX-License-Identifier: Apache-2.0

internal import Configuration
internal import Daemon
internal import Entropy
internal import FoundationEssentials
internal import KernelRandom
internal import NoiseSources

/// Schema `wellspring-capture-1`. Times are UTC, durations seconds.
struct CaptureSidecar: Codable {
    var format = "wellspring-capture-1"
    var version = Version.current
    var source: String
    /// Kind of the source, as in `wellspring sources`.
    var kind: String
    var summary: String
    var samples: Int
    var bytesPerSample = 1
    /// Width of an assessed sample: the low bits of the raw sample that the file holds.
    var sampleBits: Int
    var claimedBitsPerSample: Double
    var settings: [String: String]
    /// Whether the source conditions its output itself, so that no estimate of it says anything.
    var isConditioned: Bool
    /// Restarts; the samples of each follow one another. Nil: one stretch.
    var restarts: Int?
    var machine: MachineFacts
    var started: Date
    var seconds: Double
    var cpuSeconds: Double
    var sha256: String

    init(
        _ noise: any NoiseSource,
        options: SourceOptions,
        restarts: Int?,
        facts: SourceRecorder.Facts
    ) {
        let descriptor = noise.descriptor
        source = descriptor.name
        kind = type(of: noise).standard.name
        summary = descriptor.summary
        samples = facts.count
        isConditioned = !type(of: noise).yieldsRawNoise
        self.restarts = restarts
        sampleBits = descriptor.sampleBits
        claimedBitsPerSample = descriptor.claim.minEntropy.value
        settings = options.named
        machine = .current
        started = facts.started
        seconds = facts.seconds
        cpuSeconds = facts.cpuSeconds
        sha256 = facts.sha256
    }

    /// Where the sidecar of a recording lies.
    static func path(for recording: String) -> String { recording + ".json" }

    func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        encoder.dateEncodingStrategy = .iso8601
        let file = try OutputFile(path: path)
        try Array(encoder.encode(self)).withUnsafeBytes { try file.write($0) }
        try file.commit()
    }
}
