// An assessment becomes the profile that the daemon's credit rests on.
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Assessment
internal import AssessmentReport
internal import Configuration
internal import Daemon
internal import Entropy
internal import Glibc
internal import KernelRandom
internal import LinuxSystem
internal import NoiseSources
internal import UpstreamSources

/// Stores what an assessment found, if it may be stored.
struct ProfileWriter {
    /// The folder of profiles; nil: where this user's daemon looks.
    let folder: String?
    /// A claim below what was assessed, in bits per sample; nil: what was assessed, rounded down.
    let claim: Double?

    /// Writes the profile and says where it is.
    func save(_ record: AssessmentRecord) throws {
        let profile = try self.profile(record)
        let folder = try self.folder ?? ProfileStore.folder(in: .ofThisProcess())
        try Self.makeFolder(folder)
        let path = ProfileStore.path(of: profile.source, in: folder)
        let text = try profile.encoded()
        // The daemon, which is another user, must be able to read it; it holds no secret.
        let file = try OutputFile(path: path, mode: 0o644)
        try text.withUnsafeBytes { try file.write($0) }
        try file.commit()
        guard let stored = profile.claim(.thisMachine, text: text),
            case .assessed(let stamp) = stored.origin
        else { throw refusal("its claim is no number of bits") }
        Terminal.note(
            "profile of \(profile.source): \(profile.claim) bit per \(profile.sampleBits)-bit sample, "
                + "SHA-256 \(stamp.hash), in \(path). The daemon uses it from its next start or reload "
                + "on, unless the configuration states a claim."
        )
        if !profile.machine.isLike(.current) {
            Terminal.note(
                "The samples were recorded on another machine (\(profile.machine.processor)): a daemon "
                    + "here will not use this profile."
            )
        }
    }

    private func profile(_ record: AssessmentRecord) throws -> AssessmentProfile {
        let parts = record.samples.map(\.provenance)
        guard let first = parts.first, let source = first.source, let machine = first.machine,
            let kind = first.kind
        else {
            throw refusal(
                "nobody recorded where the samples come from. Record them with wellspring capture, or "
                    + "use --source"
            )
        }
        guard NoiseSourceRegistry.find(kind)?.yieldsRawNoise == true, first.isConditioned != true
        else {
            throw refusal(
                "\(source) puts out conditioned data, and no estimate of conditioned output supports a "
                    + "credit. State a claim in the configuration if you trust it"
            )
        }
        guard let restart = record.restart, restart.tests.minEntropy != nil else {
            throw refusal(
                record.restart == nil
                    ? "there are no restart data: --restart FILE, or --source"
                    : "the restart tests failed"
            )
        }
        guard restart.provenance.restarts == RestartAssessment.side else {
            throw refusal(
                "\(restart.provenance.name) was not recorded over \(RestartAssessment.side) restarts. "
                    + "Record it with wellspring capture --restarts \(RestartAssessment.side)"
            )
        }
        for part in parts {
            guard part.restarts == nil else {
                throw refusal("\(part.name) holds restarts, not one stretch")
            }
        }
        for part in parts + [restart.provenance] {
            guard part.source == source, part.kind == kind, part.machine?.isLike(machine) == true,
                part.settings ?? [:] == first.settings ?? [:],
                part.bitsPerSample == first.bitsPerSample
            else {
                throw refusal(
                    "\(part.name) was recorded from another source, with other settings or on another "
                        + "machine than \(first.name)"
                )
            }
        }
        guard let assessed = record.verdict.minEntropy, assessed > 0 else {
            throw refusal("no entropy was established")
        }
        let profile = AssessmentProfile(
            version: record.version,
            created: record.created,
            source: source,
            kind: kind,
            sampleBits: first.bitsPerSample,
            settings: first.settings ?? [:],
            machine: machine,
            claim: try claim ?? roundedDown(assessed),
            track: record.isIID ? "IID" : "non-IID",
            reference: record.reference.rawValue,
            recordings: zip(parts, record.supports).map { part, support in
                evidence(part, support.minEntropy, support.reason)
            },
            restart: evidence(
                restart.provenance,
                restart.tests.minEntropy ?? 0,
                "min(H_r, H_c, H_I) with H_I = \(restart.tests.initialEstimate)"
            )
        )
        if let flaw = profile.flaw { throw refusal(flaw) }
        return profile
    }

    private func evidence(
        _ provenance: Provenance,
        _ minEntropy: Double,
        _ weakest: String
    ) -> AssessmentProfile.Evidence {
        AssessmentProfile.Evidence(
            name: provenance.name.split(separator: "/").last.map(String.init) ?? provenance.name,
            sha256: provenance.sha256,
            sampleCount: provenance.sampleCount,
            recorded: provenance.recorded,
            loadAverage: provenance.machine?.loadAverage ?? [],
            minEntropy: minEntropy,
            weakest: weakest
        )
    }

    /// To three significant digits and no more than the value: what people can compare.
    private func roundedDown(_ value: Double) throws -> Double {
        let factor = pow(10, 2 - floor(log10(value)))
        return (value * factor).rounded(.down) / factor
    }

    private func refusal(_ reason: String) -> InputError {
        InputError("No profile was saved: \(reason).")
    }

    private static func makeFolder(_ path: String) throws {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return }
        var facts = stat()
        guard stat(path, &facts) != 0 else { return }
        try makeFolder(String(path[..<slash]))
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else {
            throw SystemError("create the folder \(path)")
        }
    }
}
