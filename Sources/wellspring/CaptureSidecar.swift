// The JSON beside a capture: what an auditor must know to repeat it.
// SPDX-License-Identifier: Apache-2.0

internal import Configuration
internal import Daemon
internal import Entropy
internal import FoundationEssentials
internal import Glibc
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
    var machine: Machine
    var started: Date
    var seconds: Double
    var cpuSeconds: Double
    var sha256: String

    struct Machine: Codable {
        var kernel: String
        var architecture: String
        var processor: String
        var processors: Int
        var loadAverage: [Double]
    }

    init(
        descriptor: NoiseSourceDescriptor,
        samples: Int,
        options: SourceOptions,
        started: Date,
        seconds: Double,
        cpuSeconds: Double,
        sha256: String
    ) {
        source = descriptor.name
        summary = descriptor.summary
        self.samples = samples
        sampleBits = descriptor.sampleBits
        claimedBitsPerSample = descriptor.claim.minEntropy.value
        settings = [
            "path": options.path, "speed": options.speed.map { "\($0)" },
            "command": options.command,
            "data-cache": options.dataCache.map { "\($0.byteCount)" },
            "instruction-cache": options.instructionCache.map { "\($0.byteCount)" },
            "copies": options.copies.map { "\($0)" },
        ].compactMapValues { $0 }
        machine = .current
        self.started = started
        self.seconds = seconds
        self.cpuSeconds = cpuSeconds
        self.sha256 = sha256
    }

    func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        encoder.dateEncodingStrategy = .iso8601
        let file = try OutputFile(path: path)
        try Array(encoder.encode(self)).withUnsafeBytes { try file.write($0) }
        try file.commit()
    }
}

extension CaptureSidecar.Machine {
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
            loadAverage: load
        )
    }
}

private func text<Field>(_ field: Field) -> String {
    withUnsafeBytes(of: field) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
}
