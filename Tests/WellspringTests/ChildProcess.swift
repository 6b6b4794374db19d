// A program under test as a child process, with its standard streams, always killed and reaped.
// SPDX-License-Identifier: Apache-2.0

import CWellspring
import Glibc
import Testing

/// One started program. Used by one thread.
final class ChildProcess {
    enum Stream {
        /// /dev/null.
        case null
        /// Read by ``pump(limit:until:)``; nothing for standard input.
        case pipe
        /// An existing file or device, or one to be made.
        case file(String)
        case descriptor(Int32)
    }

    /// -1 after the end.
    private(set) var id: pid_t = -1
    private(set) var output: [UInt8] = []
    private(set) var errors: [UInt8] = []
    /// Exit status, or 128 + signal; nil while it runs.
    private(set) var status: Int32?
    private var outputReader: Int32 = -1
    private var errorReader: Int32 = -1

    /// Starts `words`, the first of which is looked up in PATH. `descriptors` are its 3, 4, and so on.
    init(
        _ words: [String],
        environment: [String],
        input: Stream = .null,
        output: Stream = .pipe,
        errors: Stream = .pipe,
        descriptors: [Int32] = []
    ) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        var writers: [Int32] = []
        for (number, stream) in [input, output, errors].enumerated() {
            let target = Int32(number)
            switch stream {
            case .null:
                posix_spawn_file_actions_addopen(&actions, target, "/dev/null", O_RDWR, 0)
            case .file(let path):
                let flags = target == 0 ? O_RDONLY : O_WRONLY | O_CREAT | O_APPEND
                posix_spawn_file_actions_addopen(&actions, target, path, flags, 0o600)
            case .descriptor(let descriptor):
                posix_spawn_file_actions_adddup2(&actions, descriptor, target)
            case .pipe:
                var ends: [Int32] = [-1, -1]
                try #require(ws_pipe(&ends) == 0)
                posix_spawn_file_actions_adddup2(&actions, ends[1], target)
                writers.append(ends[1])
                if target == 1 { outputReader = ends[0] } else { errorReader = ends[0] }
            }
        }
        // Moved out of the way first: a target may be another's source.
        let moved = descriptors.map { fcntl($0, F_DUPFD_CLOEXEC, 500) }
        defer { for descriptor in moved { close(descriptor) } }
        for (index, descriptor) in moved.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(3 + index))
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)
        )
        var argv = words.map { strdup($0) } + [nil]
        var envp = environment.map { strdup($0) } + [nil]
        let result = posix_spawnp(&id, words[0], &actions, &attributes, &argv, &envp)
        for pointer in argv + envp { free(pointer) }
        for writer in writers { close(writer) }
        if result != 0 { id = -1 }
        try #require(result == 0, "cannot start \(words[0])")
    }

    deinit {
        if id > 0 {
            kill(id, SIGKILL)
            waitpid(id, nil, 0)
        }
        closeOutput()
        if errorReader >= 0 { close(errorReader) }
    }

    /// Reads what it writes until `condition` holds; false after `limit`.
    @discardableResult
    func pump(limit: Duration = .seconds(30), until condition: () -> Bool) -> Bool {
        waitUntil(limit: limit, step: { self.step() }, condition)
    }

    /// Waits for its end and reads all it writes. Nil, and it is killed, after `limit`.
    @discardableResult
    func finish(limit: Duration = .seconds(30)) -> Int32? {
        let ended = pump(limit: limit) {
            collect()
            return status != nil
        }
        guard ended else {
            kill(id, SIGKILL)
            waitpid(id, nil, 0)
            id = -1
            return nil
        }
        pump(limit: .seconds(5)) { outputReader < 0 && errorReader < 0 }
        return status
    }

    func signal(_ number: Int32) { if id > 0 { kill(id, number) } }

    /// Goes away as a reader.
    func closeOutput() {
        if outputReader >= 0 { close(outputReader) }
        outputReader = -1
    }

    var isRunning: Bool {
        collect()
        return status == nil
    }

    /// Its children, such as the feeder.
    var children: [pid_t] { childrenOf(id) }

    private func collect() {
        var raw: Int32 = 0
        guard id > 0, waitpid(id, &raw, WNOHANG) == id else { return }
        id = -1
        status = ws_wait_exited(raw) ? ws_wait_exit_code(raw) : 128 + ws_wait_signal(raw)
    }

    private func step() {
        let readers = [outputReader, errorReader].filter { $0 >= 0 }
        var polled = readers.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        // 10 ms: a condition may depend on what no descriptor here shows.
        poll(&polled, nfds_t(polled.count), 10)
        for entry in polled where entry.revents != 0 {
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = read(entry.fd, &buffer, buffer.count)
            if entry.fd == outputReader {
                if count > 0 { output += buffer[..<count] } else { closeOutput() }
            } else if count > 0 {
                errors += buffer[..<count]
            } else {
                close(errorReader)
                errorReader = -1
            }
        }
    }
}

/// Repeats `step` until `condition` holds; false after `limit`.
@discardableResult
func waitUntil(
    limit: Duration = .seconds(30),
    step: () -> Void = { poll(nil, 0, 5) },
    _ condition: () -> Bool
) -> Bool {
    let clock = ContinuousClock()
    let end = clock.now + limit
    while !condition() {
        guard clock.now < end else { return false }
        step()
    }
    return true
}

func childrenOf(_ process: pid_t) -> [pid_t] {
    String(decoding: bytesOfFile("/proc/\(process)/task/\(process)/children"), as: UTF8.self)
        .split(separator: " ").compactMap { pid_t($0) }
}

func bytesOfFile(_ path: String) -> [UInt8] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return [] }
    defer { close(file) }
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = read(file, &buffer, buffer.count)
        guard count > 0 else { return all }
        all += buffer[..<count]
    }
}

func writeFile(_ path: String, _ bytes: [UInt8]) {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { return }
    var done = 0
    while done < bytes.count {
        let count = bytes[done...].withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
        guard count > 0 else { break }
        done += count
    }
    close(file)
}
