// The control socket: one request line, one JSON answer, then the connection is closed.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
package import Configuration
package import EntropyKeyProtocol
internal import Glibc
internal import LinuxSystem

/// What a client of the control socket may ask for.
package enum ControlRequest: Equatable, Sendable {
    case status
    case reload
    case retest(source: String)
    case addKey(path: AbsolutePath, serial: EntropyKeySerial?)
    case removeKey(tag: String)
    /// Nil: by ^C alone.
    case resetKey(tag: String, step: RecoveryStep?)
    case readKeyrings
    /// Another daemon wants the sockets; see ``HandOverChannel``.
    case handOver

    /// Parses one line without its newline.
    package init?(line: String) {
        let words = line.split(separator: " ", maxSplits: 1)
        switch (words.first, words.count) {
        case ("status", 1): self = .status
        case ("reload", 1): self = .reload
        case ("hand-over", 1): self = .handOver
        case ("retest", 2): self = .retest(source: String(words[1]))
        case ("key", 2): self.init(ofKey: words[1].split(separator: " ").map(String.init))
        default: return nil
        }
    }

    private init?(ofKey words: [String]) {
        switch (words.first, words.count) {
        case ("add", 2...3):
            guard let path = AbsolutePath(words[1]) else { return nil }
            let serial = words.count == 3 ? EntropyKeySerial(words[2]) : nil
            guard words.count == 2 || serial != nil else { return nil }
            self = .addKey(path: path, serial: serial)
        case ("remove", 2): self = .removeKey(tag: words[1])
        case ("reset", 2): self = .resetKey(tag: words[1], step: nil)
        case ("reset", 3):
            guard let step = RecoveryStep(rawValue: words[2]) else { return nil }
            self = .resetKey(tag: words[1], step: step)
        case ("keyring", 1): self = .readKeyrings
        default: return nil
        }
    }

    /// Status can be read by whoever may connect (the socket's mode decides); the rest changes state.
    package var changesState: Bool { self != .status }
}

/// Serves a few short-lived clients from the caller's poll loop; nothing here blocks.
struct ControlServer: ~Copyable {
    private let listener: StreamListener
    private var connections: [Connection] = []

    private struct Connection {
        let descriptor: Int32
        let mayChangeState: Bool
        let deadline: Duration
        var input: [UInt8] = []
        var output: [UInt8] = []
        var written = 0
        /// Wants to be spoken to by ``HandOverChannel``.
        var isSuccessor = false
    }

    /// The connection of a daemon that wants the sockets; the caller takes and closes it.
    private var successor: Int32?

    /// Binds `path` with `mode`. A socket left behind by a dead process is replaced, one that answers
    /// is not.
    init(path: String, mode: UInt32, owner: UserIdentity?, groupID: UInt32?) throws(SystemError) {
        listener = try StreamListener(
            path: path,
            mode: mode,
            owner: owner?.userID,
            group: groupID
        )
    }

    deinit {
        for connection in connections { close(connection.descriptor) }
    }

    /// What the poll loop must watch: no new clients while there is no place for one.
    var interests: [pollfd] {
        let isFull = connections.count >= maximumConnections
        return [pollfd(fd: isFull ? -1 : listener.descriptor, events: Int16(POLLIN), revents: 0)]
            + connections.map { connection in
                pollfd(
                    fd: connection.descriptor,
                    events: Int16(connection.output.isEmpty ? POLLIN : POLLOUT),
                    revents: 0
                )
            }
    }

    /// Nobody is being served.
    var isIdle: Bool { connections.isEmpty }

    /// When the next client is to be dropped for its silence.
    var nextDeadline: Duration? { connections.map(\.deadline).min() }

    /// Moves every connection as far as it goes. `answer` turns a permitted request into JSON.
    mutating func advance(now: Duration, answer: (ControlRequest) -> String) {
        while connections.count < maximumConnections {
            let descriptor = ws_accept(listener.descriptor)
            guard descriptor >= 0 else { break }
            var peer = ws_peer()
            let known = ws_peer_credentials(descriptor, &peer)
            connections.append(
                Connection(
                    descriptor: descriptor,
                    // Asked now: the daemon has become another user since the socket was made.
                    mayChangeState: known && (peer.uid == 0 || peer.uid == geteuid()),
                    deadline: now + patience
                )
            )
        }
        var kept: [Connection] = []
        for var connection in connections {
            if connection.deadline > now, Self.advance(&connection, answer: answer) {
                kept.append(connection)
            } else if connection.isSuccessor, successor == nil {
                successor = connection.descriptor
            } else {
                close(connection.descriptor)
            }
        }
        connections = kept
    }

    mutating func takeSuccessor() -> Int32? {
        defer { successor = nil }
        return successor
    }

    /// False when the connection is finished with.
    private static func advance(
        _ connection: inout Connection,
        answer: (ControlRequest) -> String
    ) -> Bool {
        if connection.output.isEmpty {
            var chunk = [UInt8](repeating: 0, count: longestRequest)
            let count = recv(connection.descriptor, &chunk, chunk.count, Int32(MSG_DONTWAIT))
            guard count > 0 else { return count < 0 && (errno == EAGAIN || errno == EINTR) }
            connection.input += chunk[0..<count]
            guard let end = connection.input.firstIndex(of: UInt8(ascii: "\n")) else {
                return connection.input.count < longestRequest
            }
            let line = String(decoding: connection.input[..<end], as: UTF8.self)
            if ControlRequest(line: line) == .handOver, connection.mayChangeState {
                connection.isSuccessor = true
                return false
            }
            connection.output = Array(reply(to: line, from: connection, answer).utf8)
        }
        while connection.written < connection.output.count {
            let count = connection.output[connection.written...].withUnsafeBytes { bytes in
                send(
                    connection.descriptor,
                    bytes.baseAddress,
                    bytes.count,
                    Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
                )
            }
            guard count > 0 else { return count < 0 && (errno == EAGAIN || errno == EINTR) }
            connection.written += count
        }
        return false
    }

    private static func reply(
        to line: String,
        from connection: Connection,
        _ answer: (ControlRequest) -> String
    ) -> String {
        guard let request = ControlRequest(line: line) else {
            return ControlAnswer.error(
                "unknown request; known are: status, reload, retest SOURCE, key add PATH [SERIAL], "
                    + "key remove KEY, key reset KEY [STEP], key keyring, hand-over"
            ).json + "\n"
        }
        guard !request.changesState || connection.mayChangeState else {
            return ControlAnswer.error(
                "not permitted: only root and the daemon's own user may change its state"
            ).json + "\n"
        }
        return answer(request) + "\n"
    }
}

/// Clients served at once; more wait in the listen queue.
private let maximumConnections = 16
/// Bytes of one request line.
private let longestRequest = 256
/// A client that has not asked or not read its answer by then is dropped.
private let patience = Duration.seconds(5)

/// Answers that are no status report.
enum ControlAnswer {
    case done(String)
    case error(String)

    var json: String {
        switch self {
        case .done(let text): JSON.encode(["done": text])
        case .error(let text): JSON.encode(["error": text])
        }
    }
}
