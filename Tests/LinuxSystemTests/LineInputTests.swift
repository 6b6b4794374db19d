// Lines from pipes, files and a terminal, which must be as before whatever happens.
// SPDX-License-Identifier: Apache-2.0

import CWellspring
import Glibc
import LinuxSystem
import Synchronization
import Testing
import WellspringTesting

@Suite("LineInput")
struct LineInputTests {
    @Test(
        "a pipe gives its first line, or all where no line ends",
        arguments: [
            ("secret\n", "secret"), ("secret", "secret"), ("\n", ""), ("", ""),
            ("one\ntwo\n", "one"), ("a b\tc\r\n", "a b\tc\r"),
        ]
    )
    func pipe(text: String, line: String) throws {
        #expect(try read(text) == line)
    }

    @Test("a line that comes in pieces is one line")
    func pieces() throws {
        var ends: [Int32] = [-1, -1]
        try #require(ws_pipe(&ends) == 0)
        let (reader, writer) = (ends[0], ends[1])
        defer { close(reader) }
        let worker = Worker {
            for piece in ["4b", "75", "6a\n"] { send(piece, to: writer) }
            close(writer)
        }
        defer { worker.join() }
        #expect(try line(from: reader) == "4b756a")
    }

    @Test(
        "a line may fill the memory but for its end, and no more",
        arguments: [(15, true), (16, false)]
    )
    func length(count: Int, fits: Bool) throws {
        let text = String(repeating: "x", count: count)
        #expect(try read(text + "\n", room: 16) == (fits ? text : "too long"))
    }

    @Test("a folder is an error")
    func folder() throws {
        let descriptor = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { close(descriptor) }
        let error = #expect(throws: SystemError.self) { try line(from: descriptor) }
        #expect(error?.description == "cannot read it: Is a directory.")
    }

    @Test("a wake-up ends the wait")
    func woken() throws {
        var ends: [Int32] = [-1, -1]
        try #require(ws_pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        let wake = try EventDescriptor()
        wake.signal()
        #expect(try line(from: ends[0], wake: wake.descriptor) == "woken")
    }

    @Test("what is typed at a terminal is read and not shown, and the terminal is as before")
    func hidden() throws {
        let terminal = try PersonAtTerminal()
        let before = terminal.settings
        let typist = terminal.type("S3VqD34V MXas\n", after: "Master key: ")
        #expect(try terminal.ask("Master key: ") == "S3VqD34V MXas")
        typist.join()
        #expect(terminal.shown == "Master key: \r\n")
        #expect(terminal.settings == before)
    }

    @Test("what was typed before the question is no answer")
    func typedAhead() throws {
        let terminal = try PersonAtTerminal()
        terminal.typeAhead("too early\n")
        let typist = terminal.type("answer\n", after: "? ")
        #expect(try terminal.ask("? ") == "answer")
        typist.join()
    }

    @Test("end of input at the question is an empty line")
    func endOfInput() throws {
        let terminal = try PersonAtTerminal()
        let before = terminal.settings
        let typist = terminal.type("\u{4}", after: "? ")
        #expect(try terminal.ask("? ") == "")
        typist.join()
        #expect(terminal.settings == before)
    }

    @Test("a wake-up in the middle of typing sets the terminal back")
    func interrupted() throws {
        let terminal = try PersonAtTerminal()
        let before = terminal.settings
        let wake = try EventDescriptor()
        let typist = terminal.type("half of a sec", after: "? ") { wake.signal() }
        #expect(try terminal.ask("? ", wake: wake.descriptor) == "woken")
        typist.join()
        #expect(terminal.settings == before)
        #expect(terminal.shown == "? \r\n")
    }

    @Test("a terminal that is hung up ends the wait")
    func hungUp() throws {
        let terminal = try PersonAtTerminal()
        let typist = terminal.type("", after: "? ") { terminal.hangUp() }
        // An end or EIO, as the kernel likes.
        let answer = try? terminal.ask("? ")
        typist.join()
        #expect(answer == nil || answer == "")
    }

    @Test("what is no terminal cannot be asked")
    func noTerminal() throws {
        var ends: [Int32] = [-1, -1]
        try #require(ws_pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        #expect(throws: SystemError.self) {
            try answer(room: 64) {
                try LineInput.readHidden(from: ends[0], asking: "? ", into: $0, wake: -1)
            }
        }
    }

    private func read(_ text: String, room: Int = 64) throws -> String {
        var ends: [Int32] = [-1, -1]
        try #require(ws_pipe(&ends) == 0)
        defer { close(ends[0]) }
        send(text, to: ends[1])
        close(ends[1])
        return try line(from: ends[0], room: room)
    }
}

/// A terminal with a person at it.
private final class PersonAtTerminal: Sendable {
    private let terminal: Int32
    private let state: Mutex<State>

    private struct State {
        /// The person's side: what is written here is typed, what is read from here is shown. -1 after
        /// the person hung up.
        var line: Int32
        var shown: [UInt8] = []
    }

    init() throws {
        var (line, terminal): (Int32, Int32) = (-1, -1)
        try #require(openpty(&line, &terminal, nil, nil, nil) == 0)
        for end in [line, terminal] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        self.terminal = terminal
        state = Mutex(State(line: line))
    }

    deinit {
        close(terminal)
        hangUp()
    }

    /// The modes, as numbers that can be compared.
    var settings: [UInt32] {
        var settings = termios()
        tcgetattr(terminal, &settings)
        return [settings.c_iflag, settings.c_oflag, settings.c_cflag, settings.c_lflag]
    }

    func ask(_ question: String, wake: Int32 = -1) throws -> String {
        try answer(room: 64) {
            try LineInput.readHidden(from: terminal, asking: question, into: $0, wake: wake)
        }
    }

    /// Types without waiting for anything, until the terminal has it.
    func typeAhead(_ text: String) {
        state.withLock { send(text, to: $0.line) }
        _ = waitForInput(terminal, wake: -1, until: SystemClock.awake + .seconds(10))
    }

    /// Types once the question is shown, which is when nothing else is.
    func type(
        _ text: String,
        after question: String,
        then: @escaping @Sendable () -> Void = {}
    ) -> Worker {
        Worker {
            self.look(until: question)
            self.state.withLock { send(text, to: $0.line) }
            then()
        }
    }

    /// All that was shown, up to a line's end.
    var shown: String {
        look(until: "\n")
        return state.withLock { String(decoding: $0.shown, as: UTF8.self) }
    }

    func hangUp() {
        state.withLock { state in
            if state.line >= 0 { close(state.line) }
            state.line = -1
        }
    }

    /// Reads until `end` is shown last, ten seconds at most.
    private func look(until end: String) {
        let deadline = SystemClock.awake + .seconds(10)
        state.withLock { state in
            while !state.shown.reversed().starts(with: end.utf8.reversed()) {
                guard waitForInput(state.line, wake: -1, until: deadline) == .ready else { return }
                var bytes = [UInt8](repeating: 0, count: 256)
                let count = Glibc.read(state.line, &bytes, bytes.count)
                guard count > 0 else { return }
                state.shown += bytes[..<count]
            }
        }
    }
}

private func line(from descriptor: Int32, room: Int = 64, wake: Int32 = -1) throws -> String {
    try answer(room: room) {
        try LineInput.read(from: descriptor, named: "it", into: $0, wake: wake)
    }
}

/// The line that was read, or the other outcome in words.
private func answer(
    room: Int,
    _ read: (UnsafeMutableRawBufferPointer) throws -> LineInput.Outcome
) throws -> String {
    var memory = [UInt8](repeating: 0, count: room)
    switch try memory.withUnsafeMutableBytes({ try read($0) }) {
    case .line(let count): return String(decoding: memory[..<count], as: UTF8.self)
    case .woken: return "woken"
    case .tooLong: return "too long"
    }
}

private func send(_ text: String, to descriptor: Int32) {
    var text = text
    text.withUTF8 { _ = write(descriptor, $0.baseAddress, $0.count) }
}
