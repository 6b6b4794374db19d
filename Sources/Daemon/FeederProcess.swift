// The feeder as a child of the daemon: started with privileges, then heard through a pipe.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import Glibc
internal import LinuxSystem

/// What the feeder last said: lines of `key=value`, as `wellspring-feeder --report-fd` writes them.
struct FeederFacts: Equatable {
    var state = "starting"
    var feeds = 0
    var creditedBits = 0
    var lastFeed: Duration?
    var entropyAvailable: Int?

    /// Takes one line in. Unknown events and keys are ignored: a newer feeder may say more.
    mutating func read(line: Substring, at now: Duration) {
        let fields = LogfmtLine(line)
        switch fields["event"] {
        case "fed":
            state = "feeding"
            feeds += 1
            let bits = max(0, fields["bits"].flatMap { Int($0) } ?? 0)
            creditedBits += min(bits, Int.max - creditedBits)
            lastFeed = now
            entropyAvailable = fields["entropy-avail"].flatMap { Int($0) }
        case "not-permitted":
            state = "serving only: the kernel refused credit (EPERM)"
        case "upstream-lost":
            state = "waiting for the daemon's socket: \(fields["reason"] ?? "no reason given")"
        case "worker-restarted":
            state = "restarted after a crash: \(fields["reason"] ?? "no reason given")"
        default:
            break
        }
    }
}

/// `key=value key="value with spaces"`, as logfmt has it; in quotes a backslash stands before a quote
/// or a backslash. Of a key that comes twice the first counts, so that no value can pose as another key.
struct LogfmtLine {
    private var values: [String: String] = [:]

    init(_ line: Substring) {
        var rest = line[...]
        while let equals = rest.firstIndex(of: "=") {
            let key = rest[..<equals].drop { $0 == " " }
            rest = rest[rest.index(after: equals)...]
            let value: String
            if rest.first == "\"" {
                rest.removeFirst()
                value = Self.takeQuoted(from: &rest)
            } else {
                value = String(rest.prefix { $0 != " " })
                rest = rest.dropFirst(value.count)
            }
            if values[String(key)] == nil { values[String(key)] = value }
        }
    }

    /// Up to the closing quote or the end of the line, which both are consumed.
    private static func takeQuoted(from rest: inout Substring) -> String {
        var value = ""
        var isEscaped = false
        while let character = rest.popFirst() {
            if !isEscaped, character == "\"" { break }
            isEscaped = !isEscaped && character == "\\"
            if !isEscaped { value.append(character) }
        }
        return value
    }

    subscript(key: String) -> String? { values[key] }
}

/// A started feeder. The daemon cannot start it again once its own privileges are gone, so the
/// feeder restarts its own worker (`--keep-alive`), and its end is a fact that status shows.
struct FeederProcess: ~Copyable {
    let processID: pid_t
    /// Read end of the report pipe, non-blocking.
    private(set) var report: Int32
    private(set) var facts = FeederFacts()
    private var partialLine: [UInt8] = []

    /// Starts `executable` with the report pipe as descriptor 3.
    init(executable: String, arguments: [String]) throws(SystemError) {
        var ends: [Int32] = [-1, -1]
        guard ws_pipe(&ends) == 0 else { throw SystemError("create a pipe for the feeder") }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 3)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var pointers = ([executable] + arguments + ["--report-fd", "3"]).map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        var child = pid_t()
        let code = posix_spawn(&child, executable, &actions, &attributes, &pointers, environ)
        close(ends[1])
        guard code == 0 else {
            close(ends[0])
            throw SystemError(
                "start \(executable)",
                code: code,
                hint: "Is wellspring-feeder installed beside wellspring?"
            )
        }
        processID = child
        report = ends[0]
        _ = fcntl(report, F_SETFL, O_NONBLOCK)
    }

    deinit { if report >= 0 { close(report) } }

    /// Reads what the feeder said. False at the end of the pipe: the feeder is gone.
    mutating func readReport(at now: Duration) -> Bool {
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(report, &chunk, chunk.count)
            if count == 0 { return false }
            guard count > 0 else { return errno == EAGAIN || errno == EINTR }
            partialLine += chunk[0..<count]
            while let end = partialLine.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: partialLine[..<end], as: UTF8.self)
                facts.read(line: line[...], at: now)
                partialLine.removeFirst(end + 1)
            }
            if partialLine.count > longestLine { partialLine.removeAll() }
        }
    }

    /// Collects the exit status and puts the reason into the facts.
    mutating func waitForEnd(atMost patience: Duration) {
        var status: Int32 = 0
        let deadline = SystemClock.now + patience
        while waitpid(processID, &status, WNOHANG) == 0 {
            guard SystemClock.now < deadline else {
                facts.state = "the feeder does not end"
                return
            }
            // SIGCHLD is blocked and wakes nobody here; a feeder ends within milliseconds.
            poll(nil, 0, 5)
        }
        let how =
            ws_wait_exited(status)
            ? "ended with status \(ws_wait_exit_code(status))"
            : "was killed by signal \(ws_wait_signal(status))"
        if !facts.state.hasPrefix("serving only") {
            facts.state = "the feeder \(how); restart wellspring to feed the kernel again"
        }
    }

    /// Asks the feeder to end: it does when nobody reads its reports. A signal might not do, for a
    /// feeder of another make may run as another user than the daemon that gave its privileges up.
    mutating func hangUp() {
        close(report)
        report = -1
    }
}

/// Bytes; a report line is under 200.
private let longestLine = 4096
