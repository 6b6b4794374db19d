// The keys of a listener.
// SPDX-License-Identifier: Apache-2.0

extension Keys {
    static let listener: [Key<Listener>] =
        listenerPlace + listenerUnix + listenerTCP + listenerLimits

    static let listenerPlace: [Key<Listener>] = [
        Key(
            "path",
            optional: \.path,
            .socketPath,
            default: "NAME.sock in the run directory",
            "the Unix socket"
        ),
        Key(
            "address",
            optional: \.address,
            .internetAddress,
            default: "none: a Unix socket",
            "the TCP address, in place of a path; a port alone is one of 127.0.0.1"
        ),
        Key(
            "quality",
            \.quality,
            .choice,
            default: "full-entropy; of the listener drbg: drbg",
            "full-entropy: each byte is backed by credit, and clients wait for it; drbg: output "
                + "of a generator reseeded from the reservoir, which never waits"
        ),
    ]

    /// Of Unix sockets only.
    static let listenerUnix: [Key<Listener>] = [
        Key(
            "mode",
            \.mode,
            .mode,
            default: "0660; of the listener drbg: 0666",
            "Unix: who may connect to it"
        ),
        Key(
            "owner",
            optional: \.owner,
            .account("user"),
            default: "the daemon's user",
            "Unix: owner of the socket"
        ),
        Key(
            "group",
            optional: \.group,
            .account("group"),
            default: "the key group",
            "Unix: group of the socket"
        ),
        Key(
            "allow-users",
            \.allowedUsers,
            .list(of: .account("user")),
            default: "all whom the mode lets in",
            "Unix: users who may connect, beside those of allow-groups and the daemon's own"
        ),
        Key(
            "allow-groups",
            \.allowedGroups,
            .list(of: .account("group")),
            default: "all whom the mode lets in",
            "Unix: groups whose members may connect"
        ),
        Key(
            "clients",
            \.clients,
            .choice,
            "Unix: what counts as one client in turns, rates and accounts; process is right for "
                + "virtual machines that all run as one user"
        ),
        Key(
            "trusted-writers",
            \.trustedWriters,
            .list(of: .account("user")),
            default: "none: what clients write is mixed and never credited",
            "Unix: users whose writes (command 03) are tested, and credited up to credit.write-claim"
        ),
    ]

    /// Of TCP sockets only.
    static let listenerTCP: [Key<Listener>] = [
        Key(
            "allow",
            \.allowedHosts,
            .list(of: .addressRange),
            default: "all, on a loopback address; required on any other",
            "TCP: hosts that may connect"
        )
    ]

    private static let rates = ByteSize(1)...ByteSize(1 << 30)

    static let listenerLimits: [Key<Listener>] = [
        Key(
            "max-connections",
            \.maximumConnections,
            .count("connections", in: 1...65_536),
            "connections at the same time; more are turned away"
        ),
        Key(
            "max-connections-per-client",
            optional: \.maximumConnectionsPerClient,
            .count("connections", in: 1...65_536),
            default: "as max-connections",
            "the same for one client"
        ),
        Key(
            "client-rate",
            optional: \.clientRate,
            .size(rates),
            default: "no limit",
            "bytes per second that one client may take; beyond it waits, and others do not notice"
        ),
        Key(
            "client-burst",
            optional: \.clientBurst,
            .size(rates),
            default: "as client-rate",
            "bytes that a client may take at once after a while of silence"
        ),
        Key(
            "total-rate",
            optional: \.totalRate,
            .size(rates),
            default: "no limit",
            "bytes per second that all clients together may take"
        ),
        Key(
            "total-burst",
            optional: \.totalBurst,
            .size(rates),
            default: "as total-rate",
            "bytes that all clients together may take at once after a while of silence"
        ),
        Key(
            "greeting",
            \.greeting,
            .count("bytes", in: 0...255),
            "bytes that a client is given right after it connected, unasked; 64 on a socket for QEMU "
                + "guests alone lets them survive a reconnect; breaks every other client"
        ),
    ]
}
