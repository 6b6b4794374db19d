// `wellspring capture`: raw samples of one source into a file, with a sidecar that says where they come from.
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Configuration
internal import Crypto
internal import Entropy
internal import FoundationEssentials
internal import Glibc
internal import LinuxSystem
internal import NoiseSources

struct CaptureCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "capture",
        abstract: "Record raw samples of one noise source, for assessment.",
        discussion: """
            Writes one byte per sample: the low bits of the raw sample that the health tests see, before any \
            conditioning. FILE.json beside it states source, settings, machine, time and SHA-256. The \
            samples are never credited to anything. A capture holds noise, not secrets in use, but keep it \
            private: it is created readable by its owner only.

            Exit status: 0 all samples recorded, 69 the source is unavailable, 74 writing or sampling failed, 78 the configuration has \
            errors.
            """
    )

    @Argument(help: "The source: see `wellspring sources`.")
    var source: String

    @Option(name: [.customShort("n"), .long], help: "Samples to record.")
    var samples = 1_000_000

    @Option(
        name: .shortAndLong,
        help: "The file to write; a device or - for standard output has no sidecar."
    )
    var output: String

    @OptionGroup var options: SourceOptions

    func validate() throws {
        guard (1...1_000_000_000_000).contains(samples) else {
            throw ValidationError("The number of samples must be positive.")
        }
    }

    func run() throws {
        try Interruption.watch()
        let noise: any NoiseSource
        do {
            noise = try options.source(named: source)
        } catch let error as ConfigurationError {
            throw Terminal.fail(error, ExitStatus.configuration)
        }
        do {
            try noise.open()
        } catch {
            throw Terminal.fail(error, ExitStatus.unavailable)
        }
        defer { noise.close() }
        do {
            try record(noise)
        } catch let error as ExitCode {
            throw error
        } catch {
            throw Terminal.fail(error, ExitStatus.inputOutput)
        }
    }

    private func record(_ noise: any NoiseSource) throws {
        let file = try OutputFile(path: output)
        let started = Date()
        let (clock, cpu) = (SystemClock.now, SystemClock.threadCPUTime)
        let raw = SecretBytes(count: batch * MemoryLayout<RawSample>.stride)
        let bytes = SecretBytes(count: batch)
        let mask = noise.descriptor.symbolMask
        var hash = SHA256()
        var done = 0
        var bar = ProgressBar("capturing \(source)", total: samples, unit: "sample")
        while done < samples {
            let wanted = min(batch, samples - done)
            let count = try raw.withMutableBytes { memory in
                let buffer = UnsafeMutableBufferPointer(
                    rebasing: memory.bindMemory(to: RawSample.self)[..<wanted]
                )
                let count = try noise.sample(into: buffer, wake: Interruption.descriptor)
                bytes.withMutableBytes { target in
                    for index in 0..<count { target[index] = UInt8(buffer[index] & mask) }
                }
                return count
            }
            guard !Interruption.happened else {
                bar.finish()
                Terminal.note("wellspring: interrupted; nothing was left behind")
                throw ExitCode(Interruption.exitStatus)
            }
            try bytes.withBytes { all in
                let part = UnsafeRawBufferPointer(rebasing: all[..<count])
                hash.update(bufferPointer: part)
                try file.write(part)
            }
            done += count
            bar.update(done)
        }
        bar.finish()
        let elapsed = (SystemClock.now - clock).seconds
        let isRegular = file.isRegular
        try file.commit()
        let digest = hash.finalize().map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
        guard isRegular else { return }
        let sidecar = CaptureSidecar(
            descriptor: noise.descriptor,
            samples: samples,
            options: options,
            started: started,
            seconds: elapsed,
            cpuSeconds: (SystemClock.threadCPUTime - cpu).seconds,
            sha256: digest
        )
        do {
            try sidecar.write(to: output + ".json")
        } catch {
            // A recording that nobody can say anything about is of no use.
            unlink(output)
            throw error
        }
        Terminal.note(
            "\(samples) samples of \(source) in \(fixed(elapsed, 2)) s "
                + "(\(scaled(Double(samples) / max(elapsed, 1e-6)))sample/s), SHA-256 \(digest)"
        )
    }
}

/// Samples in one batch.
private let batch = 4096
