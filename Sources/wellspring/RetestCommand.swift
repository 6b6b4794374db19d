// `wellspring retest`: asks the daemon to repeat a source's start-up test.
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Daemon

struct RetestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retest",
        abstract: "Repeat the start-up health test of a source of the running daemon.",
        discussion: """
            Also brings back a retired source, after its device was mended. Only root and the daemon's own user may.

            Exit status: 0 the test begins, 1 refused, 69 no daemon answers.
            """
    )

    @Argument(help: "The source, as `wellspring status` names it.")
    var source: String

    @Option(help: "The daemon's control socket.")
    var socket: String?

    func run() throws {
        do {
            let path = try socket ?? .standardControlSocket()
            Terminal.print(try ControlClient.change("retest \(source)", path: path))
        } catch let error as ControlError {
            throw Terminal.fail(
                error,
                error.nobodyThere ? ExitStatus.unavailable : ExitStatus.failure
            )
        }
    }
}
