// `wellspring rngtest`: the tests of FIPS 140-2 on a stream, with the command line of Debian's rngtest.
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Entropy
internal import Glibc
internal import LinuxSystem
internal import StatisticalTests

struct RngtestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rngtest",
        abstract: "Test blocks of 20,000 bits from standard input with the tests of FIPS 140-2.",
        discussion: """
            Takes the options of Debian's rngtest (rng-tools 5) and writes the same lines to standard error. \
            The first 32 bits only start the continuous test; with --pipe 32 bits before them are dropped.

            The counts are those of the standard (FIPS 140-2, change notice of 2001-10-10). Debian's rngtest \
            differs: where a block's first bit is not the last bit of the block before, it adds 1 to the poker \
            count of the value 15 (first bit 0) or to the long runs of zeros (first bit 1), and it files all runs of a \
            block but the last under the opposite bit. Its failures of poker and runs differ by that.

            Good data fails about 8 blocks of 10,000. Passing says nothing about unpredictability.

            Exit status: 0 blocks were tested and all passed, 1 blocks failed or there was none, 10 wrong \
            options, 11 reading or writing failed, 64 a command line that cannot be parsed.
            """
    )

    @Option(
        name: [.customShort("c", allowingJoined: true), .customLong("blockcount")],
        help: ArgumentHelp("Stop after n blocks (0: never).", valueName: "n")
    )
    var blockCount = "0"

    @Option(
        name: [.customShort("b", allowingJoined: true), .customLong("blockstats")],
        help: ArgumentHelp("Write statistics every n blocks (0: never).", valueName: "n")
    )
    var blockStatistics = "0"

    @Option(
        name: [.customShort("t", allowingJoined: true), .customLong("timedstats")],
        help: ArgumentHelp("Write statistics every n seconds (0: never).", valueName: "n")
    )
    var timedStatistics = "0"

    @Flag(name: .shortAndLong, help: "Write the good blocks to standard output, say little.")
    var pipe = false

    @Flag(name: .customShort("V"), help: "Show the version.")
    var showsVersion = false

    @Argument(parsing: .allUnrecognized, help: .hidden)
    var surplus: [String] = []

    func run() throws {
        if showsVersion {
            Terminal.print("rngtest (Wellspring) \(Version.current)")
            return
        }
        if let word = surplus.first {
            throw Self.refuse(
                word.hasPrefix("-") ? "unrecognized option '\(word)'" : "Too many arguments"
            )
        }
        let session = RngtestSession(
            blockLimit: try number(blockCount, "blockcount"),
            blocksPerReport: try number(blockStatistics, "blockstats"),
            secondsPerReport: try number(timedStatistics, "timedstats"),
            isPipe: pipe
        )
        do {
            try Interruption.watch()
        } catch {
            throw Terminal.fail(error, ExitCode(12))
        }
        let status = session.run()
        if status != 0 { throw ExitCode(status) }
    }

    /// A number as C writes it: decimal, 0x hexadecimal, 0 octal.
    private func number(_ text: String, _ option: String) throws -> Int {
        var end: UnsafeMutablePointer<CChar>?
        let (value, isWhole) = text.withCString { start in
            errno = 0
            let value = strtol(start, &end, 0)
            return (value, end.map { $0 > start && $0.pointee == 0 } ?? false)
        }
        guard isWhole, errno == 0, value >= 0 else {
            throw Self.refuse("--\(option) takes a number of 0 or more, not '\(text)'")
        }
        return value
    }

    private static func refuse(_ reason: String) -> ExitCode {
        Terminal.note("rngtest: \(reason)\nTry `wellspring rngtest --help' for more information.")
        return ExitCode(10)
    }
}
