// wellspring-feeder from its arguments to its exit status.
// SPDX-License-Identifier: Apache-2.0

internal import Entropy
internal import Glibc
internal import KernelRandom
internal import LinuxSystem

/// The whole program. The calling process must have one thread.
package enum FeederProgram {
    package static func run(arguments: [String]) -> Int32 {
        do {
            switch try FeederCommand(arguments: arguments) {
            case .showHelp: return printed(feederHelp)
            case .showVersion: return printed("wellspring-feeder \(Version.current)\n")
            case .run(let options): return feed(options)
            }
        } catch {
            let report = EventReport(descriptor: nil, verbose: false)
            report.say("\(error.description) See wellspring-feeder --help.")
            return FeederExit.usage.rawValue
        }
    }

    /// Everything that needs privileges is opened first; then they go; then work begins.
    private static func feed(_ options: FeederOptions) -> Int32 {
        var report = EventReport(descriptor: options.reportDescriptor, verbose: options.verbose)
        SignalInbox.block()
        let identity = options.user.flatMap { UserIdentity.first(of: [$0]) }
        if let user = options.user, identity == nil {
            report.say(
                "There is no user \(user) in /etc/passwd. "
                    + "Users of other directories can be given as UID:GID."
            )
            return FeederExit.usage.rawValue
        }
        let state = KernelRandomState.read()
        let className = state.kernelClass?.rawValue ?? "unknown"
        let kernelLog = KernelLog(wanted: state.hasVMGenerationID)
        var pool: KernelPool<LinuxRandomDevice>
        do throws(KernelRandomError) {
            pool = KernelPool(device: try LinuxRandomDevice())
        } catch {
            report.trouble("no-device", error.description)
            return FeederExit.unavailable.rawValue
        }
        do throws(SystemError) {
            try Privileges.drop(to: identity, keepingSystemAdministration: true)
        } catch {
            report.trouble("failed", error.description)
            return FeederExit.failure.rawValue
        }
        do throws(KernelRandomError) {
            try pool.checkPermission()
        } catch {
            let notPermitted = error.code == .notPermitted
            report.trouble(notPermitted ? "not-permitted" : "refused", error.description)
            return (notPermitted ? FeederExit.notPermitted : FeederExit.failure).rawValue
        }
        if options.keepAlive {
            var keepAlive = KeepAlive(report: report)
            if let status = keepAlive.superviseOrWork() { return status }
        }
        if options.verbose {
            report.say(state.kernelClass?.summary ?? state.need)
            report.say(state.need)
        }
        report.event(
            "started",
            ("class", className),
            ("seeded", state.isSeeded.map { $0 ? "yes" : "no" } ?? "unknown")
        )
        let signals = SignalInbox()
        let worker = Worker(
            options: options,
            className: className,
            settings: FeedSchedule.Settings(
                kernelClass: state.kernelClass,
                interval: options.interval
            )
        )
        switch options.supply {
        case .cpu:
            return worker.run(CPUBlockSupply(), pool, signals, kernelLog, report).rawValue
        case .egd(let path):
            let supply = EGDBlockSupply(path: path, interruptDescriptor: signals.descriptor)
            return worker.run(supply, pool, signals, kernelLog, report).rawValue
        }
    }

    private static func printed(_ text: String) -> Int32 {
        let bytes = Array(text.utf8)
        return write(1, bytes, bytes.count) == bytes.count ? 0 : FeederExit.failure.rawValue
    }
}

private struct Worker {
    var options: FeederOptions
    var className: String
    var settings: FeedSchedule.Settings

    func run<Supply: BlockSupply>(
        _ supply: Supply,
        _ pool: consuming KernelPool<LinuxRandomDevice>,
        _ signals: consuming SignalInbox,
        _ kernelLog: consuming KernelLog,
        _ report: EventReport
    ) -> FeederExit {
        var report = report
        var feeding = Feeding(
            supply: supply,
            pool: pool,
            rule: options.credit,
            blockByteCount: options.blockByteCount
        )
        if SecretMemory.report.refusedLocks > 0 {
            report.trouble(
                "memory-not-locked",
                "The block's memory could not be locked and may reach swap; "
                    + "RLIMIT_MEMLOCK is too small."
            )
        }
        if options.once {
            return feeding.seedOnce(report: &report, className: className)
        }
        var loop = FeederLoop(
            feeding: feeding,
            settings: settings,
            signals: signals,
            kernelLog: kernelLog,
            report: report,
            manager: ServiceManager(forParent: options.keepAlive),
            className: className
        )
        return loop.run()
    }
}
