// What a source's thread tells the rest of the daemon about itself.
// SPDX-License-Identifier: Apache-2.0

internal import Conditioning
internal import Entropy
internal import HealthTests
internal import LinuxSystem
internal import NoiseSources

/// Facts published after each batch. Holds no sample.
struct SourceFacts: Sendable {
    var state = HealthMonitor.State.starting(passedSamples: 0)
    var counts: HealthCounts?
    var lastFailure: HealthFailure?
    /// The last error of the device, until samples come again.
    var error: String?
    var resting = false
    /// Samples taken since the thread began.
    var taken = 0
    /// CPU time of the thread.
    var cpu = Duration.zero
    /// Time in which the source was asked for samples.
    var running = Duration.zero
    /// Since when the present call for samples has been waiting.
    var askedSince: Duration?
    /// Of a source that reads from other machines.
    var upstream: UpstreamFacts?

    func report(
        descriptor: NoiseSourceDescriptor,
        device: DeviceFacts? = nil,
        account: Ledger.Account,
        perSample: Double,
        now: Duration
    ) -> StatusReport.Source {
        let credited = account.bitsCredited.count
        return StatusReport.Source(
            name: descriptor.name,
            state: error == nil ? state.name : "failed",
            reason: reason(now),
            samples: counts?.samples ?? 0,
            sampleBits: descriptor.sampleBits,
            claimedBitsPerSample: descriptor.claim.minEntropy.value,
            claimOrigin: descriptor.claim.origin.text,
            assessment: descriptor.claim.origin.stamp.map {
                StatusReport.Assessment(origin: $0.origin.rawValue, date: $0.date, sha256: $0.hash)
            },
            creditedBitsPerSample: perSample,
            creditedBits: credited,
            creditedBitsPerSecond: running > .zero ? credited / running.seconds : 0,
            cpuSeconds: cpu.seconds,
            resting: resting,
            failures: HealthTestKind.allCases.map { test in
                StatusReport.Failure(
                    test: test.name,
                    intermittent: counts?.failures(of: test, .intermittent) ?? 0,
                    permanent: counts?.failures(of: test, .permanent) ?? 0
                )
            },
            startUps: counts?.startUpsBegun ?? 0,
            lastFailure: lastFailure?.description,
            silentSeconds: askedSince.map { (now - $0).seconds },
            upstream: upstream.map { StatusReport.Upstream($0) },
            device: device.map { StatusReport.Device($0) }
        )
    }

    private func reason(_ now: Duration) -> String? {
        if let error { return error }
        switch state {
        case .degraded(let time), .failed(let time):
            let wait = max(0, Int((time - now).seconds.rounded(.up)))
            return "a new start-up test begins in \(wait) s"
        case .retired:
            return "permanent failure: mend it, then reload or restart wellspring"
        case .starting, .healthy:
            return nil
        }
    }
}

extension HealthMonitor.State {
    /// The state's name, as design and documentation use it.
    package var name: String {
        switch self {
        case .starting: "starting"
        case .healthy: "healthy"
        case .degraded: "degraded"
        case .failed: "failed"
        case .retired: "retired"
        }
    }
}

extension EntropyClaim.Origin {
    /// The assessment behind an assessed claim.
    fileprivate var stamp: AssessmentStamp? {
        if case .assessed(let stamp) = self { stamp } else { nil }
    }

    package var text: String {
        switch self {
        case .assessed: "assessed"
        case .operatorStated: "operator"
        case .blackBox: "black box"
        case .none: "none"
        }
    }
}
