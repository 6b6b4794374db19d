// `wellspring assess`: how much entropy samples support, and the evidence for it.
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Assessment
internal import AssessmentReport
internal import LinuxSystem

struct AssessCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "assess",
        abstract: "Estimate the entropy of samples, and write the evidence down.",
        discussion: """
            FILE holds one sample per byte, as `wellspring capture` records it; - is standard input. The \
            ten estimators of SP 800-90B give the min-entropy that the samples support at most. With \
            --source the samples are recorded first, restarts included.

              wellspring assess --source jitter --html jitter.html
              wellspring capture jitter -o idle.bin; wellspring assess idle.bin
              wellspring assess --compare idle.bin loaded.bin

            --claim is the submitter's estimate (H_submitter): the result is checked against it, and the \
            restart tests start from it. The result assists the collection of evidence and certifies nothing. Raw noise only: an \
            estimate of conditioned output says nothing about the entropy behind it.

            Exit status: 0 done, 1 the samples cannot be assessed, 2 they hold no entropy or a test failed, \
            64 wrong command line, 69 the source is unavailable, 74 reading or writing failed.
            """
    )

    @Argument(help: "Files of samples, one per byte.")
    var files: [String] = []

    @OptionGroup(title: "What is assessed") var input: AssessInputOptions

    @Option(
        help: "Suites, separated by commas: 90b, sts, ais31, fips140, ent, all.",
        transform: Suite.parse
    )
    var suite: [Suite] = [.sp80090B]

    @Flag(help: "Also test whether the samples are independent and identically distributed.")
    var iid = false

    @Option(help: "Restart data: 1,000 samples after each of 1,000 restarts.")
    var restart: String?

    @Flag(help: "Show two recordings side by side, such as idle and loaded.")
    var compare = false

    @Option(help: "Whose word counts where they differ: nist-tool or standard.")
    var reference = Reference.nistTool

    @OptionGroup(title: "What comes out") var output: AssessOutputOptions

    @OptionGroup(title: "Options of the source") var options: SourceOptions

    func validate() throws {
        guard
            files.isEmpty != (input.source == nil)
                || restart != nil && options.claim != nil && input.source == nil
        else {
            throw ValidationError(
                files.isEmpty
                    ? "Name the files to assess, or --source; --restart alone needs --claim."
                    : "Name either files or --source."
            )
        }
        if compare, files.count != 2 {
            throw ValidationError("--compare takes two files.")
        }
        if files.filter({ $0 == "-" }).count > 1 {
            throw ValidationError("Standard input can be read once only.")
        }
    }

    func run() throws {
        try Interruption.watch()
        do {
            try AssessmentRun(self).run()
        } catch let error as ExitCode {
            throw error
        } catch let error as NamedAssessmentError {
            throw Terminal.fail(error, error.exitStatus)
        } catch let error as InputError {
            throw Terminal.fail(error, ExitStatus.failure)
        } catch {
            throw Terminal.fail(error, ExitStatus.inputOutput)
        }
    }
}

/// Where the samples come from.
struct AssessInputOptions: ParsableArguments {
    @Option(help: "Width of a sample in bits, 1 to 8 (default: of the recording, or detected).")
    var bits: Int?

    @Option(help: "Leave out so many samples at the beginning of each file.")
    var skip = 0

    @Option(help: "Assess so many samples of each file (default: all).")
    var take: Int?

    @Flag(
        help: "The files hold the digits 0 and 1, blanks and new lines aside: samples of one bit."
    )
    var ascii = false

    @Option(help: "sts: bits of a stream.")
    var streamLength = 1_000_000

    @Option(help: "sts: streams, at most (default: as many as there are).")
    var streams: Int?

    @Flag(help: "ais31: procedure A takes single bit positions of the samples in turn, too.")
    var bitPositions = false

    @Option(help: "Record from this source first: see `wellspring sources`.")
    var source: String?

    @Option(name: [.customShort("n"), .long], help: "With --source: samples to record.")
    var samples = 1_000_000

    @Flag(inversion: .prefixedNo, help: "With --source: record 1,000 restarts, too.")
    var restarts = true

    @Option(help: "With --source: keep the recordings in this directory.")
    var keep: String?

    func validate() throws {
        if let bits, !(1...8).contains(bits) { throw ValidationError("--bits is 1 to 8.") }
        guard (1...1 << 30).contains(streamLength), streams ?? 1 > 0 else {
            throw ValidationError(
                "--stream-length is 1 to 1,073,741,824 bits, and --streams more than 0."
            )
        }
        guard skip >= 0, take ?? 1 > 0, samples > 0, samples <= 100_000_000 else {
            throw ValidationError(
                "--skip is 0 or more, --take more than 0, and --samples 1 to 100,000,000."
            )
        }
    }
}

/// What becomes of the result.
struct AssessOutputOptions: ParsableArguments {
    @Flag(help: "Print everything as JSON (docs/assessment.schema.json).")
    var json = false

    @Option(help: "Write a report with figures to this HTML file.")
    var html: String?

    @Flag(
        help: """
            Store the result, of which the daemon then credits this source. --claim states less than was \
            assessed.
            """
    )
    var saveProfile = false

    @Option(help: "Folder of the stored results (default: where this user's daemon looks).")
    var profiles: String?

    @Option(help: "Threads that compute (default: as many as processors).")
    var threads: Int?

    func validate() throws {
        guard (1...1024).contains(threads ?? 1) else {
            throw ValidationError("--threads is 1 to 1024.")
        }
    }
}

extension Reference: ExpressibleByArgument {}

/// A suite of tests, by its name on the command line.
enum Suite: String, CaseIterable {
    case sp80090B = "90b"
    case sts, ais31, fips140, ent

    static func parse(_ text: String) throws -> Self {
        guard let suite = Self(rawValue: text) else {
            let names = allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("There is no suite \(text). Known are: \(names), all.")
        }
        return suite
    }

    /// `90b,sts` or `all`.
    static func parse(_ text: String) throws -> [Self] {
        if text == "all" { return allCases }
        return try text.split(separator: ",").map { try parse(String($0)) }
    }
}
