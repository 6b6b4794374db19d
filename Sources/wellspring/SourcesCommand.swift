// `wellspring sources`: what this machine has to gather from, with a quick measurement of each.
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Conditioning
internal import Daemon
internal import Entropy
internal import FoundationEssentials
internal import HealthTests
internal import LinuxSystem
internal import NoiseSources
internal import UpstreamSources

struct SourcesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sources",
        abstract: "List the noise sources of this machine and measure each for a moment.",
        discussion: """
            Opens every available source, samples it for a moment through the production health chain, and \
            says what it would earn. Needs no daemon. RATE is raw samples per second, CREDIT/CPU what one \
            second of CPU time would be credited with.

            Exit status: 0, or 69 when no source that earns credit is usable.
            """
    )

    @Option(name: .shortAndLong, help: "Seconds to measure each source.")
    var time = 0.3

    @Flag(help: "Print the findings as JSON.")
    var json = false

    func validate() throws {
        guard time > 0, time <= 60 else {
            throw ValidationError("The time must be more than 0 and at most 60 seconds.")
        }
    }

    func run() throws {
        let findings = NoiseSourceRegistry.all.map { SourceFinding.measure($0, seconds: time) }
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            Terminal.print(String(decoding: try encoder.encode(findings), as: UTF8.self))
        } else {
            var rows = [["SOURCE", "STATE", "RATE", "CLAIM", "CREDIT/CPU", "WHAT, OR WHY NOT"]]
            for finding in findings {
                rows.append([
                    finding.name, finding.state,
                    finding.samplesPerSecond.map { scaled($0) + "/s" } ?? "-",
                    "\(fixed(finding.claimedBitsPerSample, 3))/\(finding.sampleBits)",
                    finding.creditedBytesPerCPUSecond.map { scaled($0) + "B/s" } ?? "-",
                    finding.remark,
                ])
            }
            Terminal.print(table(rows))
        }
        guard findings.contains(where: { $0.state == "healthy" && $0.claimedBitsPerSample > 0 })
        else { throw ExitStatus.unavailable }
    }
}

/// What one source showed.
struct SourceFinding: Codable {
    var name: String
    var state: String
    var remark: String
    var sampleBits: Int
    var claimedBitsPerSample: Double
    var samplesPerSecond: Double?
    var creditedBytesPerCPUSecond: Double?

    static func measure(_ kind: any NoiseSource.Type, seconds: Double) -> SourceFinding {
        let descriptor = kind.standard
        var finding = SourceFinding(
            name: descriptor.name,
            state: "unavailable",
            remark: descriptor.summary,
            sampleBits: descriptor.sampleBits,
            claimedBitsPerSample: descriptor.claim.minEntropy.value
        )
        var settings = NoiseSourceSettings()
        if descriptor.name == EntropyKeyTool.sourceName {
            settings.entropyKey = EntropyKeyTool.settings(for: nil)
        }
        switch kind.availability(settings) {
        case .unavailable(let reason):
            finding.remark = reason
            return finding
        case .available(let note):
            if let note { finding.remark += " (\(note))" }
        }
        let source = kind.init(settings)
        do throws(NoiseSourceError) {
            try source.open()
            defer { source.close() }
            try finding.sample(source, seconds: seconds)
        } catch {
            finding.state = "failed"
            finding.remark = error.description
        }
        return finding
    }

    private mutating func sample(
        _ source: any NoiseSource,
        seconds: Double
    ) throws(NoiseSourceError) {
        var monitor = HealthMonitor(descriptor: source.descriptor)
        let credit = CreditPolicy(for: source.descriptor)
        let memory = SecretBytes(count: 512 * MemoryLayout<RawSample>.stride)
        let (clock, cpu) = (SystemClock.now, SystemClock.threadCPUTime)
        var total = 0
        // At least the start-up's samples, unless the source is so slow that nobody would wait.
        while true {
            let elapsed = (SystemClock.now - clock).seconds
            if elapsed >= seconds && (total >= 2048 || elapsed >= 2 + seconds) { break }
            total += try memory.withMutableBytes {
                (bytes: UnsafeMutableRawBufferPointer) throws(NoiseSourceError) in
                let buffer = bytes.bindMemory(to: RawSample.self)
                let count = try source.sample(into: buffer, wake: -1)
                _ = monitor.examine(
                    UnsafeBufferPointer(rebasing: buffer[..<count]),
                    at: SystemClock.now
                )
                return count
            }
        }
        let used = max((SystemClock.threadCPUTime - cpu).seconds, 1e-6)
        state = monitor.state.name
        samplesPerSecond = Double(total) / max((SystemClock.now - clock).seconds, 1e-6)
        if monitor.state == .healthy, let credit {
            creditedBytesPerCPUSecond = credit.credit(samples: total).bits.count / 8 / used
        }
        if let failure = monitor.lastFailure { remark = "\(failure)" }
    }
}
