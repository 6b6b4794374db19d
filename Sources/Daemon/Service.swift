// The daemon: composition of sources, pool, listeners, feeder and control socket, and its main loop.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import Conditioning
package import Configuration
package import EGDProtocol
internal import EGDService
internal import Entropy
internal import EntropyKeyProtocol
internal import Glibc
internal import KernelRandom
package import LinuxSystem
package import Logging
internal import NoiseSources
internal import RandomBitGenerator

/// One running daemon, owned by the main thread. ``init`` acquires what needs privileges, gives them up
/// and starts everything; ``run()`` serves until a signal ends it and leaves nothing behind.
package final class Service {
    private var configuration: Configuration
    private let configurationPath: String?
    private let purpose: Purpose
    /// Where this daemon stands among others.
    package let chain: SharedChain
    private let directories: RuntimeDirectories
    let logger: Logger
    private let identity: UserIdentity?
    /// As status shows it.
    private let user: UserIdentity
    private let pool: Pool
    private let fullEntropy: FullEntropyTap
    private let generator: GeneratorTap
    private let writers: TrustedWriters?
    let server: EGDServer
    private let sources: SourceSet
    private var control: ControlServer
    private var feeder: FeederProcess?
    private var feederAbsence: String
    private let signals: SignalDescriptor
    private var plugs: PlugWatch
    let manager = ServiceManager()
    private let started = SystemClock.now
    private var announced = false
    private var pagesAreStale = true
    var hasHandedOver = false

    /// - Parameters:
    ///   - path: the file that the operator named, for reloads; nil for the standard one.
    ///   - passed: descriptors that a service manager passed.
    ///   - takesOver: whether a running daemon shall give up its sockets to this one.
    ///   - feederExecutable: nil when no feeder is wanted.
    package init(
        configuration: Configuration,
        path: String?,
        directories: RuntimeDirectories,
        feederExecutable: String?,
        passed: [PassedDescriptor] = [],
        takesOver: Bool = false,
        logger: Logger,
        purpose: Purpose = .daemon
    ) throws {
        self.configuration = configuration
        configurationPath = path
        self.purpose = purpose
        chain = SharedChain(own: .ofThisProcess())
        self.directories = directories
        self.logger = logger
        try CTRDRBGSelfTest.run()
        let identity = Privileges.isRoot ? try Self.identity(configuration) : nil
        self.identity = identity
        user = identity ?? .current
        signals = try SignalDescriptor([SIGTERM, SIGINT, SIGHUP, SIGCHLD])
        plugs = PlugWatch(isWanted: purpose == .daemon)
        try RuntimeFolders.prepare(configuration, owner: identity)
        pool = Pool(try Self.makePool(configuration))
        writers =
            configuration.listeners.contains { !$0.trustedWriters.isEmpty }
            ? try TrustedWriters(
                pool: pool,
                claim: configuration.credit.writeClaim,
                safetyFactor: configuration.credit.safetyFactor.value
            ) : nil
        fullEntropy = FullEntropyTap(pool, writers: writers)
        generator = GeneratorTap(
            pool,
            policy: DRBGStream.ReseedPolicy(
                byteCount: UInt64(configuration.drbg.reseedBytes.byteCount),
                age: configuration.drbg.reseedInterval
            ),
            writers: writers
        )
        let listeners = try Self.listeners(
            configuration,
            identity,
            fullEntropy: fullEntropy,
            generator: generator
        )
        let predecessor =
            takesOver
            ? try Predecessor(
                at: configuration.control.path.text,
                patience: Service.successorPatience
            ) : nil
        var inherited = HandOverParcel.unpack(predecessor?.passed ?? passed)
        server = try EGDServer(
            listeners: listeners,
            inheriting: &inherited,
            loopCount: configuration.server.threads ?? Self.defaultThreads,
            chain: chain
        )
        // All listeners are there: nothing is left that could fail for a reason of the other daemon's.
        try predecessor?.letGo()
        for name in Set(passed.map(\.name)) where HandOverParcel.isOwn(name) {
            manager.forget(name)
        }
        let adopted = inherited.connections
        inherited.connections = []
        inherited.discardListeners()
        control = try ControlServer(
            path: configuration.control.path.text,
            mode: configuration.control.mode.bits,
            owner: identity,
            groupID: try Self.groupID(configuration.group, identity)
        )
        sources = SourceSet(
            pool: pool,
            logger: logger,
            chain: chain,
            profiles: ProfileStore(folder: ProfileStore.folder(in: directories))
        )
        sources.openDevices(configuration)
        feederAbsence = ""
        startFeeder(feederExecutable)
        if purpose == .feeding, feeder == nil { throw ServiceError(feederAbsence) }
        try Privileges.drop(to: identity, keepingSystemAdministration: false)
        let server = self.server
        pool.setArrivalHandler(Pool.ArrivalHandler { server.wake() })
        try server.start(adopting: adopted)
        sources.apply(
            configuration.enabledSources,
            safetyFactor: configuration.credit.safetyFactor.value
        )
        logger.notice(
            "wellspring is up",
            metadata: [
                "version": "\(Version.current)", "pid": "\(getpid())",
                "sources": "\(sources.usableNames.joined(separator: ","))",
                "feeder": "\(feeder == nil ? feederAbsence : "started")",
                "adopted-connections": "\(adopted.count)",
            ]
        )
    }

    // MARK: The main loop

    /// Serves until SIGTERM or SIGINT.
    @discardableResult
    package func run() -> Ending {
        var ending: Ending?
        while ending == nil {
            var entries = [pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0)]
            entries.append(pollfd(fd: plugs.descriptor, events: Int16(POLLIN), revents: 0))
            if let report = feeder?.report {
                entries.append(pollfd(fd: report, events: Int16(POLLIN), revents: 0))
            }
            entries += control.interests
            poll(&entries, nfds_t(entries.count), timeoutMilliseconds)
            let now = SystemClock.now
            if feeder != nil { hearFeeder(at: now) }
            if plugs.isDue(at: now) { sources.devicesChanged() }
            if purpose == .feeding, feeder == nil {
                let isPermission = feederAbsence.hasPrefix("serving only")
                ending = .feederGone(reason: feederAbsence, isPermission: isPermission)
            }
            control.advance(now: now) { answer($0) }
            if let successor = control.takeSuccessor(), handOver(to: successor) {
                ending = .inOrder
            }
            announce()
            if control.isIdle { releasePages() }
            while let signal = signals.next() {
                switch signal {
                case SIGHUP: logger.notice("\(reload())")
                case SIGCHLD: break
                default:
                    logger.notice("ending", metadata: ["signal": "\(signal)"])
                    ending = ending ?? .inOrder
                }
            }
        }
        stop()
        return ending ?? .inOrder
    }

    /// Nothing wakes the loop without a reason, except the wait for readiness and for silent clients.
    private var timeoutMilliseconds: Int32 {
        let deadline = [control.nextDeadline, plugs.deadline].compactMap { $0 }.min()
        if let deadline, announced || control.nextDeadline != nil {
            return max(.zero, deadline - SystemClock.now).pollMilliseconds
        }
        return announced ? -1 : Duration.milliseconds(50).pollMilliseconds
    }

    /// Once after the start, and after each answered request, which needs half of Foundation.
    private func releasePages() {
        guard pagesAreStale, announced else { return }
        ResidentMemory.releaseStartUpPages()
        pagesAreStale = false
    }

    private func stop() {
        manager.stopping()
        feeder?.hangUp()
        pool.setArrivalHandler(nil)
        if manager.isPresent, !hasHandedOver { leaveSocketsWithManager() }
        server.stop()
        sources.stop()
        feeder?.waitForEnd(atMost: feederPatience)
    }

    private func hearFeeder(at now: Duration) {
        guard feeder?.readReport(at: now) == false else { return }
        feeder?.waitForEnd(atMost: feederPatience)
        feederAbsence = feeder?.facts.state ?? feederAbsence
        logger.error("the feeder is gone", metadata: ["reason": "\(feederAbsence)"])
        feeder = nil
    }

    /// Tells the service manager once that the main job is being done: the kernel was fed, or, where it
    /// cannot be, full-entropy bytes are ready.
    private func announce() {
        guard !announced else { return }
        let feeds = feeder?.facts.feeds ?? 0
        let servesOnly = feeder == nil || feeder?.facts.state.hasPrefix("serving only") == true
        guard feeds > 0 || (servesOnly && pool.level > 0) else { return }
        announced = true
        manager.ready(status: feeds > 0 ? "feeding and serving" : "serving only")
        logger.notice("\(feeds > 0 ? "the kernel was fed" : feeder?.facts.state ?? feederAbsence)")
        generator.prepare()
    }

    // MARK: Requests

    private func answer(_ request: ControlRequest) -> String {
        pagesAreStale = true
        switch request {
        case .status: return JSON.encode(report())
        case .reload: return ControlAnswer.done(reload()).json
        case .handOver: return ControlAnswer.error("the sockets are not given away twice").json
        case .retest(let name):
            return sources.retest(name)
                ? ControlAnswer.done("a new start-up test of \(name) begins").json
                : ControlAnswer.error("there is no running source \(name)").json
        case .addKey(let path, let serial):
            return ControlAnswer.done(sources.addKey(path: path, serial: serial)).json
        case .removeKey(let tag):
            return sources.removeKey(tag).map { ControlAnswer.done($0).json } ?? noKey(tag)
        case .resetKey(let tag, let step):
            let order = step.map { EntropyKeyOrders.Order.revive($0) } ?? .reset
            return sources.order(order, tag).map {
                ControlAnswer.done("\($0) is reset by \(step?.rawValue ?? "^C")").json
            } ?? noKey(tag)
        case .readKeyrings:
            let report = sources.readKeyrings()
            return report.troubles.isEmpty
                ? ControlAnswer.done(
                    (["the keyring was read"] + report.remarks).joined(separator: "; ")
                ).json
                : ControlAnswer.error(report.all.joined(separator: "; ")).json
        }
    }

    private func noKey(_ tag: String) -> String {
        ControlAnswer.error("the daemon has no Entropy Key \(tag); see wellspring key list").json
    }

    /// Applies what changed in the configuration file. On an error everything stays as it is.
    private func reload() -> String {
        guard purpose == .daemon else { return "not reloaded: there is no configuration file" }
        do throws(any Error) {
            let new = try Configuration.load(path: configurationPath, directories: directories)
            let changes = Configuration.diff(configuration, new)
            try server.replaceListeners(
                with: try Self.listeners(
                    new,
                    identity,
                    fullEntropy: fullEntropy,
                    generator: generator
                )
            )
            configuration = new
            let keyrings = sources.readKeyrings()
            sources.apply(new.enabledSources, safetyFactor: new.credit.safetyFactor.value)
            var waiting = changes.restart.map { "needs a restart: \($0)" }
            // They are a source, which only a start can add to the pool.
            if writers == nil, new.listeners.contains(where: { !$0.trustedWriters.isEmpty }) {
                waiting.append("needs a restart: no trusted-writers are there yet.")
            }
            return (["reloaded"] + changes.live + waiting + keyrings.all).joined(separator: "; ")
        } catch let error {
            return "not reloaded: \(error)"
        }
    }

    private func report() -> StatusReport {
        let kernel = KernelRandomState.read()
        let now = SystemClock.now
        let facts = feeder?.facts
        let poolFacts = pool.facts
        let memory = SecretMemory.report
        let listeners = zip(configuration.listeners, server.statistics)
        var report = StatusReport(
            version: Version.current,
            processID: getpid(),
            user: user.description,
            uptimeSeconds: (now - started).seconds,
            cpuSeconds: SystemClock.processCPUTime.seconds,
            kernel: StatusReport.Kernel(
                kernel,
                feeder: facts,
                absence: feederAbsence,
                now: now
            ),
            sources: sources.status(poolFacts, now: now)
                + (writers.map { [$0.status(poolFacts, now: now)] } ?? []),
            reservoir: StatusReport.Reservoir(poolFacts),
            drbg: generator.facts,
            listeners: listeners.map { StatusReport.Listener($0, $1) },
            memory: StatusReport.Memory(
                secretBytes: memory.mappedBytes,
                refusedLocks: memory.refusedLocks
            ),
            warnings: []
        )
        report.warnings = Warnings.of(report, generatorError: generator.failure)
        return report
    }
}

/// How long an ending feeder is waited for; it needs milliseconds.
private let feederPatience = Duration.milliseconds(500)

// MARK: - The feeder

extension Service {
    /// Starts the feeder where it can be of use; else notes why there is none.
    private func startFeeder(_ executable: String?) {
        let settings = configuration.feeder
        let upstream = configuration.feederListener?.path
        guard let executable, settings.enabled != .no else {
            feederAbsence = "serving only: no feeder wanted"
            return
        }
        guard Privileges.hasSystemAdministration || settings.enabled == .yes else {
            feederAbsence = "serving only: feeding the kernel needs CAP_SYS_ADMIN (run as root)"
            return
        }
        guard let upstream else {
            feederAbsence =
                "serving only: no full-entropy Unix listener for the feeder to read from"
            return
        }
        do throws(SystemError) {
            feeder = try FeederProcess(
                executable: executable,
                arguments: settings.arguments(from: upstream.text)
                    + (identity.map { ["--user", "\($0.userID):\($0.groupID)"] } ?? [])
            )
        } catch {
            feederAbsence = error.description
            logger.error("\(error)")
        }
    }
}
