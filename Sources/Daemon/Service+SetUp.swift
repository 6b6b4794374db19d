// What the daemon is made from: names resolved, pool and listeners as configured.
// SPDX-License-Identifier: Apache-2.0

internal import Conditioning
internal import Configuration
internal import EGDService
internal import Entropy
internal import LinuxSystem

extension Service {
    /// Who a service becomes whose configuration names nobody.
    static func standardIdentity() throws -> UserIdentity {
        try identity(named: ["wellspring", "nobody"])
    }

    static func identity(_ configuration: Configuration) throws -> UserIdentity {
        try configuration.user.map { try identity(named: [$0.text]) } ?? standardIdentity()
    }

    private static func identity(named names: [String]) throws -> UserIdentity {
        guard let identity = UserIdentity.first(of: names) else {
            throw ServiceError(
                "there is no user \(names.joined(separator: " or ")) to give root up for"
            )
        }
        return identity
    }

    /// The sockets' group; nil leaves the process's own.
    static func groupID(_ name: AccountName?, _ identity: UserIdentity?) throws -> UInt32? {
        guard let name else {
            return UserIdentity.groupID(named: "wellspring") ?? identity?.groupID
        }
        guard let number = UserIdentity.groupID(named: name.text) else {
            throw ServiceError("there is no group \(name)")
        }
        return number
    }

    static func makePool(_ configuration: Configuration) throws -> EntropyPool {
        guard
            let reservoir = Reservoir(
                capacity: configuration.reservoir.size.byteCount,
                lowMark: configuration.reservoir.lowMark.value
            ),
            let pool = EntropyPool(
                sources: [],
                minimumSources: configuration.credit.minimumSources,
                reservoir: reservoir
            )
        else { throw ServiceError("the reservoir cannot be made as configured") }
        return pool
    }

    static func listeners(
        _ configuration: Configuration,
        _ identity: UserIdentity?,
        fullEntropy: FullEntropyTap,
        generator: GeneratorTap
    ) throws -> [EGDListenerConfiguration] {
        try configuration.listeners.map { listener in
            let tap: any EntropyTap =
                switch listener.quality {
                case .fullEntropy: fullEntropy
                case .drbg: generator
                }
            var result = EGDListenerConfiguration(
                name: listener.name,
                address: try address(of: listener, configuration, identity),
                tap: tap
            )
            result.admission = try admission(listener, identity)
            result.maximumConnections = listener.maximumConnections
            result.maximumConnectionsPerClient = listener.maximumConnectionsPerClient ?? .max
            result.clientRate = rate(listener.clientRate, burst: listener.clientBurst)
            result.totalRate = rate(listener.totalRate, burst: listener.totalBurst)
            result.greeting = listener.greeting
            result.clientsOfUnix = listener.clients == .user ? .user : .process
            result.trustedWriters = try listener.trustedWriters.map { try userID($0.text) }
            result.isGenerated = listener.quality == .drbg
            // Nobody waits for a generator, but for its first seed.
            result.isSpread = listener.quality == .drbg
            return result
        }
    }

    private static func address(
        of listener: Listener,
        _ configuration: Configuration,
        _ identity: UserIdentity?
    ) throws -> EGDListenerAddress {
        switch listener.place {
        case .internet(let address): return .internet(address)
        case .unix(let path):
            return .unix(
                EGDUnixAddress(
                    path: path.text,
                    mode: listener.mode.bits,
                    owner: try listener.owner.map { try userID($0.text) } ?? identity?.userID,
                    group: try groupID(listener.group ?? configuration.group, identity)
                )
            )
        }
    }

    private static func admission(
        _ listener: Listener,
        _ identity: UserIdentity?
    ) throws -> EGDAdmission {
        var admission = EGDAdmission()
        admission.hosts = listener.allowedHosts
        admission.users = try listener.allowedUsers.map { try userID($0.text) }
        admission.groups = try listener.allowedGroups.map { name in
            guard let number = UserIdentity.groupID(named: name.text) else {
                throw ServiceError("there is no group \(name)")
            }
            return number
        }
        admission.ownUser = identity?.userID ?? UserIdentity.current.userID
        return admission
    }

    private static func rate(_ rate: ByteSize?, burst: ByteSize?) -> EGDRate? {
        rate.map { EGDRate(bytesPerSecond: $0.byteCount, burst: (burst ?? $0).byteCount) }
    }

    static func userID(_ name: String) throws -> UInt32 {
        guard let number = UserIdentity.userID(named: name) else {
            throw ServiceError("there is no user \(name)")
        }
        return number
    }
}

/// A daemon that cannot start.
package struct ServiceError: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = "\(description)." }
}

extension Configuration.Feeder {
    /// The feeder's command line for these settings.
    func arguments(from socket: String) -> [String] {
        let credit: String =
            switch self.credit {
            case .assessed: "assessed"
            case .none: "none"
            case .bitsPerByte(.zero): "none"
            case .bitsPerByte(let bits): "\(bits.value)"
            }
        return [
            "--keep-alive", "--from", socket, "--interval", "\(interval.components.seconds)",
            "--block", "\(block.byteCount)", "--credit", credit,
        ]
    }
}
