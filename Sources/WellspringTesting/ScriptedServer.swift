// An EGD server that behaves as a test wants it to: late, short, wrong, gone.
// SPDX-License-Identifier: Apache-2.0

package import EGDProtocol
internal import Glibc
package import LinuxSystem
internal import Synchronization

/// Serves on an ephemeral port or a socket in a temporary folder, on a thread of its own. Every byte of
/// entropy that it gives tells its place: the n-th is n modulo 251, over all connections.
package final class ScriptedServer: Sendable {
    package struct Behaviour: Sendable {
        /// Answers to `04` in turn, the last for good; nil: none comes.
        package var replies: [String]? = ["1"]
        package var closesOnAnnouncement = false
        /// Bytes that may still be given; nil: without end.
        package var supply: Int?
        /// Ends a connection instead of letting it wait for bytes.
        package var closesWhenEmpty = false
        /// Sent unasked together with the first bytes of each connection.
        package var surplus: [UInt8] = []
        /// The most bytes in one send.
        package var pieceLimit = Int.max

        package init() {}
    }

    package struct Record: Sendable {
        package var connections = 0
        package var announcements: [EGDNode] = []
        package var requests: [EGDRequest] = []
        package var given = 0
        package var openConnections = 0
    }

    private struct State {
        var behaviour: Behaviour
        var record = Record()
        var isEnding = false
        /// Connections are closed at the next turn.
        var dropsAll = false
    }

    private let listener: LoopbackListener
    private let event: EventDescriptor
    private let ended: EventDescriptor
    private let state: Mutex<State>

    package init(_ listener: LoopbackListener, _ behaviour: Behaviour = Behaviour()) throws {
        self.listener = listener
        event = try EventDescriptor()
        ended = try EventDescriptor()
        state = Mutex(State(behaviour: behaviour))
        let (event, ended, listener) = (event, ended, listener)
        let turn = Turn { [weak self] in
            guard let self, !self.state.withLock({ $0.isEnding }) else { return nil }
            return self
        }
        try NamedThread("scripted-egd") {
            serve(listener, event, turn)
            ended.signal()
        }.detach()
    }

    deinit { event.signal() }

    package var endpoint: StreamEndpoint { listener.endpoint }
    package var record: Record { state.withLock { $0.record } }

    package func change(_ body: (inout Behaviour) -> Void) {
        state.withLock { body(&$0.behaviour) }
        event.signal()
    }

    /// Closes every connection; new ones are taken.
    package func dropAll() {
        state.withLock { $0.dropsAll = true }
        event.signal()
    }

    /// Closes every connection. The socket still listens, and nobody answers.
    package func stop() {
        state.withLock { $0.isEnding = true }
        event.signal()
        ended.wait(atMost: .seconds(20))
    }

    fileprivate func note<R: Sendable>(_ body: (inout Behaviour, inout Record) -> R) -> R {
        state.withLock { body(&$0.behaviour, &$0.record) }
    }

    fileprivate func takeDropsAll() -> Bool {
        state.withLock { state in
            defer { state.dropsAll = false }
            return state.dropsAll
        }
    }
}

/// The server while it is wanted.
private struct Turn: Sendable {
    let server: @Sendable () -> ScriptedServer?
}

private func serve(_ listener: LoopbackListener, _ event: EventDescriptor, _ turn: Turn) {
    var clients: [Client] = []
    while true {
        var entries = [
            pollfd(fd: event.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: listener.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        entries += clients.map { pollfd(fd: $0.socket, events: Int16(POLLIN), revents: 0) }
        poll(&entries, nfds_t(entries.count), -1)
        event.clear()
        guard let server = turn.server() else { break }
        if server.takeDropsAll() { clients = [] }
        if entries[1].revents != 0 {
            let socket = accept(listener.descriptor, nil, nil)
            if socket >= 0 {
                server.note { $1.connections += 1 }
                clients.append(Client(socket))
            }
        }
        clients = clients.filter { $0.isServed(by: server) }
        let count = clients.count
        server.note { $1.openConnections = count }
    }
}

private final class Client {
    let socket: Int32
    private var parser = EGDCommandParser()
    private var announcement: [UInt8] = []
    private var pending: [EGDRequest] = []
    /// Bytes still owed for the first pending request; nil before it is begun.
    private var owed: Int?
    private var hasGiven = false

    init(_ socket: Int32) { self.socket = socket }

    deinit { close(socket) }

    /// False when the connection is over.
    func isServed(by server: ScriptedServer) -> Bool {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = recv(socket, &bytes, bytes.count, Int32(MSG_DONTWAIT))
        if count == 0 || (count < 0 && errno != EAGAIN) { return false }
        guard count <= 0 || isHeard(Array(bytes[..<count]), by: server) else { return false }
        return isAnswered(by: server)
    }

    private func isHeard(_ bytes: [UInt8], by server: ScriptedServer) -> Bool {
        var offset = 0
        return bytes.withUnsafeBytes { buffer in
            while let command = parser.next(in: buffer, from: &offset) {
                switch command {
                case .request(let request):
                    pending.append(request)
                    server.note { $1.requests.append(request) }
                case .write:
                    announcement = []
                case .writeData(let range):
                    announcement += buffer[range]
                    guard let node = EGDNode(announcement: announcement) else { continue }
                    let closes = server.note { behaviour, record in
                        record.announcements.append(node)
                        return behaviour.closesOnAnnouncement
                    }
                    if closes { return false }
                case .unknown: return false
                }
            }
            return true
        }
    }

    private func isAnswered(by server: ScriptedServer) -> Bool {
        while let request = pending.first {
            switch request {
            case .processID:
                let reply = server.note { behaviour, _ -> String? in
                    guard let replies = behaviour.replies, let first = replies.first else {
                        return nil
                    }
                    if replies.count > 1 { behaviour.replies?.removeFirst() }
                    return first
                }
                guard let reply else { return true }
                send([UInt8(reply.utf8.count)] + Array(reply.utf8))
            case .readBlocking(let count):
                let missing = owed ?? Int(count)
                let (piece, closes) = server.note { behaviour, record in
                    let count = min(missing, behaviour.supply ?? .max, behaviour.pieceLimit)
                    let piece = (0..<count).map { UInt8((record.given + $0) % 251) }
                    record.given += count
                    if let supply = behaviour.supply { behaviour.supply = supply - count }
                    return (piece, count == 0 && behaviour.closesWhenEmpty)
                }
                if closes { return false }
                owed = missing - piece.count
                let isFirst = !hasGiven && !piece.isEmpty
                if isFirst { hasGiven = true }
                send(isFirst ? piece + server.note { behaviour, _ in behaviour.surplus } : piece)
                if piece.isEmpty { return true }
                if owed! > 0 { continue }
                owed = nil
            case .level, .readNonBlocking: return false
            }
            pending.removeFirst()
        }
        return true
    }

    private func send(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        Glibc.send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }
}
