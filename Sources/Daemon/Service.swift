// The daemon: composition of sources, pool, listeners, feeder and control socket, and its main loop.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import Conditioning
package import Configuration
internal import EGDService
internal import Entropy
internal import FoundationEssentials
internal import Glibc
internal import KernelRandom
internal import LinuxSystem
package import Logging
internal import NoiseSources
internal import RandomBitGenerator

/// One running daemon. Order of life: ``init`` acquires what needs privileges, gives them up and
/// starts everything; ``run()`` serves until told to stop; `deinit` leaves nothing behind.
package struct Service: ~Copyable {
    private var configuration: Configuration
    private let configurationPath: String?
    private let logger: Logger
    private let identity: Identity?
    private let pool: Pool
    private let generator: GeneratorTap
    private let fullEntropy: FullEntropyTap
    private let server: EGDServer
    private var control: ControlServer
    private var feeder: FeederProcess?
    private var feederAbsence: String?
    private var sources: [RunningSource] = []
    private let signals: Int32
    private let started = SystemClock.now
    private var announced = false

    private struct RunningSource {
        let entry: Configuration.Source
        /// Nil: unavailable, for `reason`.
        let runner: SourceRunner?
        let descriptor: NoiseSourceDescriptor
        let reason: String?
    }

    /// Everything is bound, opened and started, and privileges are given up, when this returns.
    package init(
        configuration: Configuration, path: String?, feederExecutable: String?, logger: Logger
    ) throws {
        self.configuration = configuration
        configurationPath = path
        self.logger = logger
        try CTRDRBG.selfTest()
        identity = Privileges.isRoot ? try Self.identity(configuration) : nil
        signals = try Self.catchSignals()
        try Self.prepareFolders(configuration, owner: identity)
        guard
            let reservoir = Reservoir(
                capacity: configuration.reservoir.size.byteCount,
                lowMark: configuration.reservoir.lowMark.value),
            let entropyPool = EntropyPool(
                sources: [], minimumSources: configuration.credit.minimumSources,
                reservoir: reservoir)
        else { throw ServiceError("the reservoir cannot be made as configured") }
        pool = Pool(entropyPool)
        fullEntropy = FullEntropyTap(pool)
        generator = GeneratorTap(pool, limits: DRBGStream.Limits(configuration.drbg))
        server = try EGDServer(
            listeners: try Self.listeners(
                configuration, identity, fullEntropy: fullEntropy, generator: generator))
        control = try ControlServer(
            path: configuration.control.path, mode: configuration.control.mode, owner: identity,
            groupID: try Self.groupID(configuration.group))
        let devices = Self.openDevices(configuration, logger: logger)
        startFeeder(feederExecutable)
        try Privileges.drop(to: identity, keepingSystemAdministration: false)
        let server = self.server
        pool.setArrivalHandler(Pool.ArrivalHandler { server.wake() })
        try server.start()
        try startSources(devices)
    }

    deinit {
        pool.setArrivalHandler(nil)
        for source in sources { source.runner?.stop() }
        server.stop()
        close(signals)
    }
}
