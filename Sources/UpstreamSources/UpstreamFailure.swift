// Why one upstream is not, or no longer, of use.
// SPDX-License-Identifier: Apache-2.0

internal import LinuxSystem
internal import NoiseSources

/// A failure of one upstream; the source that has it decides what follows.
struct UpstreamFailure: Error, Equatable {
    enum Kind: Equatable {
        /// The caller wants its thread back. Nothing is wrong.
        case woken
        /// No connection came about, or it was lost.
        case unreachable
        /// It gave nothing within the silence limit.
        case silent
        /// It does not speak the protocol.
        case violation
        /// It does not bear being introduced to: other servers' worlds end at command 03 or 04.
        case choked
        /// Its entropy comes from this daemon, or may.
        case circle
        /// It gives output of a generator, and this source is to be credited.
        case generated
    }

    let kind: Kind
    /// A clause without a full stop that names the upstream.
    let reason: String

    init(_ kind: Kind, _ reason: String = "") {
        self.kind = kind
        self.reason = reason
    }

    /// The failed system call's number makes the reason.
    static func lost(_ endpoint: StreamEndpoint, number: Int32) -> UpstreamFailure {
        UpstreamFailure(.unreachable, "\(endpoint) was lost: \(errorText(number))")
    }

    static func closed(_ endpoint: StreamEndpoint) -> UpstreamFailure {
        UpstreamFailure(.unreachable, "\(endpoint) closed the connection")
    }
}

extension NoiseSourceError {
    /// All upstreams failed, with these reasons.
    init(source: String, exhausted failures: [UpstreamFailure]) {
        let kinds = failures.map(\.kind)
        let code: Code =
            kinds.contains(.circle)
            ? .circular : kinds.allSatisfy { $0 == .silent } ? .silent : .unavailable
        self.init(
            code,
            source: source,
            failures.map(\.reason).joined(separator: "; "),
            hint: "It is tried again and again, with pauses."
        )
    }

    init(source: String, circle failure: UpstreamFailure) {
        self.init(.circular, source: source, failure.reason)
    }
}
