// The suites that need no more memory than a block, however long the input is.
// SPDX-License-Identifier: Apache-2.0

internal import AssessmentReport
internal import StatisticalTests

/// FIPS 140-2 and ENT, on the bytes as they come.
struct StreamedSuites: ~Copyable {
    private let suites: Set<Suite>
    private var fips140 = FIPS140Stream()
    private var ent = ENTStatistics()

    /// Of `suites` only those that can be streamed are run.
    init(_ suites: [Suite]) { self.suites = Set(suites) }

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        if suites.contains(.fips140) { fips140.update(bytes) }
        if suites.contains(.ent) { ent.update(bytes) }
    }

    /// Leaves the results of what was asked for in `sample`.
    func finish(_ sample: inout AssessedSample) {
        if suites.contains(.fips140) { sample.fips140 = fips140.statistics }
        if suites.contains(.ent) { sample.ent = AssessedENT(ent) }
    }

    /// Reads `path` once, with nothing kept in memory.
    static func assess(
        _ path: String,
        part: SampleInput.Part,
        suites: [Suite]
    ) throws -> AssessedSample {
        var run = StreamedSuites(suites)
        let input = try ByteInput(path: path)
        var bar = ProgressBar("testing \(path)", total: input.size, unit: "B")
        var done = 0
        let (count, digest) = try input.read(part) { chunk in
            run.update(chunk)
            done += chunk.count
            bar.update(done)
        }
        bar.finish()
        guard count > 0 else { throw InputError("\(SampleInput.label(path)): there are no bytes.") }
        var sample = AssessedSample(
            Provenance(
                name: SampleInput.label(path),
                sha256: digest,
                sampleCount: count,
                bitsPerSample: 8,
                widthOrigin: .bytes,
                skippedCount: part.skip
            )
        )
        if let take = part.take, count < take {
            sample.notes = ["The input ended after \(count) bytes, before the \(take) wanted."]
        }
        run.finish(&sample)
        return sample
    }
}
