// `wellspring ent`: the statistics of Fourmilab's ENT 1.2, with its output.
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Glibc
internal import StatisticalTests

struct EntCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ent",
        abstract:
            "Tell entropy, chi-square, mean, pi and serial correlation of a file, as ent does.",
        discussion: """
            Takes the options of the program `ent` (Fourmilab, version 1.2) and prints the same characters, \
            in one pass over the file and in constant memory. These statistics find gross faults only: a \
            counter passes most of them. Use `wellspring assess` for min-entropy.

            Exit status: 0 done, 64 wrong command line, 74 the file cannot be read.
            """
    )

    @Flag(name: .short, help: "Treat the input as a stream of bits, most significant first.")
    var bits = false

    @Flag(name: .customShort("c"), help: "Print how often each value occurs.")
    var occurrences = false

    @Flag(name: .short, help: "Fold capital letters to small ones (ISO 8859-1) before all else.")
    var fold = false

    @Flag(name: .short, help: "Terse: comma-separated values.")
    var terse = false

    @Flag(name: .customShort("u"), help: "Show help information.")
    var usage = false

    @Argument(help: "The file; standard input if none is given.")
    var file: String?

    func run() throws {
        if usage { throw CleanExit.helpRequest(self) }
        var statistics = ENTStatistics()
        do {
            try ByteInput(path: file ?? "-").readAll { part in
                if fold { ENTFolding.fold(part) }
                statistics.update(UnsafeRawBufferPointer(part))
            }
        } catch {
            throw Terminal.fail(error, ExitStatus.inputOutput)
        }
        let result = statistics.finish(bits ? .bit : .byte)
        let text =
            terse
            ? ENTText.values(result, occurrences: occurrences)
            : ENTText.prose(result, occurrences: occurrences)
        do {
            try text.withUnsafeBytes { try OutputFile(path: "-").write($0) }
        } catch {
            if errno == EPIPE { return }
            throw Terminal.fail(error, ExitStatus.inputOutput)
        }
    }
}
