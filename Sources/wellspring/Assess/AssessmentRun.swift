// One run of `wellspring assess`: inputs, suites, restart tests, outputs.
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Assessment
internal import AssessmentReport
internal import Entropy
internal import FoundationEssentials

struct AssessmentRun {
    private let command: AssessCommand
    private let work: ThreadedWork

    init(_ command: AssessCommand) {
        self.command = command
        work = ThreadedWork(threads: command.output.threads)
    }

    func run() throws {
        var inputs: [SampleInput] = []
        var restartInput: SampleInput?
        if let source = command.input.source {
            let recording = try SourceRecording(source, command)
            inputs = [recording.samples]
            restartInput = recording.restarts
        } else {
            let part = SampleInput.Part(skip: command.input.skip, take: command.input.take)
            inputs = try command.files.map { try SampleInput.read($0, part: part) }
        }
        if let restart = command.restart {
            restartInput = try SampleInput.read(restart, part: SampleInput.Part())
        }
        var record = AssessmentRecord(
            version: Version.current,
            created: Date().formatted(.iso8601),
            reference: command.reference,
            samples: []
        )
        var figures: [[ReportDocument.Figure]] = []
        for input in inputs {
            let (sample, pictures) = try assess(input)
            record.samples.append(sample)
            figures.append(pictures)
        }
        if let restartInput {
            record.restart = try assess(restarts: restartInput, after: record)
        }
        try show(record, figures, restartInput)
        if command.output.saveProfile {
            let writer = ProfileWriter(
                folder: command.output.profiles,
                claim: command.options.claim
            )
            try writer.save(record)
        }
        guard record.verdict.tone != .bad else { throw ExitStatus.refused }
    }

    private func assess(
        _ input: SampleInput
    ) throws -> (AssessedSample, [ReportDocument.Figure]) {
        let given = command.input.bits ?? input.sidecar?.sampleBits
        let prepared = try PreparedSample(samples: input.samples, bitsPerSymbol: given)
        var sample = AssessedSample(input.provenance(prepared, command.input.bits))
        sample.notes = input.notes
        if command.suite.contains(.sp80090B) {
            sample.nonIID = NonIIDAssessment(
                prepared,
                following: command.reference,
                sharing: work.sharing("assessing \(input.name)")
            )
        }
        return (sample, [])
    }

    private func assess(
        restarts input: SampleInput,
        after record: AssessmentRecord
    ) throws -> AssessedRestart {
        let assessed = record.samples.compactMap(\.support?.minEntropy).min()
        guard let initial = command.initialEntropy ?? assessed else {
            throw ValidationError(
                "The restart tests need an initial estimate: add the suite 90b, or --initial-entropy."
            )
        }
        let width =
            command.input.bits ?? input.sidecar?.sampleBits
            ?? record.samples.first?.provenance.bitsPerSample
        let prepared = try PreparedSample(samples: input.samples, bitsPerSymbol: width)
        return AssessedRestart(
            input.provenance(prepared, command.input.bits),
            tests: try RestartAssessment(
                samples: input.samples,
                bitsPerSymbol: width,
                initialEstimate: initial,
                iid: command.iid,
                following: command.reference,
                sharing: work.sharing("assessing \(input.name)")
            )
        )
    }

    private func show(
        _ record: AssessmentRecord,
        _ figures: [[ReportDocument.Figure]],
        _ restart: SampleInput?
    ) throws {
        if command.output.json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            encoder.nonConformingFloatEncodingStrategy = .convertToString(
                positiveInfinity: "infinity",
                negativeInfinity: "-infinity",
                nan: "undefined"
            )
            Terminal.print(String(decoding: try encoder.encode(record), as: UTF8.self))
        }
    }
}

extension SampleInput {
    /// What the report says about where the samples come from.
    func provenance(_ prepared: PreparedSample, _ givenBits: Int?) -> Provenance {
        var provenance = Provenance(
            name: name,
            sha256: sha256,
            sampleCount: samples.count,
            bitsPerSample: prepared.bitsPerSymbol,
            widthOrigin: givenBits != nil ? .given : sidecar != nil ? .recording : .detected,
            skippedCount: skipped
        )
        if let sidecar {
            provenance.source = sidecar.source
            provenance.kind = sidecar.kind
            provenance.sourceSummary = sidecar.summary
            provenance.isConditioned = sidecar.isConditioned
            provenance.settings = sidecar.settings
            provenance.machine = sidecar.machine
            provenance.recorded = sidecar.started.formatted(.iso8601)
            provenance.recordingSeconds = sidecar.seconds
            provenance.recorderVersion = sidecar.version
        }
        return provenance
    }
}
