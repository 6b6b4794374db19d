// What is wrong now, in sentences: the same for status, JSON and exit status.
// SPDX-License-Identifier: Apache-2.0

enum Warnings {
    static func of(_ report: StatusReport, generatorError: String?) -> [String] {
        var warnings: [String] = []
        for source in report.sources where ["degraded", "failed", "retired"].contains(source.state)
        {
            warnings.append(
                "source \(source.name) is \(source.state)"
                    + (source.reason.map { ": \($0)" } ?? source.lastFailure.map { ": \($0)" } ?? "")
            )
        }
        for source in report.sources {
            if let seconds = source.silentSeconds, seconds >= silence {
                warnings.append("source \(source.name) has been silent for \(Int(seconds)) s")
            }
        }
        for source in report.sources {
            if let objection = source.device?.objection, source.state == "healthy" {
                warnings.append("source \(source.name) earns nothing: \(objection)")
            }
        }
        for source in report.sources {
            if let reason = source.unusedAssessment {
                warnings.append("the stored assessment of \(source.name) is not used: \(reason)")
            }
        }
        let earning = report.sources.filter {
            $0.state == "healthy" && $0.creditedBitsPerSample > 0
        }
        if earning.isEmpty, report.reservoir.levelBytes == 0 {
            warnings.append("no source earns credit: full-entropy readers wait")
        } else if earning.count < report.reservoir.minimumSources {
            warnings.append(
                "only \(earning.count) of the \(report.reservoir.minimumSources) sources that every "
                    + "block needs earn credit"
            )
        }
        if report.memory.refusedLocks > 0 {
            warnings.append(
                "\(report.memory.refusedLocks) regions of secret memory could not be locked and may be "
                    + "swapped out; raise RLIMIT_MEMLOCK"
            )
        }
        if let generatorError { warnings.append("the DRBG gives nothing: \(generatorError)") }
        if report.kernel.feeder.contains("the feeder ") {
            warnings.append("the kernel is not fed: \(report.kernel.feeder)")
        }
        return warnings
    }

    /// Seconds after which a source that gives nothing is worth a warning.
    private static let silence = 15.0
}
