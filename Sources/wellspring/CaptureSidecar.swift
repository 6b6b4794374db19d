// The JSON beside a capture: what an auditor must know to repeat it.
// SPDX-License-Identifier: Apache-2.0

internal import AssessmentReport
internal import Configuration
internal import Daemon
internal import Entropy
internal import FoundationEssentials
internal import Glibc
internal import KernelRandom
internal import LinuxSystem

/// Schema `wellspring-capture-1`. Times are UTC, durations seconds.
struct CaptureSidecar: Codable {
    var format = "wellspring-capture-1"
    var version = Version.current
    var source: String
    var summary: String
    var samples: Int
    var bytesPerSample = 1
    /// Width of an assessed sample: the low bits of the raw sample that the file holds.
    var sampleBits: Int
    var claimedBitsPerSample: Double
    var settings: [String: String]
    /// Whether the source conditions its output itself, so that no estimate of it says anything.
    var isConditioned: Bool?
    /// Restarts; the samples of each follow one another. Nil: one stretch.
    var restarts: Int?
    var machine: Provenance.Machine
    var started: Date
    var seconds: Double
    var cpuSeconds: Double
    var sha256: String

    init(
        descriptor: NoiseSourceDescriptor,
        isConditioned: Bool,
        options: SourceOptions,
        restarts: Int?,
        facts: SourceRecorder.Facts
    ) {
        source = descriptor.name
        summary = descriptor.summary
        samples = facts.count
        self.isConditioned = isConditioned
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

extension Provenance.Machine {
    static var current: Self {
        var names = utsname()
        uname(&names)
        var load = [0.0, 0.0, 0.0]
        getloadavg(&load, 3)
        let processor =
            (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?
            .split(separator: "\n").first { $0.hasPrefix("model name") || $0.hasPrefix("Model") }
            .flatMap { $0.split(separator: ":", maxSplits: 1).last }
            .map { String($0.drop { $0 == " " }) }
        return Self(
            kernel: text(names.release),
            architecture: text(names.machine),
            processor: processor ?? "unknown",
            processors: sysconf(Int32(_SC_NPROCESSORS_ONLN)),
            isVirtual: KernelRandomState.read().virtualisation != .none,
            loadAverage: load
        )
    }
}

private func text<Field>(_ field: Field) -> String {
    withUnsafeBytes(of: field) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
}
