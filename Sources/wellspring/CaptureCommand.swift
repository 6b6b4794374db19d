// `wellspring capture`: raw samples of one source into a file, with a sidecar that says where they come from.
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Configuration
internal import Glibc
internal import LinuxSystem
internal import NoiseSources

struct CaptureCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "capture",
        abstract: "Record raw samples of one noise source, for assessment.",
        discussion: """
            Writes one byte per sample: the low bits of the raw sample that the health tests see, before any \
            conditioning. FILE.json beside it states source, settings, machine, time and SHA-256. With \
            --restarts the source is closed and opened before each row of samples, as the restart tests of \
            SP 800-90B want it: 1,000 restarts of 1,000 samples. The \
            samples are never credited to anything. A capture holds noise, not secrets in use, but keep it \
            private: it is created readable by its owner only.

            Exit status: 0 all samples recorded, 69 the source is unavailable, 74 writing or sampling failed, 78 the configuration has \
            errors.
            """
    )

    @Argument(help: "The source: see `wellspring sources`.")
    var source: String

    @Option(
        name: [.customShort("n"), .long],
        help: "Samples to record (default: 1000000, or 1000 after each restart)."
    )
    var samples: Int?

    @Option(help: "Restart the source so many times, and record after each.")
    var restarts: Int?

    @Option(
        name: .shortAndLong,
        help: "The file to write; a device or - for standard output has no sidecar."
    )
    var output: String

    @OptionGroup var options: SourceOptions

    func validate() throws {
        guard (1...1_000_000_000_000).contains(samples ?? 1) else {
            throw ValidationError("The number of samples must be positive.")
        }
        guard (1...1_000_000).contains(restarts ?? 1) else {
            throw ValidationError("--restarts is a number from 1 to 1,000,000.")
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
        let recorder = SourceRecorder(
            noise: noise,
            samples: samples ?? (restarts == nil ? 1_000_000 : 1_000),
            restarts: restarts
        )
        let facts = try recorder.record { try file.write($0) }
        let isRegular = file.isRegular
        try file.commit()
        guard isRegular else { return }
        let sidecar = CaptureSidecar(
            noise,
            options: options,
            restarts: restarts,
            facts: facts
        )
        do {
            try sidecar.write(to: CaptureSidecar.path(for: output))
        } catch {
            // A recording that nobody can say anything about is of no use.
            unlink(output)
            throw error
        }
        Terminal.note(
            "\(facts.count) samples of \(source) in \(fixed(facts.seconds, 2)) s "
                + "(\(scaled(Double(facts.count) / max(facts.seconds, 1e-6)))sample/s), "
                + "SHA-256 \(facts.sha256)"
        )
    }
}
