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

    @Option(help: "The feeder's executable (default: wellspring-feeder beside this program).")
    var feeder: String?

    func run() throws {
        closeInheritedDescriptors()
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
                feederExecutable: noFeeder ? nil : feeder ?? Self.feederBesideThisProgram,
                logger: logger
            )
            service.run()
        } catch {
            throw Terminal.fail(error)
        }
    }

    private static var feederBesideThisProgram: String {
        var path = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &path, path.count - 1)
        guard count > 0 else { return "/usr/libexec/wellspring-feeder" }
        let own = String(decoding: path[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return own.prefix { _ in true }.split(separator: "/").dropLast().reduce("") {
            $0 + "/" + $1
        }
            + "/wellspring-feeder"
    }
}
