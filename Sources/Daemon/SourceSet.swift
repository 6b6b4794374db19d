// All configured noise sources: those that run, and those that cannot, with the reason.
// SPDX-License-Identifier: Apache-2.0

internal import Conditioning
package import Configuration
internal import EGDProtocol
internal import Entropy
internal import EntropyKeyProtocol
internal import LinuxSystem
internal import Logging
package import NoiseSources
internal import UpstreamSources

/// Owned by the main thread.
final class SourceSet {
    private let pool: Pool
    private let logger: Logger
    private let chain: SharedChain?
    private let profiles: ProfileStore?
    private let keys: KeyRegister
    /// As the configuration has it, and the share that is credited.
    private var wanted: [Source] = []
    private var safetyFactor = CreditPolicy.defaultSafetyFactor
    private var members: [Member] = []
    /// Devices opened before privileges were given up, until their threads take them.
    private var opened: [String: any NoiseSource] = [:]

    private struct Member {
        let entry: Source
        let safetyFactor: Double
        let finding: ProfileStore.Finding
        let runner: SourceRunner?
        /// Why there is no runner.
        let reason: String
    }

    /// Without a chain, sources that read from other nodes look for no circle; without profiles, each has
    /// the claim of its kind.
    init(
        pool: Pool,
        logger: Logger,
        chain: SharedChain? = nil,
        profiles: ProfileStore? = nil,
        keys: KeyRegister = KeyRegister()
    ) {
        self.keys = keys
        self.profiles = profiles
        self.pool = pool
        self.chain = chain
        self.logger = logger
    }

    var usableNames: [String] { members.filter { $0.runner != nil }.map(\.entry.name) }

    /// Opens the devices that only root may open, while this process is root.
    func openDevices(_ configuration: Configuration) {
        let wanted = configuration.enabledSources
        for line in keys.readKeyrings(for: wanted).all { logger.warning("\(line)") }
        keys.look()
        guard Privileges.isRoot else { return }
        for entry in keys.sources(for: wanted) {
            guard entry.type.isDevice, let kind = NoiseSourceRegistry.find(entry.type.rawValue)
            else {
                continue
            }
            let source = kind.init(settings(of: entry, stored(entry)))
            // What fails here fails again on its thread, and is reported there.
            if (try? source.open()) != nil { opened[entry.name] = source }
        }
    }

    /// Brings what runs in line with `wanted`: unchanged sources keep running, retired ones
    /// get a new start, and keys that were let go come back.
    func apply(_ wanted: [Source], safetyFactor: Double) {
        self.wanted = wanted
        self.safetyFactor = safetyFactor
        keys.takeBackRemovals()
        keys.look()
        arrange()
        for member in members where member.runner?.isRetired == true { member.runner?.retest() }
        opened = [:]
    }

    /// Starts what is to run now and does not, and stops what runs and is not to.
    private func arrange() {
        let entries = keys.sources(for: wanted)
        var kept: [Member] = []
        for member in members {
            if entries.contains(member.entry), member.safetyFactor == safetyFactor,
                member.finding == stored(member.entry), member.runner != nil
            {
                kept.append(member)
            } else {
                member.runner?.stop()
            }
        }
        members = entries.map { entry in
            kept.first { $0.entry == entry } ?? start(entry, safetyFactor: safetyFactor)
        }
    }

    /// Whether any source may still turn out to earn credit.
    var canEarn: Bool { members.contains { $0.runner?.canEarn == true } }

    func stop() {
        for member in members { member.runner?.stop() }
        members = []
    }

    /// False when no such source runs.
    func retest(_ name: String) -> Bool {
        guard let runner = members.first(where: { $0.entry.name == name })?.runner else {
            return false
        }
        runner.retest()
        return true
    }

    func status(_ facts: PoolFacts, now: Duration) -> [StatusReport.Source] {
        members.map { member in
            var status =
                member.runner.map { $0.status(facts, now: now) }
                ?? .unavailable(member.entry.name, reason: member.reason)
            if case .unused(let reason, _) = member.finding { status.unusedAssessment = reason }
            return status
        }
    }

    // MARK: Entropy Keys

    /// Whether it matters to the sources what is plugged in.
    var mindsDevices: Bool { wanted.contains { $0.type == .entropyKey } }

    /// Something was plugged in or pulled out.
    func devicesChanged() {
        guard mindsDevices else { return }
        keys.look()
        arrange()
        for member in members where member.entry.type == .entropyKey {
            member.runner?.noteDevices()
        }
    }

    /// Reads the keyrings again.
    func readKeyrings() -> KeyringReport {
        let report = keys.readKeyrings(for: keys.sources(for: wanted) + wanted)
        for member in members where member.entry.type == .entropyKey { member.runner?.nudge() }
        return report
    }

    /// Works with one more key, or with one that was removed; what was done, in words.
    func addKey(path: AbsolutePath, serial: EntropyKeySerial?) -> String {
        let report = keys.readKeyrings(for: keys.sources(for: wanted) + wanted)
        let name = keys.add(path: path, serial: serial, to: wanted)
        arrange()
        for member in members where member.entry.name == name { member.runner?.nudge() }
        return (["\(name) is at work"] + report.all).joined(separator: "; ")
    }

    /// Lets a key go until it is added again; nil when there is no such key.
    func removeKey(_ tag: String) -> String? {
        guard let name = nameOfKey(tag) else { return nil }
        keys.remove(name)
        arrange()
        return "\(name) is let go; it comes back with `wellspring key add`, a reload or a restart"
    }

    /// Gives an order to a key at work; nil when there is no such key.
    func order(_ order: EntropyKeyOrders.Order, _ tag: String) -> String? {
        guard let name = nameOfKey(tag),
            let runner = members.first(where: { $0.entry.name == name })?.runner
        else { return nil }
        keys.give(order, to: name)
        runner.nudge()
        return name
    }

    /// The source of a key by whatever it is called; by its number also where only the key itself has said it.
    private func nameOfKey(_ tag: String) -> String? {
        keys.name(of: tag, among: members.map(\.entry))
            ?? members.first { member in
                let serial = member.runner?.device?.serial
                return serial != nil
                    && (serial == tag || serial == EntropyKeySerial(tag)?.description)
            }?.entry.name
    }

    /// The stored assessment of a source that nobody has stated a claim for. What a device or another
    /// machine has conditioned has none, whatever lies in the folder.
    private func stored(_ entry: Source) -> ProfileStore.Finding {
        guard let profiles, entry.claim == nil,
            let kind = NoiseSourceRegistry.find(entry.type.rawValue), kind.yieldsRawNoise
        else { return .none }
        return profiles.find(entry, sampleBits: kind.standard.sampleBits)
    }

    private func settings(
        of entry: Source,
        _ finding: ProfileStore.Finding
    ) -> NoiseSourceSettings {
        let logger = self.logger
        var settings = NoiseSourceSettings(
            entry,
            lineHandler: LineHandler { line in
                logger.info("\(line)", metadata: ["source": "\(entry.name)"])
            }
        )
        settings.chain = chain
        if entry.type == .entropyKey { settings.entropyKey = keys.settings(of: entry) }
        switch finding {
        case .none: break
        case .claim(let claim): settings.claim = claim
        case .unused(_, let limit):
            let own = NoiseSourceRegistry.find(entry.type.rawValue)?.standard.claim
            if let own, let limit, limit < own.minEntropy {
                settings.claim = EntropyClaim(minEntropy: limit, origin: own.origin)
            }
        }
        return settings
    }

    private func start(_ entry: Source, safetyFactor: Double) -> Member {
        guard let kind = NoiseSourceRegistry.find(entry.type.rawValue) else {
            preconditionFailure("a source type that does not exist passed the configuration")
        }
        let finding = stored(entry)
        let settings = self.settings(of: entry, finding)
        let runner: SourceRunner?
        var reason = ""
        switch (opened[entry.name], kind.availability(settings)) {
        case (nil, .unavailable(let why)):
            runner = nil
            reason = why
        case (let source, _):
            do {
                runner = try SourceRunner(
                    source ?? kind.init(settings),
                    alreadyOpen: source != nil,
                    safetyFactor: safetyFactor,
                    cpuShare: settings.cpuShare ?? kind.defaultCPUShare,
                    pool: pool,
                    logger: logger
                )
            } catch {
                runner = nil
                reason = "\(error)"
            }
        }
        if runner == nil {
            logger.info(
                "source unavailable",
                metadata: ["source": "\(entry.name)", "reason": "\(reason)"]
            )
        }
        return Member(
            entry: entry,
            safetyFactor: safetyFactor,
            finding: finding,
            runner: runner,
            reason: reason
        )
    }
}

extension Configuration {
    /// What should run. Without a key `sources` these are all built-in sources that need no operator.
    var enabledSources: [Source] {
        switch sources {
        case .listed(let entries): entries.filter(\.isEnabled)
        case .available:
            SourceType.allCases.filter(\.isSelfContained).map { type in
                var source = Source(name: type.rawValue, type: type)
                source.isImplicit = true
                return source
            }
        }
    }
}

extension SourceType {
    /// Whether opening may need root and must therefore come first. A command is no device: it is
    /// started by the unprivileged daemon.
    fileprivate var isDevice: Bool { self == .hwrng || self == .stream || self == .entropyKey }
}

extension NoiseSourceSettings {
    /// A configuration entry in the terms of the noise sources.
    package init(_ entry: Source, lineHandler: LineHandler) {
        self.init()
        name = entry.name
        claim = entry.claim.map { EntropyClaim(minEntropy: $0, origin: .operatorStated) }
        cpuShare = entry.cpuBudget?.value
        path = entry.path?.text
        speed = entry.speed
        commandLine = entry.command
        upstreams = entry.upstreams
        if let patience = entry.patience { silenceLimit = patience }
        if let retry = entry.retry {
            restartDelays = RestartDelays(first: retry, longest: retry, settledRun: retry)
        }
        dataCacheByteCount = entry.dataCache?.byteCount
        instructionCacheByteCount = entry.instructionCache?.byteCount
        self.lineHandler = lineHandler
    }
}
