// The verdict of an assessment in words, and what a reader must know before trusting it.
// SPDX-License-Identifier: Apache-2.0

internal import Assessment
internal import Entropy

/// What the samples support, said first.
package struct AssessmentVerdict: Sendable, Equatable {
    package let sentence: String
    package let tone: ReportDocument.Tone
    /// Bits per sample that the whole assessment supports; nil if none is established, or if no suite
    /// that says so was run.
    package let minEntropy: Double?
}

extension AssessmentRecord {
    /// The smallest of all that was found, restarts included.
    package var verdict: AssessmentVerdict {
        if let restart, restart.tests.minEntropy == nil {
            return AssessmentVerdict(
                sentence: "This source failed the restart tests: no entropy is established.",
                tone: .bad,
                minEntropy: nil
            )
        }
        guard let weakest = samples.compactMap(\.support).min(by: { $0.minEntropy < $1.minEntropy })
        else {
            return AssessmentVerdict(
                sentence: "No min-entropy was estimated: only statistical tests were run.",
                tone: .neutral,
                minEntropy: nil
            )
        }
        var minEntropy = weakest.minEntropy
        var reason = weakest.reason
        if let restart, let found = restart.tests.minEntropy, found < minEntropy {
            minEntropy = found
            reason = "The restart data have less than the long recording."
        }
        let width = weakest.bitsPerSample
        let subject =
            samples.count > 1 ? "These \(samples.count) recordings support" : "This source supports"
        return AssessmentVerdict(
            sentence: "\(subject) at most \(decimal(minEntropy.rounded(downTo: 2), 2)) bit per "
                + "\(width)-bit sample. \(reason)",
            tone: minEntropy < 0.05 ? .bad : samples.flatMap(\.warnings).isEmpty ? .good : .caution,
            minEntropy: minEntropy
        )
    }

    /// Sentences about what stands between the reader and the verdict.
    package var warnings: [String] {
        var all = samples.flatMap { sample in
            samples.count > 1
                ? sample.warnings.map { "\(sample.provenance.name): \($0)" } : sample.warnings
        }
        if restart == nil, samples.contains(where: { $0.support != nil }) {
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

    package var support: Support? {
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
        if provenance.sampleCount < fewestSamples {
            all.append(
                "\(grouped(provenance.sampleCount)) samples are fewer than the 1,000,000 that SP 800-90B, "
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

extension Double {
    /// Rounded toward zero to `digits` decimal digits, so that no verdict promises more than was found.
    fileprivate func rounded(downTo digits: Int) -> Double {
        var factor = 1.0
        for _ in 0..<digits { factor *= 10 }
        return (self * factor).rounded(.down) / factor
    }
}

/// SP 800-90B, section 3.1.1, item 1.
private let fewestSamples = 1_000_000
/// Share of the width. A million samples of an ideal generator are estimated at 0.87 to 0.99 of it,
/// since the estimators err on the low side; the best raw source of Wellspring is at 0.7.
private let suspiciousShare = 0.85
