// Sockets that change from one process to the next without their clients noticing.
// SPDX-License-Identifier: Apache-2.0

package import EGDProtocol
internal import Glibc
internal import LinuxSystem

/// An open connection on its way. Whoever holds it owns the descriptor.
package struct EGDHandedConnection: Sendable {
    package var descriptor: Int32
    /// The listener that it came in by.
    package var listener: String
    package var state: EGDConnectionState

    package init(descriptor: Int32, listener: String, state: EGDConnectionState) {
        self.descriptor = descriptor
        self.listener = listener
        self.state = state
    }
}

/// A listening socket on its way.
package struct EGDHandedListener: Sendable {
    package var descriptor: Int32
    /// The listener's name; nil where a service manager gave none.
    package var name: String?
    /// Whether its file is this process's to remove in the end: not when a service manager made it.
    package var isOwn: Bool

    package init(descriptor: Int32, name: String?, isOwn: Bool) {
        self.descriptor = descriptor
        self.name = name
        self.isOwn = isOwn
    }

    /// Whether it is the socket of that listener: by address, a service manager's also by name.
    func serves(_ configuration: EGDListenerConfiguration) -> Bool {
        let isNamesake = name == configuration.name
        if isNamesake, !isOwn { return true }
        switch configuration.address {
        case .unix(let address): return SocketName.path(descriptor) == address.path
        case .internet(let address):
            guard let own = SocketName.own(descriptor) else { return false }
            // The system chose another port for each.
            return address.port == 0 ? isNamesake && own.host == address.host : own == address
        }
    }
}

/// All sockets of a server.
package struct EGDHandOver: Sendable {
    package var listeners: [EGDHandedListener] = []
    package var connections: [EGDHandedConnection] = []

    package init(
        listeners: [EGDHandedListener] = [],
        connections: [EGDHandedConnection] = []
    ) {
        self.listeners = listeners
        self.connections = connections
    }

    /// Closes listeners that there is another socket for: a service manager's socket comes back from its
    /// descriptor store, too. Their files are the others'.
    mutating func closeDuplicates(of configurations: [EGDListenerConfiguration]) {
        listeners.removeAll { listener in
            guard configurations.contains(where: { listener.serves($0) }) else { return false }
            close(listener.descriptor)
            return true
        }
    }

    /// Closes listeners that nobody took, and removes the files of those that were ours.
    package mutating func discardListeners() {
        for listener in listeners {
            let path = listener.isOwn ? SocketName.path(listener.descriptor) : nil
            StreamListener(adopting: listener.descriptor, removing: path).claimFile()
        }
        listeners = []
    }

    /// Closes what nobody took.
    package mutating func closeAll() {
        for listener in listeners { close(listener.descriptor) }
        for connection in connections { close(connection.descriptor) }
        self = EGDHandOver()
    }
}
