// One run of `wellspring assess`: inputs, suites, restart tests, outputs.
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Assessment
internal import AssessmentReport
internal import Entropy
internal import FoundationEssentials
internal import StatisticalTests

struct AssessmentRun {
    private let command: AssessCommand
    private let work: ThreadedWork

    init(_ command: AssessCommand) {
        self.command = command
        work = ThreadedWork(threads: command.output.threads)
    }

    func run() throws {
        var record = AssessmentRecord(
            version: Version.current,
            created: Date().formatted(.iso8601),
            reference: command.reference,
            claim: command.options.claim,
            samples: []
        )
        if isStreamed {
            record.samples = try command.files.map {
                try StreamedSuites.assess($0, part: part, suites: command.suite)
            }
            return try finish(record, [], nil)
        }
        let (inputs, restartInput) = try self.inputs()
        record.samples = try inputs.map { try assess($0) }
        record.comparing = command.compare
        record.restart = try restartInput.map { try assess(restarts: $0, after: record) }
        try finish(record, inputs, restartInput)
    }

    /// Whether nothing asked for needs the samples in memory: then inputs of any length are taken.
    private var isStreamed: Bool {
        command.suite.allSatisfy { $0 == .fips140 || $0 == .ent } && !command.iid
            && command.restart == nil && command.input.source == nil && !command.input.ascii
            && command.output.html == nil
    }

    private var part: SampleInput.Part {
        SampleInput.Part(
            skip: command.input.skip,
            take: command.input.take,
            isASCII: command.input.ascii
        )
    }

    private func finish(
        _ record: AssessmentRecord,
        _ inputs: [SampleInput],
        _ restart: SampleInput?
    ) throws {
        try show(record, inputs, restart)
        if command.output.saveProfile {
            let writer = ProfileWriter(
                folder: command.output.profiles,
                claim: command.options.claim
            )
            try writer.save(record)
        }
        guard record.verdict.tone != .bad else { throw ExitStatus.refused }
    }

    /// The samples and the restart data, recorded now or before.
    private func inputs() throws -> ([SampleInput], SampleInput?) {
        if let source = command.input.source {
            let recording = try SourceRecording(source, command)
            return ([recording.samples], recording.restarts)
        }
        let restart = try command.restart.map {
            try SampleInput.read($0, part: SampleInput.Part())
        }
        return (try command.files.map { try SampleInput.read($0, part: part) }, restart)
    }

    private func assess(_ input: SampleInput) throws -> AssessedSample {
        let given = command.input.bits ?? input.sidecar?.sampleBits
        let prepared = try input.prepared(bits: given)
        var sample = AssessedSample(input.provenance(prepared, command.input.bits))
        sample.notes = input.notes
        if command.suite.contains(.sp80090B) {
            sample.nonIID = NonIIDAssessment(
                prepared,
                following: command.reference,
                sharing: work.sharing("assessing \(input.name)")
            )
        }
        if command.iid {
            sample.iid = work.iid(
                prepared,
                following: command.reference,
                label: "testing \(input.name)"
            )
        }
        let wantsBits = command.suite.contains(.sts) || command.suite.contains(.ais31)
        let bits =
            wantsBits
            ? BitSequence(symbols: input.samples, width: prepared.bitsPerSymbol) : BitSequence()
        if command.suite.contains(.sts) {
            sample.sp80022 = work.sp80022(
                bits,
                bitCount: command.input.streamLength,
                most: command.input.streams,
                label: "SP 800-22 on \(input.name)"
            )
        }
        if command.suite.contains(.ais31) {
            sample.ais31 = work.ais31(
                bits,
                layout: command.input.bitPositions && prepared.bitsPerSymbol > 1
                    ? .positions(symbolWidth: prepared.bitsPerSymbol) : .consecutive,
                label: "AIS 31 on \(input.name)"
            )
        }
        var suites = StreamedSuites(command.suite)
        input.samples.withUnsafeBytes { suites.update($0) }
        suites.finish(&sample)
        return sample
    }

    private func assess(
        restarts input: SampleInput,
        after record: AssessmentRecord
    ) throws -> AssessedRestart {
        let width =
            command.input.bits ?? input.sidecar?.sampleBits
            ?? record.samples.first?.provenance.bitsPerSample
        let rows = try input.prepared(bits: width)
        let iid = try restartIID(rows, input, after: record)
        // H_I = min(H_original, n H_bitstring, H_submitter), section 3.1.3.
        let assessed = record.samples.compactMap {
            $0.support(iid: iid?.passes == true)?.minEntropy
        }
        guard let initial = (assessed + [command.options.claim].compactMap { $0 }).min() else {
            throw ValidationError(
                "The restart tests need an initial estimate: add the suite 90b, or --claim."
            )
        }
        do throws(AssessmentError) {
            return AssessedRestart(
                input.provenance(rows, command.input.bits),
                tests: try RestartAssessment(
                    samples: input.samples,
                    bitsPerSymbol: width,
                    initialEstimate: initial,
                    iid: iid?.passes == true,
                    following: command.reference,
                    sharing: work.sharing("assessing \(input.name)")
                ),
                iid: iid
            )
        } catch {
            throw NamedAssessmentError(name: input.name, error: error)
        }
    }

    /// The IID tests of both orders, where all samples passed them.
    private func restartIID(
        _ rows: PreparedSample,
        _ input: SampleInput,
        after record: AssessmentRecord
    ) throws -> AssessedRestart.RestartIID? {
        guard record.isIID, rows.symbols.count == RestartAssessment.sampleCount else { return nil }
        let columns = try PreparedSample(
            samples: RestartAssessment.transpose(input.samples),
            bitsPerSymbol: rows.bitsPerSymbol
        )
        return AssessedRestart.RestartIID(
            rows: work.iid(rows, following: command.reference, label: "testing the rows"),
            columns: work.iid(columns, following: command.reference, label: "testing the columns")
        )
    }

    /// Prints the result, and writes the report.
    private func show(
        _ record: AssessmentRecord,
        _ inputs: [SampleInput],
        _ restart: SampleInput?
    ) throws {
        if command.output.json {
            Terminal.print(try record.json())
        } else {
            Terminal.print(
                TextRenderer.render(
                    record.document(),
                    width: Terminal.outputIsTerminal ? Terminal.columns : nil,
                    isEmphasised: Terminal.outputIsTerminal
                )
            )
        }
        guard let path = command.output.html else { return }
        let figures = zip(inputs, record.samples).map { input, sample in
            input.samples.withUnsafeBufferPointer {
                SampleFigures.all(of: $0, bitsPerSymbol: sample.provenance.bitsPerSample)
            }
        }
        let map = restart.flatMap { input in
            input.samples.withUnsafeBufferPointer {
                SampleFigures.restartMap(
                    of: $0,
                    restarts: RestartAssessment.side,
                    samplesPerRestart: RestartAssessment.side
                )
            }
        }
        let document = record.document(
            figures: figures,
            restartFigures: map.map { [$0] } ?? []
        )
        let file = try OutputFile(path: path)
        try Array(HTMLRenderer.render(document).utf8).withUnsafeBytes { try file.write($0) }
        try file.commit()
        Terminal.note("wellspring: the report is in \(path)")
    }
}

extension AssessmentRecord {
    /// As docs/assessment.schema.json describes it.
    fileprivate func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "infinity",
            negativeInfinity: "-infinity",
            nan: "undefined"
        )
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}

extension SampleInput {
    /// The samples in the form that the estimators take; an error names the input.
    func prepared(bits: Int?) throws -> PreparedSample {
        do throws(AssessmentError) {
            return try PreparedSample(samples: samples, bitsPerSymbol: bits)
        } catch {
            throw NamedAssessmentError(name: name, error: error)
        }
    }

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
            provenance.restarts = sidecar.restarts
            provenance.machine = sidecar.machine
            provenance.recorded = sidecar.started.formatted(.iso8601)
            provenance.recordingSeconds = sidecar.seconds
            provenance.recorderVersion = sidecar.version
        }
        return provenance
    }
}

/// What cannot be assessed, and by which name it came.
struct NamedAssessmentError: Error, CustomStringConvertible {
    let name: String
    let error: AssessmentError

    var description: String { "\(name): \(error)" }

    /// Constant data hold no entropy, which is a result; everything else cannot be assessed.
    var exitStatus: ExitCode {
        if case .constantData = error.code { ExitStatus.refused } else { ExitStatus.failure }
    }
}
