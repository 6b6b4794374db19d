// From the facts of the rooms to the report.
// SPDX-License-Identifier: Apache-2.0

internal import Conditioning
internal import Configuration
internal import EGDService
internal import KernelRandom
internal import LinuxSystem
internal import NoiseSources

extension StatusReport.Kernel {
    init(_ kernel: KernelRandomState, feeder: FeederFacts?, absence: String, now: Duration) {
        self.init(
            generation: kernel.kernelClass?.rawValue ?? "unknown",
            release: kernel.release ?? "unknown",
            ready: kernel.isSeeded ?? true,
            entropyAvailable: kernel.entropyAvailable,
            poolSize: kernel.poolSize,
            feeder: feeder?.state ?? absence,
            feeds: feeder?.feeds ?? 0,
            creditedBits: feeder?.creditedBits ?? 0,
            secondsSinceFeed: feeder?.lastFeed.map { (now - $0).seconds }
        )
    }
}

extension StatusReport.Reservoir {
    init(_ facts: PoolFacts) {
        self.init(
            levelBytes: facts.level,
            capacityBytes: facts.capacity,
            blocksDrawn: facts.blocksDrawn,
            deliveredBytes: facts.bytesTaken,
            gathering: facts.wantsRefill,
            minimumSources: facts.minimumSources
        )
    }
}

extension StatusReport.Upstream {
    init(_ facts: UpstreamFacts) {
        self.init(
            endpoint: facts.endpoint?.description,
            path: facts.path,
            failOvers: facts.switches,
            bytes: facts.byteCount,
            trouble: facts.trouble
        )
    }
}

extension StatusReport.Device {
    init(_ facts: DeviceFacts) {
        self.init(
            state: facts.state,
            place: facts.place,
            serial: facts.serial,
            objection: facts.objection,
            settling: facts.settling,
            statistics: Dictionary(
                facts.statistics.map { ($0.name, StatusReport.Statistic($0.value)) },
                uniquingKeysWith: { first, _ in first }
            )
        )
    }
}

extension StatusReport.Statistic {
    fileprivate init(_ value: DeviceFacts.Value) {
        self =
            switch value {
            case .count(let count): .count(count)
            case .number(let number): .number(number)
            case .text(let text): .text(text)
            }
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let count = try? container.decode(UInt64.self) {
            self = .count(count)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else {
            self = .text(try container.decode(String.self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .count(let count): try container.encode(count)
        case .number(let number): try container.encode(number)
        case .text(let text): try container.encode(text)
        }
    }
}

extension StatusReport.Listener {
    init(_ listener: Listener, _ statistics: EGDListenerStatistics) {
        self.init(
            name: listener.name,
            path: statistics.address,
            quality: listener.quality.rawValue,
            clients: statistics.connections,
            waitingClients: statistics.waitingClients,
            longestWaitSeconds: statistics.oldestWait.seconds,
            longestPastWaitSeconds: statistics.longestWait.seconds,
            connections: UInt64(statistics.acceptedConnections),
            refused: UInt64(statistics.refusedConnections),
            foreign: UInt64(statistics.foreignConnections),
            evicted: UInt64(statistics.evictedConnections),
            requests: UInt64(statistics.requests),
            deliveredBytes: UInt64(statistics.deliveredByteCount),
            lostBytes: UInt64(statistics.lostByteCount),
            waits: UInt64(statistics.waits),
            throttles: UInt64(statistics.throttles),
            protocolErrors: UInt64(statistics.protocolErrors),
            circles: UInt64(statistics.circles),
            contributedBytes: UInt64(statistics.contributedByteCount),
            accounts: statistics.clients.prefix(Self.mostAccounts).map { StatusReport.Client($0) }
        )
    }
}

extension StatusReport.Client {
    init(_ client: EGDClientStatistics) {
        self.init(
            name: client.identity.words,
            node: client.node,
            connections: client.connections,
            waiting: client.waitingConnections,
            requests: UInt64(client.requests),
            deliveredBytes: UInt64(client.deliveredByteCount),
            lostBytes: UInt64(client.lostByteCount),
            waits: UInt64(client.waits),
            longestWaitSeconds: client.longestWait.seconds,
            throttles: UInt64(client.throttles),
            refused: UInt64(client.refusedConnections)
        )
    }
}

extension ClientIdentity {
    /// With names where this system has them.
    fileprivate var words: String {
        switch self {
        case .user(let user): UserIdentity.first(of: ["\(user)"])?.description ?? description
        case .process(let process, let user):
            SystemTree().line("/proc/\(process)/comm").map { "\($0) (pid \(process), uid \(user))" }
                ?? description
        case .host, .unknown: description
        }
    }
}
