// What an operator decides about one noise source.
// SPDX-License-Identifier: Apache-2.0

package import Entropy
package import EntropyKeyProtocol
package import LinuxSystem

/// One entry of `sources`. Nil leaves a value to the source itself.
package struct Source: Sendable, Equatable {
    /// Lower-case letters, digits and hyphens.
    package var name: String
    package var type: SourceType
    package var isEnabled = true
    /// Nobody listed it: where there is no such device, it is not missed.
    package var isImplicit = false
    /// Min-entropy per raw sample, stated by the operator.
    package var claim: BitsPerSample?
    /// Share of one processor.
    package var cpuBudget: Fraction?
    /// `havege`: first-level caches, where detection is wrong.
    package var dataCache: ByteSize?
    package var instructionCache: ByteSize?
    /// `stream`, `hwrng`, `entropy-key`: the device, file or socket; never nil for `stream`.
    package var path: AbsolutePath?
    /// `stream`: bits per second of a serial line.
    package var speed: Int?
    /// `command`: a command line for /bin/sh -c; never nil for `command`.
    package var command: String?

    /// `egd`: the servers, the preferred one first; never empty for `egd`.
    package var upstreams: [StreamEndpoint] = []
    /// `egd`: how long a silent server is waited for.
    package var patience: Duration?
    /// `egd`: time between two attempts once all servers failed.
    package var retry: Duration?

    /// `entropy-key`: the key of this number; without number and path, every key that is plugged in.
    package var serial: EntropyKeySerial?
    /// `entropy-key`: the way to a key on USB.
    package var access = KeyAccess.auto
    /// `entropy-key`: the file with the keys' long-term keys.
    package var keyring: AbsolutePath?
    /// `entropy-key`: the last step that a silent key is revived with; nil: none.
    package var recovery: RecoveryStep? = .powerCycle
    /// `entropy-key`: degrees Celsius and volts within which its bytes count.
    package var temperature: ClosedRange<Double>?
    package var voltage: ClosedRange<Double>?

    package init(name: String, type: SourceType) {
        self.name = name
        self.type = type
    }

    /// Whether its samples may ever be credited.
    package var canBeCredited: Bool {
        guard isEnabled, type != .kernel else { return false }
        if let claim { return claim > .zero }
        return type != .stream && type != .command
    }
}

/// The kinds of noise sources, by their names in the file.
package enum SourceType: String, Sendable, Equatable, CaseIterable {
    case jitter, havege, sleep, cpu, hwrng
    case entropyKey = "entropy-key"
    case stream, command, egd, kernel

    /// Whether it works without anything that only an operator can say.
    package var isSelfContained: Bool { self != .stream && self != .command && self != .egd }
}

extension Source {
    /// One entry for every Entropy Key that is plugged in.
    package var meansEveryKey: Bool { type == .entropyKey && serial == nil && path == nil }
}
