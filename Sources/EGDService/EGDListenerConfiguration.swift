// What an operator decides about one EGD listener.
// SPDX-License-Identifier: Apache-2.0

/// One place where clients connect, and the tap that serves them.
package struct EGDListenerConfiguration: Sendable {
    /// As status and log call it.
    package var name: String
    package var address: EGDListenerAddress
    package var tap: any EntropyTap
    /// Connections beyond this are accepted and closed at once, and counted as refused.
    package var maximumConnections: Int

    package init(
        name: String,
        address: EGDListenerAddress,
        tap: any EntropyTap,
        maximumConnections: Int = Self.defaultMaximumConnections
    ) {
        self.name = name
        self.address = address
        self.tap = tap
        self.maximumConnections = maximumConnections
    }

    /// Connections. Somewhat above 10,000 idle ones, which the server is built for.
    package static let defaultMaximumConnections = 16_384
}

package enum EGDListenerAddress: Sendable, Equatable {
    case unix(EGDUnixAddress)

    /// What makes it the same place after a reload; the rest can change under a kept socket.
    var identity: String {
        switch self {
        case .unix(let address): "unix:" + address.path
        }
    }
}

/// A socket in the file system and who may connect to it, which is who may write to it.
package struct EGDUnixAddress: Sendable, Equatable {
    package var path: String
    /// Permission bits.
    package var mode: UInt32
    /// Numeric owner and group; nil leaves the process's own.
    package var owner: UInt32?
    package var group: UInt32?

    package init(path: String, mode: UInt32 = 0o660, owner: UInt32? = nil, group: UInt32? = nil) {
        self.path = path
        self.mode = mode
        self.owner = owner
        self.group = group
    }
}
