// From the facts of the rooms to the report.
// SPDX-License-Identifier: Apache-2.0

internal import Conditioning
internal import Configuration
internal import EGDService
internal import KernelRandom
internal import LinuxSystem

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

extension StatusReport.Listener {
    init(_ listener: Listener, _ statistics: EGDListenerStatistics) {
        self.init(
            name: listener.name,
            path: listener.path.text,
            quality: listener.quality.rawValue,
            clients: statistics.connections,
            waitingClients: statistics.waitingClients,
            longestWaitSeconds: statistics.oldestWait.seconds,
            connections: UInt64(statistics.acceptedConnections),
            refused: UInt64(statistics.refusedConnections),
            requests: UInt64(statistics.requests),
            deliveredBytes: UInt64(statistics.deliveredByteCount),
            lostBytes: UInt64(statistics.lostByteCount),
            protocolErrors: UInt64(statistics.protocolErrors)
        )
    }
}
