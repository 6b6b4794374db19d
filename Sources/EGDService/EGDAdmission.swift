// Who may connect to a listener.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
package import LinuxSystem

/// Allow-lists. An empty one allows everybody whom the socket's file mode or the network lets through.
package struct EGDAdmission: Sendable, Equatable {
    /// Hosts, for TCP.
    package var hosts: [AddressRange] = []
    /// Users and groups by number, for Unix sockets; one match in either list is enough. A group counts
    /// when it is the client's own or one of its supplementary ones.
    package var users: [UInt32] = []
    package var groups: [UInt32] = []
    /// Comes in whatever the lists say: the daemon's own user, as which its feeder reads.
    package var ownUser: UInt32?

    package init() {}

    func admits(_ host: InternetHost) -> Bool {
        hosts.isEmpty || hosts.contains { $0.contains(host) }
    }

    /// - Parameter descriptor: the connected socket, asked for supplementary groups where it matters.
    func admits(_ peer: ws_peer, descriptor: Int32) -> Bool {
        if users.isEmpty, groups.isEmpty { return true }
        if peer.uid == ownUser || users.contains(peer.uid) || groups.contains(peer.gid) {
            return true
        }
        guard !groups.isEmpty else { return false }
        var supplementary = [UInt32](repeating: 0, count: Self.mostGroups)
        let count = ws_peer_groups(descriptor, &supplementary, Int32(supplementary.count))
        return supplementary.prefix(Int(count)).contains { groups.contains($0) }
    }

    /// NGROUPS_MAX of Linux is 65,536; a user in more than this many is found by its first ones only.
    private static let mostGroups = 1_024
}
