// What an operator decides about one EGD socket.
// SPDX-License-Identifier: Apache-2.0

/// One entry of `listeners`. Nil for owner and group leaves them to the daemon.
package struct Listener: Sendable, Equatable {
    /// Lower-case letters, digits and hyphens.
    package var name: String
    package var path: AbsolutePath
    package var quality: Quality
    package var mode = FileMode(0o660)!
    package var owner: AccountName?
    package var group: AccountName?
    package var maximumConnections = Self.defaultMaximumConnections

    package init(name: String, path: AbsolutePath, quality: Quality) {
        self.name = name
        self.path = path
        self.quality = quality
    }

    package enum Quality: String, Sendable, Equatable, CaseIterable {
        case fullEntropy = "full-entropy"
        case drbg
    }

    static func fullEntropy(in directories: RuntimeDirectories) -> Listener {
        Listener(name: "egd", path: directories.run.appending("egd.sock"), quality: .fullEntropy)
    }

    /// Open to everybody: it cannot be emptied.
    static func drbg(in directories: RuntimeDirectories) -> Listener {
        var listener = Listener(
            name: "drbg",
            path: directories.run.appending("drbg.sock"),
            quality: .drbg
        )
        listener.mode = FileMode(0o666)!
        return listener
    }

    /// Connections. Leaves one listener three quarters of Linux' usual hard limit of 4,096
    /// descriptors per process to others.
    static let defaultMaximumConnections = 1_024
}
