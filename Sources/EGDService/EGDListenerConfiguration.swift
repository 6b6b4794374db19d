// What an operator decides about one EGD listener.
// SPDX-License-Identifier: Apache-2.0

package import LinuxSystem

/// One place where clients connect, and the tap that serves them.
package struct EGDListenerConfiguration: Sendable {
    /// As status and log call it.
    package var name: String
    package var address: EGDListenerAddress
    package var tap: any EntropyTap
    package var admission = EGDAdmission()
    /// Connections beyond this are accepted and closed at once, and counted as refused.
    package var maximumConnections = Self.defaultMaximumConnections
    /// The same for the connections of one client.
    package var maximumConnectionsPerClient = Int.max
    /// What one client, and all together, may take; nil: as much as there is.
    package var clientRate: EGDRate?
    package var totalRate: EGDRate?
    /// Bytes that a client is given right after it connected, as if it had asked for them: 0...255.
    /// Revives a QEMU guest whose request was lost with its old connection; breaks ordinary clients.
    package var greeting = 0
    /// What counts as one client of a Unix socket; of a TCP socket it is a host.
    package var clientsOfUnix = EGDClientKind.user
    /// Users whose writes (`03`) may be credited as far as the tap believes them; Unix sockets only.
    package var trustedWriters: [UInt32] = []
    /// The tap gives output of a generator: nodes that announce themselves are told.
    package var isGenerated = false
    /// Whether several loops may serve it. Only right where nobody waits for bytes for long: turns and
    /// quotas are kept by one loop.
    package var isSpread = false

    package init(name: String, address: EGDListenerAddress, tap: any EntropyTap) {
        self.name = name
        self.address = address
        self.tap = tap
    }

    /// What makes it the same place after a reload; the rest can change under a kept socket.
    var identity: String {
        switch address {
        case .unix(let address): "unix:" + address.path
        // The system chose another port for each.
        case .internet(let address): "tcp:\(address)" + (address.port == 0 ? " " + name : "")
        }
    }

    var isMetered: Bool { clientRate != nil || totalRate != nil }

    /// Whether several loops do serve it.
    var canBeSpread: Bool {
        isSpread && !isMetered && maximumConnectionsPerClient == .max
    }

    /// Connections. Somewhat above 10,000 idle ones, which the server is built for.
    package static let defaultMaximumConnections = 16_384
}

package enum EGDListenerAddress: Sendable, Equatable {
    case unix(EGDUnixAddress)
    case internet(InternetAddress)
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

/// A steady rate with a reserve: what a token bucket is made of.
package struct EGDRate: Sendable, Equatable {
    package var bytesPerSecond: Int
    /// Bytes that may be taken at once after a while of silence.
    package var burst: Int

    /// Both at least 1.
    package init(bytesPerSecond: Int, burst: Int) {
        precondition(bytesPerSecond > 0 && burst > 0, "a rate of nothing is no rate")
        self.bytesPerSecond = bytesPerSecond
        self.burst = burst
    }
}

/// What the connections of one client of a Unix socket have in common.
package enum EGDClientKind: Sendable, Equatable {
    case user
    case process
}
