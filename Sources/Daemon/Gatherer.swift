// A pool with its sources and nothing else: what a command uses where no daemon runs.
// SPDX-License-Identifier: Apache-2.0

internal import Conditioning
internal import Configuration
internal import Glibc
internal import LinuxSystem
package import Logging

/// Gathers full-entropy bytes in this process, by the same path as the daemon.
package final class Gatherer {
    private let pool: Pool
    private let arrival: EventDescriptor
    private let sources: SourceSet

    /// `sourceNames` empty: all built-in sources. Unknown names are an error that lists the known.
    package init(
        sourceNames: [String],
        logger: Logger,
        profiles: ProfileStore? = nil
    ) throws {
        // A key belongs to the daemon, which alone knows the keyring.
        let known = SourceType.allCases.filter { $0.isSelfContained && $0 != .entropyKey }
        let types = try sourceNames.map { name in
            guard let type = known.first(where: { $0.rawValue == name }) else {
                let names = known.map(\.rawValue).joined(separator: ", ")
                throw ServiceError("there is no source \(name); known are: \(names)")
            }
            return type
        }
        guard let reservoir = Reservoir(),
            let entropyPool = EntropyPool(sources: [], reservoir: reservoir)
        else { preconditionFailure("the default reservoir is a possible one") }
        pool = Pool(entropyPool)
        let arrival = try EventDescriptor()
        self.arrival = arrival
        pool.setArrivalHandler(Pool.ArrivalHandler { arrival.signal() })
        sources = SourceSet(pool: pool, logger: logger, profiles: profiles)
        sources.apply(
            (types.isEmpty ? known : types).map { Source(name: $0.rawValue, type: $0) },
            safetyFactor: CreditPolicy.defaultSafetyFactor
        )
    }

    /// Waits for bytes; returns 0 only when `interruption` became readable. An error when no source is
    /// left that could earn credit.
    package func read(
        into buffer: UnsafeMutableRawBufferPointer,
        interruption: Int32
    ) throws -> Int {
        while true {
            let count = pool.take(into: buffer)
            if count > 0 { return count }
            guard sources.canEarn else {
                throw ServiceError(
                    "no source of this machine earns credit; see `wellspring sources`"
                )
            }
            var entries = [
                pollfd(fd: arrival.descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: interruption, events: Int16(POLLIN), revents: 0),
            ]
            poll(&entries, 2, Duration.seconds(1).pollMilliseconds)
            arrival.clear()
            if entries[1].revents != 0 { return 0 }
        }
    }

    package func stop() {
        pool.setArrivalHandler(nil)
        sources.stop()
    }
}
