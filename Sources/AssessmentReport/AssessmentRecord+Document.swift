// From an assessment's data to the document that people read.
// SPDX-License-Identifier: Apache-2.0

internal import Assessment
internal import Entropy

extension AssessmentRecord {
    /// The whole report. `figures` holds those of each sample, by its place in ``samples``, then those of
    /// the restart data.
    package func document(
        figures: [[ReportDocument.Figure]] = [],
        restartFigures: [ReportDocument.Figure] = []
    ) -> ReportDocument {
        let verdict = self.verdict
        var sections: [ReportDocument.Section] = []
        if let comparison {
            let names = (samples[0].provenance.name, samples[1].provenance.name)
            sections.append(comparison.section(names))
        }
        for (index, sample) in samples.enumerated() {
            let prefix = samples.count > 1 ? "\(sample.provenance.name): " : ""
            var parts = sample.sections
            if index < figures.count, !figures[index].isEmpty {
                parts.append(
                    ReportDocument.Section(
                        "What the samples look like",
                        figures[index].map { .figure($0) }
                    )
                )
            }
            parts.append(sample.provenance.section("Provenance"))
            for part in parts { sections.append(.init(prefix + part.title, part.blocks)) }
        }
        if let restart {
            var section = ReportDocument.Section(restart: restart.tests)
            section.blocks += restartFigures.map { .figure($0) }
            sections.append(section)
            if let iid = restart.iid {
                for (order, found) in [("rows", iid.rows), ("columns", iid.columns)] {
                    let part = found.section
                    sections.append(.init("Restart data by \(order): \(part.title)", part.blocks))
                }
            }
            sections.append(restart.provenance.section("Provenance of the restart data"))
        }
        sections.append(
            ReportDocument.Section(
                "This assessment",
                [.facts([.init("made", created), .init("by", "Wellspring \(version)")] + howFacts)]
            )
        )
        return ReportDocument(
            title: title,
            verdict: verdict.sentence,
            tone: verdict.tone,
            warnings: warnings,
            sections: sections,
            remarks: remarks(hasFigures: !figures.isEmpty)
        )
    }

    private var title: String {
        let assessed = samples.isEmpty ? [restart?.provenance] : samples.map(\.provenance)
        let names = assessed.compactMap { $0.map { $0.source ?? $0.name } }
        let distinct = names.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        return "Assessment of \(distinct.joined(separator: ", "))"
    }

    private var howFacts: [ReportDocument.Fact] {
        guard restart != nil || !supports.isEmpty else { return [] }
        return [
            .init(
                "where text and tool differ",
                reference == .nistTool
                    ? "NIST's tool SP800-90B_EntropyAssessment v1.1.8 is followed (--reference nist-tool)"
                    : "the text of SP 800-90B is followed (--reference standard)"
            )
        ]
    }

    private func remarks(hasFigures: Bool) -> [String] {
        var all = [
            "This report assists the collection of evidence for SP 800-90B. It certifies nothing: a "
                + "validation takes an accredited laboratory and a submission.",
            "An estimate is an upper bound: what these estimators failed to predict. Statistical tests "
                + "that pass do not prove unpredictability; a deterministic generator passes them.",
            "The result holds for the machine, the settings and the load under which the samples were "
                + "recorded. Assess again where one of them differs.",
        ]
        if claim == nil, !supports.isEmpty {
            all.append(
                "No submitter's estimate (H_submitter) was given: SP 800-90B, section 3.1.3, takes the "
                    + "smaller of that and this result."
            )
        }
        if hasFigures { all.append(SampleFigures.remark) }
        return all
    }
}

extension AssessedSample {
    /// What each suite that was run found.
    fileprivate var sections: [ReportDocument.Section] {
        [
            nonIID.map { ReportDocument.Section(nonIID: $0) },
            iid?.section,
            sp80022.map { suite in
                suite.streams.count == 1
                    ? ReportDocument.Section.sp80022(suite.streams[0])
                    : ReportDocument.Section.sp80022(suite.summary)
            },
            ais31.map {
                ReportDocument.Section.ais31(
                    procedureA: $0.procedureA,
                    procedureB: $0.procedureB,
                    version3: $0.version3
                )
            },
            fips140.map { ReportDocument.Section.fips140($0) },
            ent.map { ReportDocument.Section.ent(bytes: $0.bytes, bits: $0.bits) },
        ].compactMap { $0 }
    }
}

extension AssessedIID {
    fileprivate var section: ReportDocument.Section {
        ReportDocument.Section(iid: tests, unpermuted: unpermuted, permutations: permutations)
    }
}

extension Provenance {
    /// What a laboratory asks for first.
    func section(_ title: String) -> ReportDocument.Section {
        var facts = [
            ReportDocument.Fact("input", name),
            ReportDocument.Fact("SHA-256", sha256),
            ReportDocument.Fact("samples", NumberText.grouped(sampleCount)),
            ReportDocument.Fact(
                "width",
                "\(bitsPerSample) bit per sample, \(widthOrigin.rawValue)"
            ),
        ]
        if let restarts {
            facts.append(
                .init("restarts", "\(NumberText.grouped(restarts)), the samples of each in a row")
            )
        }
        if skippedCount > 0 {
            facts.append(
                .init("skipped", "the first \(NumberText.grouped(skippedCount)) bytes of the input")
            )
        }
        if let source {
            let summary = sourceSummary.map { ": \($0)" } ?? ""
            facts.append(.init("source", "\(source)\(summary)"))
        }
        if let settings, !settings.isEmpty {
            let text = settings.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" }
            facts.append(.init("settings", text.joined(separator: ", ")))
        }
        if let machine {
            facts.append(
                .init(
                    "machine",
                    "\(machine.processor), \(machine.architecture), \(machine.processors) processors, "
                        + "Linux \(machine.kernel)" + (machine.isVirtual ? ", virtual" : "")
                )
            )
            facts.append(
                .init(
                    "load",
                    machine.loadAverage.map { NumberText.fixed($0, decimals: 2) }.joined(
                        separator: ", "
                    )
                )
            )
        }
        if let recorded {
            let seconds = recordingSeconds.map { ", \(NumberText.fixed($0, decimals: 2)) s" } ?? ""
            let version = recorderVersion.map { ", by Wellspring \($0)" } ?? ""
            facts.append(.init("recorded", recorded + seconds + version))
        }
        return ReportDocument.Section(title, [.facts(facts)])
    }
}
