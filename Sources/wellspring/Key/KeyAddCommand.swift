// `wellspring key add`, `remove` and `reset`: what the running daemon does with a key.
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import EntropyKeyProtocol

struct KeyAddCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Let the running daemon work with a key, until it is started again.",
        discussion: """
            Reads the keyring again. For good, a source of type entropy-key belongs into the configuration; keys that \
            are plugged in need neither, unless the configuration lists other sources only.

            Exit status: 0 added, 1 refused, 69 no daemon answers.
            """
    )

    @Argument(help: "The key's terminal, or the Unix socket of a program that has the key.")
    var path: String

    @Argument(help: "The serial number that it must have.")
    var serial: EntropyKeySerial?

    @OptionGroup var control: ControlSocketOption

    func validate() throws {
        guard path.hasPrefix("/"), !path.contains(where: \.isWhitespace) else {
            throw ValidationError("\(path) is not an absolute path without blanks")
        }
    }

    func run() throws {
        try control.request(
            (["key", "add", path] + (serial.map { [$0.description] } ?? [])).joined(separator: " ")
        )
    }
}

struct KeyRemoveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Let the running daemon close a key, so that another program can have it.",
        discussion: "Exit status: 0 removed, 1 there is no such key, 69 no daemon answers."
    )

    @Argument(help: "The key.")
    var key: String

    @OptionGroup var control: ControlSocketOption

    func run() throws { try control.request("key", "remove", key) }
}

struct KeyResetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset",
        abstract: "Begin anew with a key: by ^C, or by a step that is more than that.",
        discussion: """
            The daemon does this by itself with a key that does not answer. The steps, the mildest first: \
            \(RecoveryStep.allCases.map(\.rawValue).joined(separator: ", ")).

            Exit status: 0 begun, 1 there is no such key, 69 no daemon answers.
            """
    )

    @Argument(help: "The key.")
    var key: String

    @Option(help: "A step of the recovery ladder.")
    var by: String?

    @OptionGroup var control: ControlSocketOption

    func validate() throws {
        if let by, RecoveryStep(rawValue: by) == nil {
            let steps = RecoveryStep.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("\(by) is no step; known are: \(steps)")
        }
    }

    func run() throws {
        try control.request(
            (["key", "reset", key] + (by.map { [$0] } ?? [])).joined(separator: " ")
        )
    }
}
