// A command line run by /bin/sh in a process group of its own, which never outlives this process.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import Glibc
internal import LinuxSystem

/// One program at a time. Owns its process id and its pipes; ends the program when it is released.
///
/// A program that moves to another process group or session by itself escapes; a service manager's
/// control group holds those.
struct ChildProcess: ~Copyable {
    enum Ending: Equatable, CustomStringConvertible {
        case exited(Int32)
        case killed(Int32)
        /// It did not end although it was killed (it hangs in a driver).
        case lost

        var description: String {
            switch self {
            case .exited(let status): "exited with status \(status)"
            case .killed(let signal): "was ended by signal \(signal)"
            case .lost: "does not react to being killed"
            }
        }
    }

    private(set) var standardError: Int32 = -1
    private(set) var processID: pid_t = 0
    private var standardOutput: Int32 = -1
    /// The program's guard ends the whole group when the other end of this pipe is gone.
    private var lifeline: Int32 = -1

    var isRunning: Bool { processID > 0 }

    init() {}

    deinit {
        if processID > 0 { _ = Self.end(processID, grace: .zero) }
        for descriptor in [standardOutput, standardError, lifeline] where descriptor >= 0 {
            close(descriptor)
        }
    }

    /// Starts the command line. Returns an error number, 0 for success.
    mutating func start(_ commandLine: String) -> Int32 {
        precondition(!isRunning)
        guard let life = Pipe() else { return errno }
        guard let output = Pipe() else {
            life.close()
            return EMFILE
        }
        guard let errors = Pipe() else {
            life.close()
            output.close()
            return EMFILE
        }
        let error = spawn(commandLine, input: life.read, output: output.write, errors: errors.write)
        close(life.read)
        close(output.write)
        close(errors.write)
        guard error == 0 else {
            close(life.write)
            close(output.read)
            close(errors.read)
            return error
        }
        for descriptor in [output.read, errors.read] {
            _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        }
        (lifeline, standardOutput, standardError) = (life.write, output.read, errors.read)
        return 0
    }

    /// Gives the reading end of standard output away; it is non-blocking.
    mutating func takeStandardOutput() -> Int32 {
        defer { standardOutput = -1 }
        return standardOutput
    }

    mutating func closeStandardError() {
        if standardError >= 0 { close(standardError) }
        standardError = -1
    }

    /// Ends the whole group, first gently, and waits for it: below 0.5 s in every case.
    /// - Parameter isEnding: the program seems to end by itself and gets a moment to do so.
    mutating func stop(isEnding: Bool) -> Ending {
        let ending = Self.end(processID, grace: isEnding ? ownEnd : .zero)
        processID = 0
        if lifeline >= 0 { close(lifeline) }
        lifeline = -1
        if standardOutput >= 0 { close(takeStandardOutput()) }
        return ending
    }

    private mutating func spawn(
        _ commandLine: String,
        input: Int32,
        output: Int32,
        errors: Int32
    ) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, errors, 2)
        // A group of its own, no blocked signals, and no ignored ones (SIGPIPE above all).
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)
        )

        let words = ["/bin/sh", "-c", guardScript, "wellspring-command", commandLine]
        var arguments = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        return posix_spawn(&processID, "/bin/sh", &actions, &attributes, &arguments, environ)
    }

    /// Lets the group end by itself for `grace`, then asks it to, then kills what is left of it.
    private static func end(_ processID: pid_t, grace: Duration) -> Ending {
        // While the leader is not reaped its number stands for this group and no other.
        if !hasEnded(processID, within: grace) {
            kill(-processID, SIGTERM)
            _ = hasEnded(processID, within: politeEnd)
        }
        kill(-processID, SIGKILL)
        _ = hasEnded(processID, within: forcedEnd)
        var status: Int32 = 0
        guard waitpid(processID, &status, WNOHANG) == processID else { return .lost }
        return ws_wait_exited(status)
            ? .exited(ws_wait_exit_code(status)) : .killed(ws_wait_signal(status))
    }

    /// Whether the process ended within the given time. It is not reaped.
    private static func hasEnded(_ processID: pid_t, within patience: Duration) -> Bool {
        let deadline = SystemClock.awake + patience
        while true {
            var facts = siginfo_t()
            let result = waitid(P_PID, id_t(processID), &facts, WEXITED | WNOHANG | WNOWAIT)
            if result == 0 && facts.si_signo != 0 || result != 0 && errno != EINTR { return true }
            if SystemClock.awake >= deadline { return false }
            _ = ws_poll(nil, 0, endPollInterval.wholeNanoseconds)
        }
    }
}

/// A pipe whose ends close on exec.
private struct Pipe {
    let read: Int32
    let write: Int32

    init?() {
        var ends: [Int32] = [-1, -1]
        guard ws_pipe(&ends) == 0 else { return nil }
        (read, write) = (ends[0], ends[1])
    }

    func close() {
        Glibc.close(read)
        Glibc.close(write)
    }
}

/// Runs before the command, in the same group. A background shell waits for the end of the lifeline
/// (standard input here), which comes when this process is gone however it ended, and kills the
/// group. The first shell then becomes the command, without the lifeline.
private let guardScript = """
    exec 3<&0 </dev/null
    { read -r line <&3; kill -KILL 0; } >/dev/null 2>&1 &
    exec 3<&-
    exec /bin/sh -c "$1"
    """
/// Between the end of its output and its exit a program may tidy up.
private let ownEnd: Duration = .milliseconds(50)
/// A program that holds a device may let go of it in this time.
private let politeEnd: Duration = .milliseconds(200)
/// The kernel ends a killed program at once unless a driver holds it.
private let forcedEnd: Duration = .milliseconds(200)
private let endPollInterval: Duration = .milliseconds(2)
