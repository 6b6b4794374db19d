// `wellspring run`: the daemon in the foreground.
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Configuration
internal import Daemon
internal import Glibc
internal import LinuxSystem
internal import Logging

struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Gather, test, credit, feed the kernel and serve, in the foreground.",
        discussion: """
            Works without a configuration file. As root (CAP_SYS_ADMIN) it starts wellspring-feeder, which feeds \
            the kernel, and then becomes an unprivileged user; otherwise it serves only, and says so. Sockets: \
            egd.sock (full entropy) and drbg.sock in /run/wellspring, or in $XDG_RUNTIME_DIR/wellspring.

            Sockets that a service manager passes (socket activation, descriptor store) are used, and left \
            with it at the end, so that clients survive a restart.

            SIGHUP reloads the configuration without dropping clients, SIGTERM and SIGINT end in order.

            Exit status: 0 ended in order, 1 could not start, 78 the configuration has errors.
            """
    )

    @Option(
        name: .shortAndLong,
        help: "The configuration file (default: \(Configuration.standardPath), if it exists)."
    )
    var config: String?

    @Flag(help: "Check the configuration and end.")
    var check = false

    @Flag(help: "Do not start the feeder: another unit does, or none shall.")
    var noFeeder = false

    @Flag(
        help: ArgumentHelp(
            "Take the sockets of the running daemon over, with its clients; it ends.",
            discussion:
                "Clients keep their connections and open requests: for a new version, or after "
                + "changes that need a restart."
        )
    )
    var takeOver = false

    @Option(help: "The feeder's executable (default: wellspring-feeder beside this program).")
    var feeder: String?

    func run() throws {
        let passed = takePassedDescriptors()
        raiseDescriptorLimit()
        let configuration: Configuration
        let directories: RuntimeDirectories
        do {
            directories = try RuntimeDirectories.ofThisProcess()
            configuration = try Configuration.load(path: config, directories: directories)
        } catch {
            throw Terminal.fail(error, ExitStatus.configuration)
        }
        if check {
            let name = config ?? Configuration.standardPath
            Terminal.print(
                access(name, F_OK) == 0
                    ? "\(name) is right" : "no configuration file: the defaults apply"
            )
            return
        }
        let level = Logger.Level(rawValue: configuration.log.level.rawValue) ?? .info
        let logger = Logger(label: "wellspring") { LineLogHandler(label: $0, level: level) }
        do {
            let service = try Service(
                configuration: configuration,
                path: config,
                directories: directories,
                feederExecutable: noFeeder ? nil : feeder ?? feederBesideThisProgram(),
                passed: passed,
                takesOver: takeOver,
                logger: logger
            )
            service.run()
        } catch {
            throw Terminal.fail(error)
        }
    }
}

/// Where the feeder lies unless the operator says otherwise.
func feederBesideThisProgram() -> String {
    var path = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink("/proc/self/exe", &path, path.count - 1)
    guard count > 0 else { return "/usr/libexec/wellspring-feeder" }
    let own = String(decoding: path[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return own.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/wellspring-feeder"
}
