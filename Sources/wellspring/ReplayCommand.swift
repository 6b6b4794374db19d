// `wellspring replay`: a recorded file through exactly the production health chain.
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Daemon
internal import Entropy
internal import Glibc
internal import HealthTests
internal import LinuxSystem
internal import NoiseSources
internal import UpstreamSources

struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Run a recording through the health chain of a source, and give the verdict.",
        discussion: """
            FILE holds raw samples as `wellspring capture` writes them, or unsigned little-endian integers of \
            2, 4 or 8 bytes (--sample-bytes), or decimal numbers in text (--text). They pass the same tests, with \
            the same cut-offs, as live samples of SOURCE do. `timing` stands for any source that measures time, \
            `symbols` for any other.

            A recording that passes is not thereby unpredictable: see docs/health-tests.md.

            Exit status: 0 healthy throughout, 2 refused, 74 the file cannot be read or is too short.
            """
    )

    @Argument(help: "A source of `wellspring sources`, or timing, or symbols.")
    var source: String

    @Argument(help: "The recording.")
    var file: String

    @Option(help: "Bytes of one sample in the file: 1, 2, 4 or 8.")
    var sampleBytes = 1

    @Flag(help: "The file holds decimal numbers, separated by white space or commas.")
    var text = false

    @Option(help: "Min-entropy per sample for the cut-offs, in bits (default: the source's claim).")
    var claim: Double?

    @Option(help: "Width of the assessed symbol in bits, 1 to 8 (default: the source's).")
    var sampleBits: Int?

    func validate() throws {
        guard [1, 2, 4, 8].contains(sampleBytes) else {
            throw ValidationError("--sample-bytes is 1, 2, 4 or 8.")
        }
        if let claim, !(claim > 0 && claim <= 8) {
            throw ValidationError("--claim is more than 0 and at most 8 bits per sample.")
        }
        if let sampleBits, !(1...8).contains(sampleBits) {
            throw ValidationError("--sample-bits is 1 to 8.")
        }
    }

    func run() throws {
        let descriptor = try self.descriptor()
        var replay = HealthReplay(descriptor: descriptor)
        do {
            var reader = try RecordingReader(path: file, sampleBytes: sampleBytes, text: text)
            while let samples = try reader.next() {
                samples.withUnsafeBufferPointer { replay.feed($0) }
            }
        } catch {
            throw Terminal.fail(error, ExitStatus.inputOutput)
        }
        let report = replay.report
        Terminal.print(describe(report, descriptor))
        guard report.recordedSamples >= UInt64(HealthMonitor.startUpSampleCount) else {
            throw Terminal.fail(
                text:
                    "\(file) holds \(report.recordedSamples) samples; the start-up test alone needs "
                    + "\(HealthMonitor.startUpSampleCount).",
                ExitStatus.inputOutput
            )
        }
        if report.firstFailure != nil { throw ExitStatus.refused }
    }

    private func descriptor() throws -> NoiseSourceDescriptor {
        var descriptor: NoiseSourceDescriptor
        if let kind = NoiseSourceRegistry.find(source) {
            descriptor = kind.standard
        } else if let kind = [
            "timing": NoiseSourceDescriptor.Kind.timing, "symbols": .symbols,
        ][source] {
            descriptor = NoiseSourceDescriptor(
                name: source,
                summary: "a recording",
                sampleBits: 8,
                kind: kind,
                claim: EntropyClaim(minEntropy: BitsPerSample(0.5)!, origin: .operatorStated)
            )
        } else {
            let names = NoiseSourceRegistry.all.map { $0.standard.name }.joined(separator: ", ")
            throw ValidationError(
                "There is no source \(source). Known are: \(names), timing, symbols."
            )
        }
        if let claim = claim.flatMap(BitsPerSample.init) {
            descriptor.claim = EntropyClaim(minEntropy: claim, origin: .operatorStated)
        }
        if let sampleBits { descriptor.sampleBits = sampleBits }
        return descriptor
    }

    private func describe(_ report: HealthReport, _ descriptor: NoiseSourceDescriptor) -> String {
        var lines = [
            "\(file): \(report.recordedSamples) samples as \(descriptor.name), H = "
                + "\(fixed(descriptor.claim.minEntropy.value, 3)) bit per "
                + "\(descriptor.sampleBits)-bit sample"
        ]
        if let failure = report.firstFailure {
            lines.append("REFUSED: \(failure)")
            var rows = [["TEST", "INTERMITTENT", "PERMANENT"]]
            for test in HealthTestKind.allCases {
                let intermittent = report.counts.failures(of: test, .intermittent)
                let permanent = report.counts.failures(of: test, .permanent)
                if intermittent + permanent > 0 {
                    rows.append([test.name, "\(intermittent)", "\(permanent)"])
                }
            }
            lines.append(table(rows))
        } else {
            lines.append("healthy: no test failed")
        }
        lines.append(
            "state at the end: \(report.state.name); \(report.counts.creditableSamples) samples "
                + "could have been credited"
        )
        return lines.joined(separator: "\n")
    }
}

/// Reads a recording in pieces.
struct RecordingReader: ~Copyable {
    private let path: String
    private let sampleBytes: Int
    private let text: Bool
    private let descriptor: Int32
    private var rest: [UInt8] = []
    private var ended = false

    init(path: String, sampleBytes: Int, text: Bool) throws(SystemError) {
        self.path = path
        self.sampleBytes = sampleBytes
        self.text = text
        descriptor = path == "-" ? 0 : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError("open \(path)") }
    }

    deinit { if descriptor > 2 { close(descriptor) } }

    /// The next samples; nil at the end.
    mutating func next() throws -> [RawSample]? {
        while !ended {
            var chunk = [UInt8](repeating: 0, count: 1 << 16)
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw SystemError("read \(path)") }
            ended = count == 0
            rest += chunk[..<count]
            let samples = text ? try takeNumbers() : takeIntegers()
            if !samples.isEmpty { return samples }
        }
        guard rest.isEmpty else {
            throw RecordingError(description: "\(path) ends in the middle of a sample.")
        }
        return nil
    }

    private mutating func takeIntegers() -> [RawSample] {
        let whole = rest.count / sampleBytes
        let samples = (0..<whole).map { index in
            (0..<sampleBytes).reversed().reduce(RawSample(0)) { value, byte in
                value << 8 | RawSample(rest[index * sampleBytes + byte])
            }
        }
        rest.removeFirst(whole * sampleBytes)
        return samples
    }

    private mutating func takeNumbers() throws -> [RawSample] {
        let isSeparator = { (byte: UInt8) in byte <= 0x20 || byte == UInt8(ascii: ",") }
        let end = ended ? rest.count : (rest.lastIndex(where: isSeparator) ?? 0)
        let samples = try rest[..<end].split(whereSeparator: isSeparator).map { word in
            let number = String(decoding: word, as: UTF8.self)
            guard let value = RawSample(number) else {
                throw RecordingError(
                    description: "\(path): \"\(number.prefix(40))\" is no unsigned decimal number."
                )
            }
            return value
        }
        rest.removeFirst(end)
        guard rest.count < 4096 || !rest.contains(where: { !isSeparator($0) }) else {
            throw RecordingError(description: "\(path) is not a text of numbers.")
        }
        return samples
    }
}

struct RecordingError: Error, CustomStringConvertible {
    let description: String
}
