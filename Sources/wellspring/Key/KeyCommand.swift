// `wellspring key`: Entropy Keys: what ekeydctl, ekey-rekey and ekey-setkey did.
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Daemon
package import EntropyKeyProtocol

struct KeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "List, add, remove, reset and rekey Entropy Keys.",
        discussion: """
            A KEY is a name of `wellspring key list`, a serial number, a path, or the last part of one.
            """,
        subcommands: [
            KeyListCommand.self, KeyStatsCommand.self, KeyAddCommand.self, KeyRemoveCommand.self,
            KeyRekeyCommand.self, KeyResetCommand.self,
        ]
    )
}

/// The option that all of them share.
struct ControlSocketOption: ParsableArguments {
    @Option(help: "The daemon's control socket.")
    var socket: String?

    func path() throws -> String { try socket ?? .standardControlSocket() }

    /// Asks the daemon for a change and prints what it says.
    func request(_ words: String...) throws {
        do {
            Terminal.print(
                try ControlClient.change(words.joined(separator: " "), path: try path())
            )
        } catch let error as ControlError {
            throw Terminal.fail(
                error,
                error.nobodyThere ? ExitStatus.unavailable : ExitStatus.failure
            )
        }
    }
}

/// 16 base64 characters, or the key's name in /dev/entropykey.
extension EntropyKeySerial: ExpressibleByArgument {
    package init?(argument: String) {
        self.init(fileName: argument)
    }
}
