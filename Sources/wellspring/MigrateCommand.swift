// `wellspring migrate`: the configuration of a program that Wellspring replaces, in Wellspring's words.
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Configuration
internal import Glibc
internal import LinuxSystem

struct MigrateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Translate the configuration of another entropy daemon.",
        discussion: """
            The configuration is printed, and nothing is changed. What has no counterpart, or another meaning, is \
            told on standard error.

            Exit status: 0 translated, 74 reading or writing failed, 77 not permitted, 78 the file cannot be \
            translated.
            """,
        subcommands: [EkeydMigration.self]
    )
}

struct EkeydMigration: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ekeyd",
        abstract: "Translate an ekeyd.conf, the configuration of the Entropy Key's daemon.",
        discussion: """
            The file is Lua. Plain calls with values, as in the file that comes with ekeyd, are translated; \
            variables, functions, conditions and computed values are refused with their line. Nothing is run.

            For example: wellspring migrate ekeyd > wellspring.yaml && wellspring run --check -c wellspring.yaml

            Exit status: 0 translated, 74 reading or writing failed, 77 not permitted, 78 the file cannot be \
            translated.
            """
    )

    @Argument(help: "The file to translate; - is standard input.")
    var file = "/etc/entropykey/ekeyd.conf"

    func run() throws {
        let ekeyd: EkeydConfiguration
        let name = file == "-" ? "standard input" : file
        do {
            ekeyd = try EkeydConfiguration(parsing: try contents(), file: name)
        } catch let error as ConfigurationError {
            throw Terminal.fail(error, ExitStatus.configuration)
        } catch let error as SystemError where error.code == EACCES || error.code == EPERM {
            throw Terminal.fail(error, ExitStatus.notPermitted)
        } catch {
            throw Terminal.fail(error, ExitStatus.inputOutput)
        }
        for note in ekeyd.notes {
            Terminal.note("\(name):\(note.line): \(note.call): \(note.text)")
        }
        // Without the last line's end, which print adds.
        Terminal.print(String(ekeyd.wellspringConfiguration().dropLast()))
    }

    private func contents() throws -> [UInt8] {
        var bytes: [UInt8] = []
        // One byte more than is translated shows that a file is too large.
        let input = try ByteInput(path: file)
        try input.readAll(limit: EkeydConfiguration.greatestByteCount + 1) { bytes += $0 }
        return bytes
    }
}
