// An emulated Entropy Key in real time, on a pseudo-terminal, a socket or a terminal that exists.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import Glibc
internal import LinuxSystem
internal import Synchronization

/// Plays the device on a thread of its own until ``stop()``.
package final class EmulatedKeyPlayer: Sendable {
    package enum Port: Sendable {
        /// A symbolic link at this path leads to the terminal; to a new one after each ``plugIn()``.
        case pseudoTerminal(link: String)
        /// A Unix stream socket at this path; the last client counts.
        case socket(path: String)
        /// The device's end of a line that somebody else made.
        case terminal(path: String)
    }

    private struct State {
        var key: EmulatedEntropyKey
        var isPluggedIn = true
        /// Whether the port is there.
        var isOpen = true
        var isEnding = false
        /// Bytes that the host has not taken.
        var pending: [UInt8] = []
    }

    private let port: Port
    private let news: EventDescriptor
    private let ended: EventDescriptor
    /// The port was opened or closed.
    private let followed: EventDescriptor
    private let state: Mutex<State>

    /// The key's time begins now. Throws where the port cannot be made.
    package init(_ key: EmulatedEntropyKey, on port: Port) throws {
        self.port = port
        news = try EventDescriptor()
        ended = try EventDescriptor()
        followed = try EventDescriptor()
        state = Mutex(State(key: key))
        let line = try Line(port)
        try NamedThread("emulated-key") { [self] in
            play(line)
            ended.signal()
        }.detach()
    }

    package func change(_ body: @Sendable (inout EmulatedEntropyKey) -> Void) {
        state.withLock { body(&$0.key) }
        news.signal()
    }

    package var key: EmulatedEntropyKey { state.withLock { $0.key } }

    /// Pulls the key out, and returns when it is: the host sees a hang-up.
    package func pullOut() {
        state.withLock { $0.isPluggedIn = false }
        news.signal()
        waitUntilOpen(is: false)
    }

    /// Plugs it in again, with power, and returns when its port is there.
    package func plugIn() {
        state.withLock { state in
            state.isPluggedIn = true
            state.key.powerCycle()
        }
        news.signal()
        waitUntilOpen(is: true)
    }

    private func waitUntilOpen(is wanted: Bool) {
        let deadline = SystemClock.awake + .seconds(20)
        while true {
            // Cleared before the look: a change after it is not missed.
            followed.clear()
            let left = deadline - SystemClock.awake
            if state.withLock({ $0.isOpen == wanted }) || left <= .zero { return }
            followed.wait(atMost: left)
        }
    }

    package func stop() {
        state.withLock { $0.isEnding = true }
        news.signal()
        ended.wait(atMost: .seconds(20))
    }

    private func play(_ first: Line) {
        var line = first
        defer { line.close() }
        let start = SystemClock.awake
        let offset = state.withLock { $0.key.now }
        while true {
            let (isEnding, isPluggedIn) = state.withLock { ($0.isEnding, $0.isPluggedIn) }
            if isEnding { return }
            if isPluggedIn != line.isOpen {
                line.close()
                state.withLock { $0.pending = [] }
                if isPluggedIn { line = (try? Line(port)) ?? line }
            }
            let isOpen = line.isOpen
            let isNew = state.withLock { state in
                defer { state.isOpen = isOpen }
                return state.isOpen != isOpen
            }
            if isNew { followed.signal() }
            let next = state.withLock { state in
                // A host that takes nothing stops the key, as a full endpoint does.
                if state.pending.count < mostPending {
                    state.key.advance(to: SystemClock.awake - start + offset)
                }
                let output = state.key.takeOutput()
                if line.isConnected { state.pending += output }
                return state.key.nextEvent - offset + start
            }
            flush(&line)
            guard wait(for: &line, until: next) else {
                line.close()
                // The host has reset its port, or is gone.
                while !line.isOpen, !state.withLock(\.isEnding) {
                    state.withLock { $0.pending = [] }
                    guard let new = try? Line(port) else {
                        news.wait(atMost: retryTime)
                        news.clear()
                        continue
                    }
                    line = new
                }
                continue
            }
            let packet = line.read()
            if !packet.isEmpty { state.withLock { $0.key.receive(packet) } }
        }
    }

    private func flush(_ line: inout Line) {
        state.withLock { state in
            while !state.pending.isEmpty {
                let count = line.write(state.pending)
                guard count > 0 else { return }
                state.pending.removeFirst(count)
            }
        }
    }

    /// False when the line is hung up and another one is to be opened.
    private func wait(for line: inout Line, until deadline: Duration) -> Bool {
        let isFull = state.withLock { !$0.pending.isEmpty }
        var entries = [
            pollfd(fd: news.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(
                fd: line.descriptor,
                events: Int16(isFull ? POLLIN | POLLOUT : POLLIN),
                revents: 0
            ),
            pollfd(fd: line.listener, events: Int16(POLLIN), revents: 0),
        ]
        let left = max(.zero, deadline - SystemClock.awake)
        // Half a millisecond more, so that the moment has come then.
        poll(&entries, 3, min(left + .microseconds(500), .seconds(1)).pollMilliseconds)
        news.clear()
        if entries[2].revents != 0 { line.accept() }
        guard case .terminal = port else { return true }
        return Int32(entries[1].revents) & POLLHUP == 0
    }

    /// More than a terminal buffers.
    private let mostPending = 65_536
    /// Between two tries to open a terminal that may come back.
    private let retryTime = Duration.milliseconds(100)
}

/// The device's end of whatever the port is.
private struct Line: @unchecked Sendable {
    // Unchecked: who makes it hands it to the player's thread and never looks back.
    private(set) var descriptor: Int32 = -1
    private(set) var listener: Int32 = -1
    /// Held, so that a terminal that the host closes does not hang up.
    private var peer: Int32 = -1
    private var terminal: PseudoTerminal?
    private var path: String?
    private(set) var isOpen = true

    var isConnected: Bool { descriptor >= 0 }

    init(_ port: EmulatedKeyPlayer.Port) throws {
        switch port {
        case .pseudoTerminal(let link): try openTerminal(link)
        case .socket(let path): try listen(path)
        case .terminal(let path):
            descriptor = open(path, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
            guard descriptor >= 0 else { throw SystemError("open \(path)") }
            Self.makeRaw(descriptor)
        }
    }

    private mutating func openTerminal(_ link: String) throws {
        let terminal = try PseudoTerminal()
        _ = fcntl(terminal.device, F_SETFL, O_RDWR | O_NONBLOCK)
        descriptor = terminal.device
        self.terminal = terminal
        peer = open(terminal.path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
        Self.makeRaw(peer)
        unlink(link)
        guard symlink(terminal.path, link) == 0 else { throw SystemError("make the link \(link)") }
        path = link
    }

    private mutating func listen(_ path: String) throws {
        unlink(path)
        listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard listener >= 0, UnixAddress.with(path, { bind(listener, $0, $1) }) == 0,
            Glibc.listen(listener, 4) == 0
        else { throw SystemError("listen on \(path)") }
        self.path = path
    }

    private static func makeRaw(_ descriptor: Int32) {
        var settings = termios()
        guard tcgetattr(descriptor, &settings) == 0 else { return }
        cfmakeraw(&settings)
        tcsetattr(descriptor, TCSANOW, &settings)
    }

    mutating func accept() {
        let client = ws_accept(listener)
        guard client >= 0 else { return }
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = client
    }

    /// One packet; nothing when there is none. A client that left is forgotten.
    mutating func read() -> [UInt8] {
        guard descriptor >= 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        if count == 0, listener >= 0 {
            Glibc.close(descriptor)
            descriptor = -1
        }
        return Array(bytes.prefix(max(0, count)))
    }

    mutating func write(_ bytes: [UInt8]) -> Int {
        guard descriptor >= 0 else { return bytes.count }
        return listener >= 0
            ? send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
            : Glibc.write(descriptor, bytes, bytes.count)
    }

    mutating func close() {
        terminal?.unplug()
        if terminal == nil, descriptor >= 0 { Glibc.close(descriptor) }
        terminal = nil
        for owned in [listener, peer] where owned >= 0 { Glibc.close(owned) }
        (descriptor, listener, peer) = (-1, -1, -1)
        if let path { unlink(path) }
        path = nil
        isOpen = false
    }
}
