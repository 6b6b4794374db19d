// Tests of programs as sources: well-behaved ones and all others.
// SPDX-License-Identifier: Apache-2.0

import Entropy
import Glibc
import NoiseSources
import Synchronization
import Testing
import WellspringTesting

@Suite(.timeLimit(.minutes(2)))
struct CommandSourceTests {
    private let directory = TemporaryDirectory()
    private let lines = Lines()

    private func source(
        _ commandLine: String?,
        silenceLimit: Duration = .seconds(30),
        delays: RestartDelays = quickDelays
    ) -> CommandSource {
        var settings = NoiseSourceSettings()
        settings.commandLine = commandLine
        settings.silenceLimit = silenceLimit
        settings.restartDelays = delays
        let lines = lines
        settings.lineHandler = LineHandler { lines.add($0) }
        return CommandSource(settings)
    }

    /// A command line that writes its process number to a file, then does `rest`.
    private func marked(_ rest: String) -> (commandLine: String, file: String) {
        let file = directory.file("pid")
        return ("echo $$ > \(file).new; mv \(file).new \(file); \(rest)", file)
    }

    @Test("output becomes samples")
    func output() throws {
        let source = source("printf '\\001\\377abc'; exec sleep 100")
        try source.open()
        defer { source.close() }
        #expect(try source.allSamples(5) == [1, 255, 0x61, 0x62, 0x63])
    }

    @Test("a flood fills the buffer and no more")
    func flood() throws {
        let source = source("exec cat /dev/zero")
        try source.open()
        defer { source.close() }
        #expect(try source.allSamples(300_000).allSatisfy { $0 == 0 })
    }

    @Test("a silent command is left when woken, and then ended with all it started")
    func woken() throws {
        let (commandLine, file) = marked("sleep 1000 & sleep 1000")
        let source = source(commandLine)
        try source.open()
        #expect(eventually { processNumber(in: file) != nil })
        let group = try #require(processNumber(in: file))
        #expect(try source.samplesWhenWoken(upTo: 10).isEmpty)
        #expect(!runningProcesses(ofGroup: group).isEmpty)
        source.close()
        #expect(eventually { runningProcesses(ofGroup: group).isEmpty })
    }

    @Test("a command that ignores being asked to end is killed")
    func stubborn() throws {
        let (commandLine, file) = marked("trap '' TERM INT HUP; while :; do sleep 1000; done")
        let source = source("trap '' TERM; " + commandLine)
        try source.open()
        #expect(eventually { processNumber(in: file) != nil })
        let group = try #require(processNumber(in: file))
        source.close()
        #expect(eventually { runningProcesses(ofGroup: group).isEmpty })
    }

    @Test("a source that is dropped without close ends its command")
    func dropped() throws {
        let (commandLine, file) = marked("exec sleep 1000")
        do {
            let source = source(commandLine)
            try source.open()
            #expect(eventually { processNumber(in: file) != nil })
        }
        let group = try #require(processNumber(in: file))
        #expect(eventually { runningProcesses(ofGroup: group).isEmpty })
    }

    @Test("when this process is killed its command ends too")
    func orphaned() async throws {
        let (commandLine, file) = marked("sleep 1000 & sleep 1000")
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [commandLine = commandLine as String, file = file as String] in
            var settings = NoiseSourceSettings()
            settings.commandLine = commandLine
            let source = CommandSource(settings)
            try source.open()
            eventually { processNumber(in: file) != nil }
            kill(getpid(), SIGKILL)
        }
        let group = try #require(processNumber(in: file))
        #expect(eventually { runningProcesses(ofGroup: group).isEmpty })
    }

    @Test(
        "a command that ends is named with its status and started again",
        arguments: [
            ("exit 3", "exited with status 3"), ("exit 0", "exited with status 0"),
            ("kill -9 $$", "was ended by signal 9"), ("/no/such/program", "exited with status 127"),
        ]
    )
    func ends(commandLine: String, ending: String) throws {
        let count = directory.file("count")
        let source = source("printf x >> \(count); " + commandLine)
        try source.open()
        defer { source.close() }
        for round in 1...3 {
            let error = #expect(throws: NoiseSourceError.self) { try source.samples(upTo: 10) }
            #expect(error?.code == .endOfData)
            #expect(error?.reason == "the command \(ending)")
            #expect(text(of: count).count == round)
        }
    }

    @Test("output before the end is not lost")
    func outputThenEnd() throws {
        let source = source("printf abc")
        try source.open()
        defer { source.close() }
        #expect(try source.allSamples(3) == [0x61, 0x62, 0x63])
        #expect(throws: NoiseSourceError.self) { try source.samples(upTo: 10) }
    }

    @Test("the restart delay is kept over close and open, and ends when woken")
    func delay() throws {
        let count = directory.file("count")
        let source = source("printf x >> \(count); exit 1", delays: .standard)
        try source.open()
        let error = #expect(throws: NoiseSourceError.self) { try source.samples(upTo: 10) }
        #expect(error?.hint?.contains("in 1 s") == true)
        source.close()
        try source.open()
        let wake = WakeEvent()
        wake.signal()
        #expect(try source.samples(upTo: 10, wake: wake).isEmpty)
        #expect(text(of: count).count == 1)
        source.close()
    }

    @Test("a command that says nothing is named and can be started again")
    func silent() throws {
        let source = source("exec sleep 1000", silenceLimit: .milliseconds(20))
        for _ in 0..<2 {
            try source.open()
            let error = #expect(throws: NoiseSourceError.self) { try source.samples(upTo: 10) }
            #expect(error?.code == .silent)
            source.close()
        }
    }

    @Test("lines of standard error are handed over")
    func standardError() throws {
        let source = source("echo first >&2; printf 'a\\033[1mb\\nlast' >&2; exit 1")
        try source.open()
        defer { source.close() }
        #expect(throws: NoiseSourceError.self) { try source.samples(upTo: 10) }
        #expect(lines.all == ["first", "a?[1mb", "last"])
    }

    @Test("a flood on standard error neither holds the thread nor fills the log")
    func standardErrorFlood() throws {
        let source = source(
            "while :; do echo flood; done >&2",
            silenceLimit: .milliseconds(50)
        )
        try source.open()
        let error = #expect(throws: NoiseSourceError.self) { try source.samples(upTo: 10) }
        #expect(error?.code == .silent)
        source.close()
        #expect(lines.all.count { $0 == "flood" } == 10)
        // The ten lines, the count of the others, and at most a cut last line.
        #expect(lines.all.count <= 12)
    }

    @Test("a command line is needed")
    func none() {
        let error = #expect(throws: NoiseSourceError.self) { try source(nil).open() }
        #expect(error?.code == .invalidSetting)
        #expect(
            CommandSource.availability(NoiseSourceSettings())
                == .unavailable(reason: "no command line is configured")
        )
    }
}

struct RestartDelaysTests {
    @Test("delays double up to five minutes and start anew after a settled run")
    func delays() {
        var delays = RestartDelays.standard
        let seconds = (0..<11).map { _ in delays.delay(afterRunOf: .seconds(59)).components.seconds
        }
        #expect(seconds == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300])
        #expect(delays.delay(afterRunOf: .seconds(60)) == .seconds(1))
        #expect(delays.delay(afterRunOf: .zero) == .seconds(2))
    }
}

private final class Lines: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    func add(_ line: String) { lines.withLock { $0.append(line) } }
}

private let quickDelays = RestartDelays(
    first: .milliseconds(1),
    longest: .milliseconds(2),
    settledRun: .seconds(60)
)

private func text(of path: String) -> String {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return "" }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 1024)
    let count = read(file, &bytes, bytes.count)
    return String(decoding: bytes[..<max(0, count)], as: UTF8.self)
}

private func processNumber(in path: String) -> pid_t? {
    text(of: path).split(separator: "\n").first.flatMap { pid_t($0) }
}

/// The processes of a group that are not zombies, from /proc (proc(5): state and group are the
/// first and third field after the name in parentheses).
private func runningProcesses(ofGroup group: pid_t) -> [pid_t] {
    guard let directory = opendir("/proc") else { return [] }
    defer { closedir(directory) }
    var found: [pid_t] = []
    while let entry = readdir(directory) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        guard let number = pid_t(name) else { continue }
        let status = text(of: "/proc/\(name)/stat")
        guard let end = status.lastIndex(of: ")") else { continue }
        let fields = status[end...].split(separator: " ")
        if fields.count > 3, fields[3] == "\(group)", fields[1] != "Z" { found.append(number) }
    }
    return found
}
