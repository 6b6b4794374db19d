// The command line: help, mistakes, and the check of a configuration.
// SPDX-License-Identifier: Apache-2.0

import Testing

extension EndToEnd {
    @Suite struct CommandLineTests {
        private static let commands = [
            "run", "status", "sources", "read", "capture", "replay", "drain", "doctor",
            "retest", "feed", "migrate",
        ]

        @Test("every command explains itself, with its exit statuses", arguments: commands)
        func help(command: String) throws {
            let outcome = try Workplace().run([command, "--help"])
            #expect(outcome.status == 0)
            #expect(outcome.text.contains("USAGE: wellspring \(command)"))
            #expect(outcome.text.contains("Exit status: 0"))
            #expect(outcome.errors.isEmpty)
        }

        @Test("the program lists all its commands")
        func overview() throws {
            let outcome = try Workplace().run(["--help"])
            #expect(outcome.status == 0)
            for command in Self.commands { #expect(outcome.text.contains("  \(command) ")) }
        }

        @Test(
            "an unknown command, option or value ends with 64 and a message",
            arguments: [
                ["bogus"], ["--bogus"], ["run", "--bogus"], ["status", "extra"],
                ["sources", "--time", "0"], ["sources", "--time", "many"], ["read"],
                ["read", "many"], ["read", "16", "--endless"],
                ["read", "16", "--source", "jitter"],
                ["read", "16", "--quality", "best"], ["capture", "jitter"],
                ["capture", "jitter", "-n", "0", "-o", "x"], ["capture", "bogus", "-o", "x"],
                ["capture", "jitter", "--claim", "9", "-o", "x"],
                ["capture", "havege", "--copies", "0", "-o", "x"], ["replay", "jitter"],
                ["replay", "bogus", "x"], ["replay", "jitter", "x", "--sample-bytes", "3"],
                ["replay", "jitter", "x", "--sample-bits", "9"],
                ["replay", "jitter", "x", "--claim", "0"], ["drain", "--size", "0"],
                ["drain", "--block", "0"], ["drain", "--time", "0"], ["doctor", "--bogus"],
                ["drain", "tcp://host"], ["read", "16", "--socket", "tcp://:1"],
                ["capture", "egd", "--upstream", "unix:egd", "-o", "x"],
            ]
        )
        func mistakes(arguments: [String]) throws {
            let place = Workplace()
            let outcome = try place.run(arguments)
            #expect(outcome.status == 64)
            #expect(outcome.errors.hasPrefix("Error: "))
            #expect(outcome.bytes.isEmpty)
            #expect(place.contents.isEmpty)
        }

        @Test("run --check accepts a good file and starts nothing")
        func goodFile() throws {
            let daemon = RunningDaemon()
            let outcome = try daemon.place.run(["run", "--check", "--config", daemon.configuration])
            #expect(outcome.status == 0)
            #expect(outcome.text == "\(daemon.configuration) is right\n")
            #expect(daemon.place.contents == ["wellspring.yaml"])
        }

        @Test(
            "a broken file ends with 78, whoever reads it; all its errors are shown with their places",
            arguments: [["run", "--check"], ["run"], ["capture", "jitter", "-o", "x"]]
        )
        func brokenFile(arguments: [String]) throws {
            let place = Workplace()
            let file = place.write(
                "reservoir:\n  size: 64kib\ncredits:\n  minimum-sources: 1\n",
                to: "broken.yaml"
            )
            let outcome = try place.run(arguments + ["--config", file])
            #expect(outcome.status == 78)
            #expect(outcome.errors.contains("\(file):2:9: reservoir.size: "))
            #expect(outcome.errors.contains("\(file):3:1: credits: "))
            #expect(outcome.bytes.isEmpty)
            #expect(place.contents == ["broken.yaml"])
        }

        @Test(
            "a named file that is missing or a directory ends with 78",
            arguments: [["run", "--check"], ["run"]],
            ["missing.yaml", "."]
        )
        func missingFile(arguments: [String], name: String) throws {
            let place = Workplace()
            let outcome = try place.run(arguments + ["--config", place.file(name)])
            #expect(outcome.status == 78)
            #expect(outcome.errors.contains(place.file(name)))
        }

        @Test("output on a full disk ends with 74", arguments: [["--help"], ["doctor"]])
        func fullDisk(arguments: [String]) throws {
            // ArgumentParser prints its help with print(), which hides errors.
            let expected: Int32 = arguments == ["--help"] ? 0 : 74
            let outcome = try Workplace().run(arguments, output: .file("/dev/full"))
            #expect(outcome.status == expected)
        }

        @Test("completions for three shells are generated", arguments: ["bash", "zsh", "fish"])
        func completions(shell: String) throws {
            let outcome = try Workplace().run(["--generate-completion-script", shell])
            #expect(outcome.status == 0)
            #expect(outcome.text.contains("replay"))
        }
    }
}
