// Noise source: other machines' entropy, read from a list of EGD servers.
// SPDX-License-Identifier: Apache-2.0

internal import EGDProtocol
package import Entropy
internal import LinuxSystem
package import NoiseSources
internal import StreamConnections

/// Bytes of the first EGD server in a list that works, asked for by demand. Who names a server states
/// by that what its bytes are worth: 8 bits each unless the configuration says less.
///
/// Wellspring servers are asked with every batch what they read from themselves; a batch that may hold
/// this daemon's own entropy is wiped and never returned. Of other servers nothing is known: that is
/// the operator's to rule out. Nothing is encrypted, and nobody proves who he is.
package final class EGDSource: NoiseSource {
    package static let standard = NoiseSourceDescriptor(
        name: "egd",
        summary: "Other machines' entropy, read from EGD servers.",
        sampleBits: 8,
        kind: .symbols,
        claim: EntropyClaim(minEntropy: BitsPerSample(8)!, origin: .operatorStated)
    )

    /// Copying bytes costs next to nothing.
    package static let defaultCPUShare = 0.1
    package static let yieldsRawNoise = false

    package static func availability(_ settings: NoiseSourceSettings) -> Availability {
        settings.upstreams.isEmpty
            ? .unavailable(reason: "no upstreams are configured")
            : .available(note: settings.upstreams.map(\.description).joined(separator: ", "))
    }

    /// ``StreamSocket/connect(to:within:wake:resolver:)``, or what a test puts in its place.
    typealias Connect = (StreamEndpoint, Duration, Int32) -> Result<Int32, StreamConnectionError>

    package let descriptor: NoiseSourceDescriptor
    private let settings: NoiseSourceSettings
    private let connect: Connect
    private var order: UpstreamOrder
    private var current: EGDUpstream?
    private var connectedAt: Duration = .zero
    /// Endpoints that choked on an introduction, and until when they are spared another.
    private var plain: [StreamEndpoint: Duration] = [:]
    /// What went wrong since an upstream last gave bytes.
    private var failures: [UpstreamFailure] = []
    /// The circle that an upstream was refused for, until it is found without one.
    private var circle: (endpoint: StreamEndpoint, reason: String)?
    private var reported: NoiseSourceError?
    private var facts = UpstreamFacts()
    private var connectionCount = 0
    private var lastInUse: StreamEndpoint?

    package convenience init(_ settings: NoiseSourceSettings) {
        self.init(settings) { endpoint, limit, wake in
            do throws(StreamConnectionError) {
                return .success(try StreamSocket.connect(to: endpoint, within: limit, wake: wake))
            } catch {
                return .failure(error)
            }
        }
    }

    init(_ settings: NoiseSourceSettings, connect: @escaping Connect) {
        descriptor = Self.descriptor(settings)
        self.settings = settings
        self.connect = connect
        order = UpstreamOrder(
            count: max(1, settings.upstreams.count),
            pauses: settings.restartDelays,
            failBacks: settings.failBackDelays
        )
    }

    package var upstream: UpstreamFacts? { facts }

    /// Connects nowhere: that takes time, and only sampling can be interrupted.
    package func open() throws(NoiseSourceError) {
        guard settings.upstreams.isEmpty else { return }
        throw NoiseSourceError(
            .invalidSetting,
            source: descriptor.name,
            "no upstreams are configured",
            hint: "Name the EGD servers to read from."
        )
    }

    package func sample(
        into buffer: UnsafeMutableBufferPointer<RawSample>,
        wake: Int32
    ) throws(NoiseSourceError) -> Int {
        try open()
        while true {
            do throws(UpstreamFailure) {
                guard let upstream = try usableUpstream(wake: wake) else { return 0 }
                let count = try upstream.sample(
                    into: buffer,
                    wake: wake,
                    silenceLimit: settings.silenceLimit
                )
                if count > 0 { note(count, from: upstream) }
                return count
            } catch {
                if error.kind == .woken { return 0 }
                try lose(error)
            }
        }
    }

    /// Keeps the place in the list, so that an upstream in a circle is not the next one to be tried.
    package func close() { leave() }

    // MARK: Connecting

    /// Nil when woken.
    private func usableUpstream(wake: Int32) throws(UpstreamFailure) -> EGDUpstream? {
        if let current {
            failBack(from: current, wake: wake)
            return self.current
        }
        if waitForInput(-1, wake: wake, until: order.nextAttempt) == .woken { return nil }
        let upstream = try connect(to: order.current, within: connectLimit, wake: wake)
        order.connected(at: SystemClock.awake)
        use(upstream)
        return upstream
    }

    /// Leaves a lower upstream for a preferred one once it is time and nothing is owed.
    private func failBack(from lower: EGDUpstream, wake: Int32) {
        guard let time = order.failBackAt, SystemClock.awake >= time, lower.isIdle else { return }
        for preferred in 0..<order.current {
            do throws(UpstreamFailure) {
                let upstream = try connect(to: preferred, within: probeLimit, wake: wake)
                order.moved(to: preferred, at: SystemClock.awake)
                return use(upstream)
            } catch {
                // Woken: there will be another call.
                if error.kind == .woken { return }
                note(error, of: settings.upstreams[preferred])
            }
        }
        order.failBackFailed(at: SystemClock.awake)
    }

    /// Connects and introduces this node, unless that server choked on it lately.
    private func connect(
        to index: Int,
        within limit: Duration,
        wake: Int32
    ) throws(UpstreamFailure) -> EGDUpstream {
        let endpoint = settings.upstreams[index]
        let upstream = try connection(to: endpoint, within: limit, wake: wake)
        let isSpared = plain[endpoint].map { SystemClock.awake < $0 } ?? false
        guard !isSpared else { return upstream }
        plain[endpoint] = nil
        do throws(UpstreamFailure) {
            try upstream.introduce(within: settings.introductionLimit, wake: wake)
        } catch {
            guard error.kind == .choked else { throw error }
            plain[endpoint] = SystemClock.awake + plainLifetime
            return try connection(to: endpoint, within: limit, wake: wake)
        }
        return upstream
    }

    private func connection(
        to endpoint: StreamEndpoint,
        within limit: Duration,
        wake: Int32
    ) throws(UpstreamFailure) -> EGDUpstream {
        connectionCount += 1
        switch connect(endpoint, min(limit, settings.silenceLimit), wake) {
        case .success(let descriptor):
            let membership = settings.chain.map {
                ChainMembership($0, name: "\(self.descriptor.name) \(connectionCount)")
            }
            return EGDUpstream(
                descriptor,
                endpoint,
                membership,
                isCredited: self.descriptor.claim.minEntropy > .zero
            )
        case .failure(let error):
            guard error.code != .interrupted else { throw UpstreamFailure(.woken) }
            throw UpstreamFailure(.unreachable, "\(endpoint): \(error.reason)")
        }
    }

    private func use(_ upstream: EGDUpstream) {
        current = upstream
        connectedAt = SystemClock.awake
        if lastInUse != upstream.endpoint {
            if lastInUse != nil { facts.switches += 1 }
            let reasons = failures.map { ", since " + $0.reason }.joined()
            settings.lineHandler?.take("reads from \(upstream.endpoint)\(reasons)")
        }
        lastInUse = upstream.endpoint
        if circle?.endpoint == upstream.endpoint { circle = nil }
        publish(upstream)
    }

    private func note(_ count: Int, from upstream: EGDUpstream) {
        failures = []
        reported = nil
        facts.trouble = circle?.reason
        facts.byteCount += count
        publish(upstream)
    }

    private func publish(_ upstream: EGDUpstream) {
        facts.endpoint = upstream.endpoint
        facts.path = upstream.path.flatMap { path in
            settings.chain?.withLock { [$0.own.name] + path.nodes.map(\.name) }
        }
    }

    // MARK: Losing

    private func note(_ failure: UpstreamFailure, of endpoint: StreamEndpoint) {
        facts.trouble = failure.reason
        if failure.kind == .circle { circle = (endpoint, failure.reason) }
    }

    private func leave() {
        current = nil
        facts.endpoint = nil
        facts.path = nil
    }

    /// The next upstream is tried at once. An error when there is news for the operator: a circle, or
    /// that the whole list has failed in a way that it did not the last time.
    private func lose(_ failure: UpstreamFailure) throws(NoiseSourceError) {
        let now = SystemClock.awake
        let endpoint = settings.upstreams[order.current]
        let gaveBytes = (current?.byteCount ?? 0) > 0
        // Not the introduction was what it could not bear.
        if !gaveBytes { plain[endpoint] = nil }
        let isInUse = current != nil
        leave()
        failures.append(failure)
        note(failure, of: endpoint)
        let isExhausted = order.failed(afterRunOf: gaveBytes ? now - connectedAt : .zero, at: now)
        if failure.kind == .circle, isInUse {
            throw NoiseSourceError(source: descriptor.name, circle: failure)
        }
        guard isExhausted else { return }
        let error = NoiseSourceError(
            source: descriptor.name,
            exhausted: failures.suffix(order.count)
        )
        failures = []
        guard error != reported else { return }
        reported = error
        throw error
    }
}

/// For one upstream of a list; the others wait meanwhile.
private let connectLimit = StreamSocket.standardLimit
/// For a preferred upstream while a lower one works: what a network within reach needs many times.
private let probeLimit = Duration.seconds(2)
/// An overloaded Wellspring server may look like one that chokes: it gets another chance.
private let plainLifetime = Duration.seconds(600)
