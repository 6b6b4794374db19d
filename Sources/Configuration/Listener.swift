// What an operator decides about one EGD socket.
// SPDX-License-Identifier: Apache-2.0

package import LinuxSystem

/// One entry of `listeners`. Nil for owner and group leaves them to the daemon.
package struct Listener: Sendable, Equatable {
    /// Lower-case letters, digits and hyphens.
    package var name: String
    package var place: Place
    package var quality: Quality
    // A Unix socket's.
    package var mode = FileMode(0o660)!
    package var owner: AccountName?
    package var group: AccountName?
    package var allowedUsers: [AccountName] = []
    package var allowedGroups: [AccountName] = []
    package var clients = ClientKind.user
    package var trustedWriters: [AccountName] = []
    // A TCP socket's.
    package var allowedHosts: [AddressRange] = []
    // Limits; nil for none.
    package var maximumConnections = Self.defaultMaximumConnections
    package var maximumConnectionsPerClient: Int?
    /// Bytes a second, and bytes at once; nil for a second's worth.
    package var clientRate: ByteSize?
    package var clientBurst: ByteSize?
    package var totalRate: ByteSize?
    package var totalBurst: ByteSize?
    /// Bytes that a client is given right after it connected.
    package var greeting = 0

    package init(name: String, path: AbsolutePath, quality: Quality) {
        self.name = name
        self.place = .unix(path)
        self.quality = quality
    }

    package enum Place: Sendable, Hashable {
        case unix(AbsolutePath)
        case internet(InternetAddress)
    }

    package enum Quality: String, Sendable, Equatable, CaseIterable {
        case fullEntropy = "full-entropy"
        case drbg
    }

    /// What counts as one client of a Unix socket.
    package enum ClientKind: String, Sendable, Equatable, CaseIterable {
        case user, process
    }

    /// The path of a Unix socket; nil for TCP.
    package var path: AbsolutePath? {
        get { if case .unix(let path) = place { path } else { nil } }
        set { if let newValue { place = .unix(newValue) } }
    }

    /// The address of a TCP socket; nil for Unix.
    package var address: InternetAddress? {
        get { if case .internet(let address) = place { address } else { nil } }
        set { if let newValue { place = .internet(newValue) } }
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
