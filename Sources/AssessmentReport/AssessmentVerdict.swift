// The verdict of an assessment in words, and what a reader must know before trusting it.
// SPDX-License-Identifier: Apache-2.0

internal import Assessment
internal import Entropy

/// What the samples support, said first.
package struct AssessmentVerdict: Sendable, Equatable, Encodable {
    package let sentence: String
    package let tone: ReportDocument.Tone
    /// Bits per sample that the whole assessment supports; nil if none is established, or if no suite
    /// that says so was run.
    package let minEntropy: Double?
}

extension AssessmentRecord {
    /// The smallest of all that was found, restarts included; of two samples side by side their difference.
    package var verdict: AssessmentVerdict {
        guard let comparison else { return support }
        let names = (samples[0].provenance.name, samples[1].provenance.name)
        return AssessmentVerdict(
            sentence: comparison.sentence(names),
            tone: comparison.isCollapse ? .bad : support.tone,
            minEntropy: support.minEntropy
        )
    }

    private var support: AssessmentVerdict {
        if let restart, restart.tests.minEntropy == nil {
            return AssessmentVerdict(
                sentence: "This source failed the restart tests at an initial estimate of "
                    + "\(bits(restart.tests.initialEstimate)) per sample: no entropy is established.",
                tone: .bad,
                minEntropy: nil
            )
        }
        guard let weakest = supports.min(by: { $0.minEntropy < $1.minEntropy }) else {
            return restart.map(restartVerdict) ?? suiteVerdict
        }
        var minEntropy = weakest.minEntropy
        var reason = weakest.reason
        // Restart tests cap at their initial estimate, which is the claim where there is one.
        let capped = restart.flatMap(\.tests.minEntropy).map { min($0, claim ?? .infinity) }
        if let restart, let found = capped, found < restart.tests.initialEstimate,
            found < minEntropy
        {
            minEntropy = found
            reason = "The restart data have less than the long recording."
        }
        let subject = samples.count > 1 ? "These \(samples.count) recordings" : "This source"
        let verb = samples.count > 1 ? "support" : "supports"
        let unit = "per \(weakest.bitsPerSample)-bit sample"
        let isDoubtful = minEntropy < faintestMinEntropy || !samples.flatMap(\.warnings).isEmpty
        guard let claim else {
            return AssessmentVerdict(
                sentence: "\(subject) \(verb) at most \(bits(minEntropy)) \(unit). \(reason)",
                tone: minEntropy < faintestMinEntropy ? .bad : isDoubtful ? .caution : .good,
                minEntropy: minEntropy
            )
        }
        guard claim <= minEntropy else {
            return AssessmentVerdict(
                sentence: "The claim of \(bits(claim)) \(unit) is not supported: at most "
                    + "\(bits(minEntropy)). \(reason)",
                tone: .bad,
                minEntropy: minEntropy
            )
        }
        return AssessmentVerdict(
            sentence:
                "\(subject) \(verb) the claim of \(bits(claim)) \(unit): the estimators found at "
                + "most \(bits(minEntropy)). \(reason)",
            tone: isDoubtful ? .caution : .good,
            minEntropy: claim
        )
    }

    /// Of restart data alone that passed.
    private func restartVerdict(_ restart: AssessedRestart) -> AssessmentVerdict {
        let found = restart.tests.minEntropy
        return AssessmentVerdict(
            sentence: "The restart data support \(found.map(bits) ?? "nothing") per "
                + "\(restart.provenance.bitsPerSample)-bit sample, at an initial estimate of "
                + "\(bits(restart.tests.initialEstimate)). No long recording was assessed.",
            tone: .caution,
            minEntropy: found
        )
    }

    /// Of statistical tests alone.
    private var suiteVerdict: AssessmentVerdict {
        let findings = samples.flatMap(\.suiteFindings)
        let tones = findings.map(\.tone)
        let tone: ReportDocument.Tone =
            [.bad, .caution].first { tones.contains($0) }
            ?? (!tones.isEmpty && tones.allSatisfy { $0 == .good } ? .good : .neutral)
        return AssessmentVerdict(
            sentence: (findings.map(\.sentence) + ["No min-entropy was estimated."])
                .joined(separator: " "),
            tone: tone,
            minEntropy: nil
        )
    }

    /// Rounded toward zero, so that no verdict promises more than was found.
    private func bits(_ value: Double) -> String {
        NumberText.fixed((value * 100).rounded(.down) / 100, decimals: 2) + " bit"
    }

    /// Sentences about what stands between the reader and the verdict.
    package var warnings: [String] {
        var all = samples.flatMap { sample in
            samples.count > 1
                ? sample.warnings.map { "\(sample.provenance.name): \($0)" } : sample.warnings
        }
        if !isIID, samples.contains(where: \.passesIID) {
            all.append(
                "Not all recordings, or not the restart data in both orders, pass the IID tests: the "
                    + "non-IID estimate counts for all (SP 800-90B, section 3.1.2)."
            )
        }
        if let restart, restart.provenance.source != nil, restart.provenance.restarts == nil {
            all.append(
                "\(restart.provenance.name) is one long recording by its sidecar: it shows nothing about "
                    + "restarts."
            )
        }
        if restart == nil, !supports.isEmpty {
            all.append(
                "No restart data were assessed: that the source starts afresh each time is not shown "
                    + "(SP 800-90B, section 3.1.4)."
            )
        }
        return all
    }
}

extension AssessedSample {
    /// What one sample supports by itself.
    package struct Support: Sendable, Equatable {
        package let minEntropy: Double
        package let bitsPerSample: Int
        package let reason: String
    }

    /// By the IID track if `iid`, else by the ten estimators; nil if that was not run.
    package func support(iid isIID: Bool) -> Support? {
        if isIID, let iid {
            return Support(
                minEntropy: iid.tests.assessedMinEntropy,
                bitsPerSample: iid.tests.bitsPerSymbol,
                reason: "No test contradicts that the samples are independent and identically "
                    + "distributed; the most common value decides."
            )
        }
        guard let nonIID else { return nil }
        let weakest = nonIID.weakest
        let reason =
            if let estimator = weakest.estimator {
                "The weakest estimator is \(estimator.rawValue), on the \(weakest.track.rawValue)."
            } else {
                "No estimator found less than the width of the sample."
            }
        return Support(
            minEntropy: nonIID.assessedMinEntropy,
            bitsPerSample: nonIID.bitsPerSymbol,
            reason: reason
        )
    }

    /// What a reader must know about this sample.
    package var warnings: [String] {
        var all = notes
        if provenance.isConditioned == true {
            all.append(
                "\(provenance.source ?? "The source") puts out conditioned data. No estimate of "
                    + "conditioned output says anything about the entropy behind it."
            )
        } else if let nonIID, looksConditioned(nonIID) {
            all.append(
                "These samples look like the output of a conditioning component or a generator: every "
                    + "estimate is near the width of the sample. If they are, the result says nothing; "
                    + "assess the raw noise."
            )
        }
        if let iid, !iid.passes {
            all.append(
                "The samples are not independent and identically distributed: the non-IID estimate "
                    + "counts."
            )
        }
        if nonIID != nil, provenance.sampleCount < fewestSamples {
            all.append(
                "\(NumberText.grouped(provenance.sampleCount)) samples are fewer than the 1,000,000 that SP 800-90B, "
                    + "section 3.1.1, asks for: the estimates are lower than they would be, or uncertain."
            )
        }
        if let nonIID, provenance.widthOrigin != .detected, nonIID.neededBits < nonIID.bitsPerSymbol
        {
            all.append(
                "The samples need \(nonIID.neededBits) bits, but were assessed as "
                    + "\(nonIID.bitsPerSymbol) bits wide."
            )
        }
        if provenance.source == nil {
            all.append(
                "Nobody recorded where the samples come from: there is no sidecar beside "
                    + "\(provenance.name)."
            )
        }
        if provenance.machine?.isVirtual == true {
            all.append(
                "The samples were recorded in a virtual machine: whoever controls the hypervisor controls "
                    + "its clocks and devices."
            )
        }
        return all
    }

    /// Raw noise of eight bits comes near its width in no source of Wellspring.
    private func looksConditioned(_ assessment: NonIIDAssessment) -> Bool {
        assessment.bitsPerSymbol == 8
            && assessment.assessedMinEntropy >= suspiciousShare * Double(assessment.bitsPerSymbol)
    }
}

/// SP 800-90B, section 3.1.1, item 1.
private let fewestSamples = 1_000_000
/// Share of the width. A million samples of an ideal generator are estimated at 0.87 to 0.99 of it,
/// since the estimators err on the low side; the best raw source of Wellspring is at 0.7.
private let suspiciousShare = 0.85
/// Bits per sample: the least for which the health tests have cut-offs (docs/health-tests.md).
private let faintestMinEntropy = 0.05
