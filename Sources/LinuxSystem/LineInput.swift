// One line from a person, a pipe or a file; from a terminal without showing it (termios(3)).
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import Glibc

package enum LineInput {
    package enum Outcome: Equatable, Sendable {
        /// A line of so many bytes, or what there was before the input ended.
        case line(byteCount: Int)
        /// `wake` became readable first.
        case woken
        /// The line does not fit.
        case tooLong
    }

    /// Reads from `descriptor` into `memory` up to a line feed, which is not counted, or to the end. What
    /// follows the line may be read, too, and is lost. `wake` may be -1; errors call the input `name`.
    package static func read(
        from descriptor: Int32,
        named name: String,
        into memory: UnsafeMutableRawBufferPointer,
        wake: Int32
    ) throws(SystemError) -> Outcome {
        var count = 0
        while true {
            // A regular file is always ready. A terminal may have lost its input between the two calls,
            // so a wait that was woken never reads.
            if waitForInput(descriptor, wake: wake, until: .seconds(Int64.max / 2)) == .woken {
                return .woken
            }
            guard count < memory.count else { return .tooLong }
            let rest = UnsafeMutableRawBufferPointer(rebasing: memory[count...])
            let received = Glibc.read(descriptor, rest.baseAddress, rest.count)
            if received < 0 && (errno == EINTR || errno == EAGAIN) { continue }
            guard received >= 0 else { throw SystemError("read \(name)") }
            if received == 0 { return .line(byteCount: count) }
            if let end = memory[count..<count + received].firstIndex(of: UInt8(ascii: "\n")) {
                return .line(byteCount: end)
            }
            count += received
        }
    }

    /// The same from a terminal that asks `question` and does not show what is typed. The terminal is set
    /// back before this returns, whatever happens: signals from its keys wait until then, and those
    /// that `wake` stands for end the wait.
    package static func readHidden(
        from terminal: Int32,
        asking question: String,
        into memory: UnsafeMutableRawBufferPointer,
        wake: Int32
    ) throws(SystemError) -> Outcome {
        var (held, before) = (sigset_t(), sigset_t())
        sigemptyset(&held)
        for signal in [SIGHUP, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU] { sigaddset(&held, signal) }
        pthread_sigmask(SIG_BLOCK, &held, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }

        var settings = termios()
        guard tcgetattr(terminal, &settings) == 0 else { throw SystemError("set up the terminal") }
        var hidden = settings
        hidden.c_lflag &= ~tcflag_t(ECHO | ECHONL)
        hidden.c_lflag |= tcflag_t(ICANON | ISIG)
        // What was typed before the question is no answer to it.
        guard tcsetattr(terminal, TCSAFLUSH, &hidden) == 0 else {
            throw SystemError("hide what is typed at the terminal")
        }
        defer {
            tcsetattr(terminal, TCSAFLUSH, &settings)
            // The line feed that ended the line was not shown either.
            say("\n", to: terminal)
        }
        say(question, to: terminal)
        return try read(from: terminal, named: "the terminal", into: memory, wake: wake)
    }

    private static func say(_ text: String, to terminal: Int32) {
        var text = text
        text.withUTF8 { _ = write(terminal, $0.baseAddress, $0.count) }
    }
}
