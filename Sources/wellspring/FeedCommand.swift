// `wellspring feed`: other machines' entropy into this kernel, with the options of ekeyd-egd-linux.
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Configuration
internal import Daemon
internal import Entropy
internal import Glibc
internal import LinuxSystem
internal import Logging

struct FeedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "feed",
        abstract: "Feed this machine's kernel from EGD servers, and do nothing else.",
        discussion: """
            Does the work of ekeyd-egd-linux on every kernel generation and understands its options. Reads \
            from the first server that works, tests the bytes, and has wellspring-feeder, which alone keeps \
            CAP_SYS_ADMIN, feed the kernel. A running daemon is not in its way: it has sockets of its own.

            While no server can be reached it tries again, after 1 s and then ever more seldom up to every \
            5 min, or every -r seconds. It never gives up, not even with -r 0. SIGTERM and SIGINT end it.

            Exit status: 0 ended in order, 1 failed, 64 wrong command line, 77 not permitted to feed.
            """
    )

    @Option(
        help: "Servers with commas between, the preferred one first: tcp://HOST:PORT or unix:/PATH."
    )
    var from: String?

    @Option(
        name: .customShort("H", allowingJoined: true),
        help: "Host of the server (default: 127.0.0.1)."
    )
    var host: String?

    @Option(name: .customShort("p", allowingJoined: true), help: "Its port (default: 8888).")
    var port: UInt16?

    @Option(
        name: .customShort("b", allowingJoined: true),
        help: "Blocks of 128 bytes in one feeding, 1 to 4."
    )
    var blocks = 4

    @Option(
        name: .customShort("S", allowingJoined: true),
        help: "Bits credited per byte of the servers, 1 to 8 (default: 7; with --from 4)."
    )
    var shannons: Int?

    @Option(
        name: .customShort("r", allowingJoined: true),
        help: "Seconds between attempts to connect; 0: 1 s to 5 min."
    )
    var retry = 0

    @Option(
        name: .customShort("t", allowingJoined: true),
        help: "Seconds a silent server is waited for, 1 to 600."
    )
    var patience = 10

    @Option(help: "Seconds between two feedings of an initialised kernel, 1 to 3600.")
    var interval = 60

    @Flag(name: .shortAndLong, help: "Log all that happens.")
    var verbose = false

    @Option(help: "The feeder's executable (default: wellspring-feeder beside this program).")
    var feeder: String?

    @Option(name: .customShort("D", allowingJoined: true), help: .hidden)
    var pidFile: String?

    func validate() throws {
        guard pidFile == nil else {
            throw ValidationError(
                "-D is not needed: the service manager puts programs into the background and knows "
                    + "their process ids."
            )
        }
        guard from == nil || (host == nil && port == nil) else {
            throw ValidationError("--from names all servers: it excludes -H and -p.")
        }
        for (name, value, range) in [
            ("-b", blocks, 1...4), ("-S", shannons ?? 1, 1...8), ("-r", retry, 0...3_600),
            ("-t", patience, 1...600), ("--interval", interval, 1...3_600),
        ] where !range.contains(value) {
            let words = "\(range.lowerBound) to \(range.upperBound)"
            throw ValidationError("\(name) is a number from \(words).")
        }
        _ = try upstreams()
    }

    func run() throws {
        closeInheritedDescriptors()
        guard Privileges.hasSystemAdministration else {
            throw Terminal.fail(
                text: "feeding the kernel needs CAP_SYS_ADMIN: run this as root.",
                ExitStatus.notPermitted
            )
        }
        let level: Logger.Level = verbose ? .debug : .info
        let logger = Logger(label: "wellspring") { LineLogHandler(label: $0, level: level) }
        let ending: Service.Ending
        do {
            // From here on a signal waits until the service can answer it and the folder is removed.
            _ = try SignalDescriptor([SIGTERM, SIGINT])
            let directories = try RuntimeDirectories.ofThisProcess()
            let folder = try PrivateFolder(in: directories)
            defer { folder.remove() }
            ending = try serve(in: folder, directories, logger)
        } catch {
            throw Terminal.fail(error)
        }
        guard case .feederGone(let reason, let isPermission) = ending else { return }
        throw Terminal.fail(
            text: "the kernel is not fed: \(reason)",
            isPermission ? ExitStatus.notPermitted : ExitStatus.failure
        )
    }

    /// The sockets are gone when it returns.
    private func serve(
        in folder: PrivateFolder,
        _ directories: RuntimeDirectories,
        _ logger: Logger
    ) throws -> Service.Ending {
        let service = try Service(
            configuration: try configuration(in: folder.path, directories),
            path: nil,
            directories: directories,
            feederExecutable: feeder ?? feederBesideThisProgram(),
            logger: logger,
            purpose: .feeding
        )
        return service.run()
    }

    private func upstreams() throws -> [StreamEndpoint] {
        if let from { return try endpoints(from) }
        let host = host ?? "127.0.0.1"
        let isBareIPv6 = host.contains(":") && !host.hasPrefix("[")
        let bracketed = isBareIPv6 ? "[\(host)]" : host
        return try endpoints("tcp://\(bracketed):\(port ?? 8888)")
    }

    /// One source, one listener for the feeder, and a reservoir for eight of the largest feedings.
    private func configuration(
        in folder: AbsolutePath,
        _ directories: RuntimeDirectories
    ) throws -> Configuration {
        var source = Source(name: "egd", type: .egd)
        source.upstreams = try upstreams()
        source.patience = .seconds(patience)
        source.retry = retry > 0 ? .seconds(retry) : nil
        var configuration = Configuration.default(for: directories)
        // The operator's own figure is what counts, without a safety factor of ours.
        if let figure = shannons ?? (from == nil ? Self.standardShannons : nil) {
            source.claim = BitsPerSample(Double(figure))
            configuration.credit.safetyFactor = Fraction(1)!
        }
        configuration.sources = .listed([source])
        configuration.reservoir.size = ByteSize(4 << 10)
        var listener = Listener(
            name: "egd",
            path: folder.appending("egd.sock"),
            quality: .fullEntropy
        )
        listener.mode = FileMode(0o600)!
        configuration.listeners = [listener]
        configuration.control.path = folder.appending("control.sock")
        configuration.control.mode = FileMode(0o600)!
        configuration.feeder.enabled = .yes
        configuration.feeder.block = ByteSize(blocks * 128)
        configuration.feeder.interval = .seconds(interval)
        return configuration
    }

    /// Of ekeyd-egd-linux: bits per byte.
    private static let standardShannons = 7
}
