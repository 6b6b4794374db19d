// The strict command line of wellspring-feeder.
// SPDX-License-Identifier: Apache-2.0

import Feeder
import Testing

@Suite struct FeederCommandTests {
    @Test("without arguments it runs with its defaults")
    func defaults() throws {
        let options = FeederOptions()
        #expect(try FeederCommand(arguments: []) == .run(options))
        #expect(options.supply == .egd(path: "/run/wellspring/egd.sock"))
        #expect(options.interval == .seconds(60))
        #expect(options.blockByteCount == 64)
        #expect(options.credit == .assessed)
    }

    @Test("every option is understood, as two words or joined")
    func everyOption() throws {
        var expected = FeederOptions()
        expected.supply = .egd(path: "/tmp/x.sock")
        expected.interval = .seconds(7)
        expected.blockByteCount = 512
        expected.credit = .bitsPerByte(2.5)
        expected.keepAlive = true
        expected.reportDescriptor = 3
        expected.user = "wellspring"
        expected.verbose = true
        let words = [
            "--from", "/tmp/x.sock", "--interval=7", "--block", "512", "--credit=2.5",
            "--keep-alive", "--report-fd", "3", "--user=wellspring", "--verbose",
        ]
        #expect(try FeederCommand(arguments: words) == .run(expected))
    }

    @Test("--once takes the cpu unless told otherwise")
    func once() throws {
        var expected = FeederOptions()
        expected.once = true
        expected.supply = .cpu
        #expect(try FeederCommand(arguments: ["--once"]) == .run(expected))
        expected.supply = .egd(path: "/a")
        #expect(try FeederCommand(arguments: ["--from", "/a", "--once"]) == .run(expected))
    }

    @Test("help and version come before anything else is judged")
    func help() throws {
        #expect(try FeederCommand(arguments: ["--help"]) == .showHelp)
        #expect(try FeederCommand(arguments: ["--version"]) == .showVersion)
    }

    @Test(
        "what makes no sense is refused, naming the option",
        arguments: [
            (["--bogus"], "--bogus"), (["stray"], "stray"), ([""], "stands alone"),
            (["--from"], "--from needs a value"), (["--from="], "--from needs a value"),
            (["--from", "relative"], "absolute path"),
            (["--from", "/" + String(repeating: "x", count: 107)], "107 bytes"),
            (["--interval", "0"], "--interval 0"), (["--interval", "86401"], "86400"),
            (["--interval", "1.5"], "--interval 1.5"), (["--interval", "-1"], "--interval -1"),
            (["--interval", "99999999999999999999"], "--interval"),
            (["--block", "31"], "32 to 512"), (["--block", "513"], "32 to 512"),
            (["--credit", "0"], "--credit 0"), (["--credit", "8.01"], "above 0 up to 8"),
            (["--credit", "nan"], "--credit nan"), (["--credit", "0x1p1"], "--credit"),
            (["--credit", "1.2.3"], "--credit"), (["--credit", "all"], "assessed"),
            (["--report-fd", "0"], "--report-fd"), (["--report-fd", "1024"], "1023"),
            (["--user", "a/b"], "--user"), (["--once=yes"], "--once takes no value"),
            (["--verbose", "--verbose"], "given twice"),
            (["--from", "/a", "--from=/b"], "--from is given twice"),
            (["--once", "--credit", "none"], "--credit none"),
            (["--once", "--keep-alive"], "exclude each other"),
        ]
    )
    func refusals(words: [String], told: String) {
        let error = #expect(throws: UsageError.self) { _ = try FeederCommand(arguments: words) }
        #expect(error?.description.contains(told) == true)
    }

    @Test("the help names every exit status and every option")
    func helpText() {
        for status in ["0 ", "1 ", "2 ", "64 ", "69 ", "77 "] {
            #expect(feederHelp.contains("\n  \(status)"))
        }
        for option in [
            "--from PATH", "--from cpu", "--once", "--interval", "--block", "--credit",
            "--keep-alive", "--report-fd", "--user", "--verbose", "--version", "--help",
        ] {
            #expect(feederHelp.contains(option))
        }
        #expect(feederHelp.split(separator: "\n").allSatisfy { $0.count <= 100 })
    }
}
