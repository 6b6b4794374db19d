// Who comes in: admission, the connection's row, its client's row.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import EGDProtocol
internal import Glibc
internal import LinuxSystem
internal import Synchronization

extension EventLoop {
    mutating func acceptClients(_ listener: Int) {
        for _ in 0..<Self.acceptsPerTurn {
            let row = listeners[listener]
            guard let socket = row.pointee.socket, pausedUntil == nil else { return }
            let descriptor = shared.accept(socket.descriptor)
            guard descriptor >= 0 else {
                switch errno {
                case EAGAIN: return
                case EINTR, ECONNABORTED: continue
                default:
                    // EMFILE, ENFILE, ENOBUFS, ENOMEM: the client stays in the backlog and is tried
                    // again later; those who are connected notice nothing.
                    row.pointee.counters.acceptFailures.add(1)
                    pauseAccepting()
                    return
                }
            }
            admit(descriptor, listener: listener)
        }
    }

    /// Lets the connection in, or closes and counts it.
    mutating func admit(_ descriptor: Int32, listener: Int) {
        let row = listeners[listener]
        guard let (identity, isAdmitted) = identify(descriptor, listener: listener) else {
            // Gone already.
            row.pointee.counters.accepted.add(1)
            close(descriptor)
            return
        }
        guard isAdmitted else {
            row.pointee.counters.foreign.add(1)
            close(descriptor)
            return
        }
        let limit = row.pointee.configuration.maximumConnections
        let account = row.pointee.account
        let count = account.connections.add(1, ordering: .relaxed).newValue
        let client = self.client(identity, listener: listener)
        let ofClient = clients[Int(client)].pointee.connections
        guard count <= limit, ofClient < row.pointee.configuration.maximumConnectionsPerClient
        else {
            account.connections.subtract(1, ordering: .relaxed)
            row.pointee.counters.refused.add(1)
            clients[Int(client)].pointee.counters.refused.add(1)
            departIfUnused(client)
            close(descriptor)
            return
        }
        row.pointee.counters.accepted.add(1)
        let connection = Connection(
            descriptor: descriptor,
            listener: Int32(listener),
            client: client
        )
        guard let index = add(connection) else { return }
        let greeting = listeners[listener].pointee.configuration.greeting
        if greeting > 0 {
            connections[index].pointee.pending.append(.readBlocking(UInt8(greeting)))
            queuedRequests += 1
            _ = answerPending(index, isTurn: false)
        }
    }

    /// Goes on with a connection of a predecessor.
    mutating func adopt(_ handed: EGDHandedConnection) {
        let listener = (0..<listeners.count).first {
            listeners[$0].pointee.configuration.name == handed.listener
                && listeners[$0].pointee.socket != nil
        }
        guard let listener,
            let (identity, isAdmitted) = identify(handed.descriptor, listener: listener),
            isAdmitted
        else {
            close(handed.descriptor)
            return
        }
        listeners[listener].pointee.account.connections.add(1, ordering: .relaxed)
        var connection = Connection(
            descriptor: handed.descriptor,
            listener: Int32(listener),
            client: client(identity, listener: listener)
        )
        connection.parser = handed.state.parser
        for request in handed.state.requests { connection.pending.append(request) }
        queuedRequests += handed.state.requests.count
        guard let index = add(connection) else { return }
        if let node = handed.state.node, !introduce(node, index) { return closeConnection(index) }
        if !handed.state.requests.isEmpty { _ = answerPending(index, isTurn: false) }
    }

    /// Who is at the other end, and whether it may be here; nil when it is gone already.
    private func identify(_ descriptor: Int32, listener: Int) -> (ClientIdentity, Bool)? {
        let configuration = listeners[listener].pointee.configuration
        switch configuration.address {
        case .unix:
            var peer = ws_peer()
            guard ws_peer_credentials(descriptor, &peer) else { return nil }
            let identity: ClientIdentity =
                switch configuration.clientsOfUnix {
                case .user: .user(peer.uid)
                case .process: .process(peer.pid, user: peer.uid)
                }
            return (identity, configuration.admission.admits(peer, descriptor: descriptor))
        case .internet:
            guard let host = SocketName.peer(descriptor)?.host else { return nil }
            return (.host(host), configuration.admission.admits(host))
        }
    }

    /// Gives the connection a row and watches it; nil when the system refuses.
    private mutating func add(_ connection: consuming Connection) -> Int? {
        let descriptor = connection.descriptor
        let listener = listeners[Int(connection.listener)]
        let client = clients[Int(connection.client)]
        if case .unix = listener.pointee.configuration.address {
            // TCP connections inherit theirs.
            socketOption(descriptor, SOL_SOCKET, SO_SNDBUF, StreamListener.sendBufferByteCount)
        }
        connection.interest = Self.input
        let index: Int
        if freeConnection >= 0 {
            index = Int(freeConnection)
            freeConnection = connections[index].pointee.younger
            connection.generation = connections[index].pointee.generation
            connections[index].pointee = connection
        } else {
            index = connections.append(connection)
        }
        listener.pointee.connections += 1
        client.pointee.connections += 1
        client.pointee.counters.connections.set(client.pointee.connections)
        let key = UInt64(connections[index].pointee.generation) << 32 | UInt64(index)
        guard watch(descriptor, key: key, interest: Self.input) else {
            listener.pointee.counters.acceptFailures.add(1)
            closeConnection(index)
            return nil
        }
        return index
    }

    // MARK: - Clients

    /// The row of this client; a new one if it was never here or is forgotten.
    private mutating func client(_ identity: ClientIdentity, listener: Int) -> Int32 {
        let key = ClientKey(listener: Int32(listener), identity: identity)
        if let known = clientRows[key] {
            if clients[Int(known)].pointee.hasLeft {
                departed.remove(known, in: clients)
                clients[Int(known)].pointee.hasLeft = false
            }
            return known
        }
        let configuration = listeners[listener].pointee.configuration
        let client = Client(
            identity: identity,
            listener: Int32(listener),
            counters: ClientCounters(),
            isTrusted: configuration.trusts(identity)
        )
        let row: Int32
        if freeClient >= 0 {
            row = freeClient
            freeClient = clients[Int(row)].pointee.after
            let timer = clients[Int(row)].pointee.timer
            clients[Int(row)].pointee = client
            clients[Int(row)].pointee.timer = timer &+ 1
        } else {
            row = Int32(clients.append(client))
        }
        clientRows[key] = row
        listeners[listener].pointee.account.open(identity, client.counters, loop: index, row: row)
        return row
    }

    /// Keeps the account and the quota of a client that has no connection any more, until enough
    /// others have left after it.
    mutating func departIfUnused(_ client: Int32) {
        let row = clients[Int(client)]
        guard row.pointee.connections == 0, !row.pointee.hasLeft else { return }
        row.pointee.hasLeft = true
        departed.append(client, in: clients)
        guard departed.count > Self.rememberedClients else { return }
        let forgotten = departed.first
        departed.remove(forgotten, in: clients)
        let old = clients[Int(forgotten)]
        clientRows[ClientKey(listener: old.pointee.listener, identity: old.pointee.identity)] = nil
        listeners[Int(old.pointee.listener)].pointee.account.close(loop: index, row: forgotten)
        old.pointee.after = freeClient
        freeClient = forgotten
    }

    // MARK: - Pauses

    private mutating func pauseAccepting() {
        pausedUntil = SystemClock.awakeNanoseconds + Self.acceptPause
        for index in 0..<listeners.count { setAccepting(index, false) }
    }

    /// Accepts again: after the pause, or at once when a descriptor has become free.
    mutating func resumeAccepting(onlyIfDue: Bool) {
        guard let until = pausedUntil else { return }
        if onlyIfDue, SystemClock.awakeNanoseconds < until { return }
        pausedUntil = nil
        for index in 0..<listeners.count { setAccepting(index, true) }
    }

    /// Connections taken from a backlog before clients get their turn again.
    private static var acceptsPerTurn: Int { 64 }
    /// Nanoseconds. Short against a client's patience, long against the cost of a failing accept.
    private static var acceptPause: Int { 100_000_000 }
    /// Clients. About 250 bytes each; enough that a quota outlives the reconnects of a rack's hosts.
    private static var rememberedClients: Int { 1_024 }
}

extension EGDListenerConfiguration {
    func trusts(_ identity: ClientIdentity) -> Bool {
        switch identity {
        case .user(let user), .process(_, let user): trustedWriters.contains(user)
        case .host, .unknown: false
        }
    }
}
