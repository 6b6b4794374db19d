// The program people run: the daemon and the tools around it.
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import CProgramStart
internal import Entropy
internal import Glibc

@main
struct Wellspring: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wellspring",
        abstract: "Gathers noise, tests it, credits what was assessed, and delivers entropy.",
        discussion: """
            Exit statuses of all commands: 0 done, 1 failed, 2 refused by the health tests, 64 wrong command \
            line, 69 no daemon or no source, 74 reading or writing failed, 77 not permitted, 78 wrong \
            configuration. Shell completions: wellspring --generate-completion-script bash|zsh|fish.
            """,
        version: Version.current,
        subcommands: [
            RunCommand.self, StatusCommand.self, SourcesCommand.self, ReadCommand.self,
            CaptureCommand.self, AssessCommand.self, CutoffsCommand.self, ConditioningCommand.self,
            ReplayCommand.self, DrainCommand.self,
            DoctorCommand.self,
            RetestCommand.self, FeedCommand.self, KeyCommand.self,
            RngtestCommand.self,
            EntCommand.self,
            MigrateCommand.self,
        ]
    )

    static func main() {
        ws_program_restore_environment()
        // A reader that went away is an error of write(2), not a death.
        signal(SIGPIPE, SIG_IGN)
        main(nil)
    }
}
