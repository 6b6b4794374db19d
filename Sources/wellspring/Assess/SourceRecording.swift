// Recordings of a source made on the spot for an assessment: one stretch, and restarts.
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Configuration
internal import LinuxSystem
internal import NoiseSources

/// What `wellspring assess --source` records before it assesses.
struct SourceRecording {
    let samples: SampleInput
    let restarts: SampleInput?

    /// Records as the command says, and keeps the recordings if it says so.
    init(_ name: String, _ command: AssessCommand) throws {
        let noise: any NoiseSource
        do {
            noise = try command.options.source(named: name)
        } catch let error as ConfigurationError {
            throw Terminal.fail(error, ExitStatus.configuration)
        }
        do {
            try noise.open()
        } catch {
            throw Terminal.fail(error, ExitStatus.unavailable)
        }
        defer { noise.close() }
        let recorder = SourceRecorder(noise: noise, samples: command.input.samples)
        samples = try Self.record(recorder, name, command)
        if command.input.restarts {
            let recorder = SourceRecorder(noise: noise, samples: 1_000, restarts: 1_000)
            restarts = try Self.record(recorder, "\(name)-restarts", command)
        } else {
            restarts = nil
        }
    }

    private static func record(
        _ recorder: SourceRecorder,
        _ name: String,
        _ command: AssessCommand
    ) throws -> SampleInput {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(recorder.samples * (recorder.restarts ?? 1))
        let facts = try recorder.record { bytes.append(contentsOf: $0) }
        let sidecar = CaptureSidecar(
            recorder.noise,
            options: command.options,
            restarts: recorder.restarts,
            facts: facts
        )
        if let folder = command.input.keep {
            let path = "\(folder)/\(name).bin"
            let file = try OutputFile(path: path)
            try bytes.withUnsafeBytes { try file.write($0) }
            try file.commit()
            try sidecar.write(to: CaptureSidecar.path(for: path))
        }
        return SampleInput(
            name: command.input.keep.map { "\($0)/\(name).bin" } ?? name,
            samples: bytes,
            sha256: facts.sha256,
            skipped: 0,
            sidecar: sidecar,
            notes: []
        )
    }
}
