// The EGD server: listeners, its threads, and what other threads may ask of it.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
package import EGDProtocol
internal import Glibc
internal import LinuxSystem
internal import Synchronization

/// Serves the EGD protocol on any number of listeners from threads of its own.
///
/// Bytes go from a tap into locked memory, from there to the socket, and are wiped; none is delivered
/// twice, and what a client can no longer be given is wiped and counted as lost. Where bytes are
/// scarce, clients are served in turn, one read each, and a client's connections by age.
///
/// It does not promise that a delivered byte was read: a client may die with bytes in its socket.
package final class EGDServer: Sendable {
    private let mailboxes: [ServerMailbox]
    private let chain: SharedChain?
    private let state: Mutex<State>

    private struct State: ~Copyable {
        var listeners: [PreparedListener]
        var threads: [JoinableThread] = []
    }

    /// Binds and listens; clients are served after ``start()``. Nothing is left behind on an error.
    ///
    /// - Parameters:
    ///   - inherited: sockets that somebody else opened; those that belong to a listener are taken out,
    ///     the first one to be used, the others to be closed.
    ///   - loopCount: threads, 1...8; further ones help with listeners that may be spread.
    ///   - chain: who this daemon is, for readers that announce themselves; nil: nobody.
    package convenience init(
        listeners: [EGDListenerConfiguration],
        inheriting inherited: inout EGDHandOver,
        loopCount: Int = 1,
        chain: SharedChain? = nil
    ) throws(EGDError) {
        try self.init(
            listeners: listeners,
            inheriting: &inherited,
            loopCount: loopCount,
            chain: chain,
            accept: AcceptFunction(call: { ws_accept($0) })
        )
    }

    /// Without inherited sockets.
    package convenience init(listeners: [EGDListenerConfiguration]) throws(EGDError) {
        var nothing = EGDHandOver()
        try self.init(listeners: listeners, inheriting: &nothing)
    }

    /// For tests that let accepting fail.
    package init(
        listeners: [EGDListenerConfiguration],
        inheriting inherited: inout EGDHandOver,
        loopCount: Int = 1,
        chain: SharedChain? = nil,
        accept: AcceptFunction
    ) throws(EGDError) {
        precondition((1...8).contains(loopCount))
        let prepared = try Self.prepare(
            listeners,
            keeping: [],
            inheriting: &inherited,
            loopCount: loopCount
        )
        inherited.closeDuplicates(of: listeners)
        var mailboxes: [ServerMailbox] = []
        for _ in 0..<loopCount { mailboxes.append(try ServerMailbox(accept: accept)) }
        for mailbox in mailboxes { mailbox.put(prepared) }
        self.mailboxes = mailboxes
        self.chain = chain
        state = Mutex(State(listeners: prepared))
    }

    deinit { stop() }

    /// Starts the threads, which go on with `connections` of a predecessor: their waiting requests are
    /// answered. Connections of listeners that do not exist are closed. Signals are blocked in the
    /// threads. Only when they are not running.
    package func start(
        adopting connections: [EGDHandedConnection] = []
    ) throws(EGDError) {
        for listener in state.withLock({ $0.listeners }) { listener.socket?.claimFile() }
        mailboxes[0].put(adopted: connections)
        for (index, mailbox) in mailboxes.enumerated() {
            let poller = epoll_create1(Int32(EPOLL_CLOEXEC))
            guard poller >= 0 else { throw EGDError.systemCall("epoll_create1") }
            mailbox.end(nil)
            let chain = self.chain
            do throws(SystemError) {
                let thread = try NamedThread(index == 0 ? "egd" : "egd-\(index)") {
                    var loop = EventLoop(
                        shared: mailbox,
                        poller: poller,
                        index: index,
                        chain: chain
                    )
                    loop.run()
                }
                let joinable = JoinableThread(thread)
                state.withLock { $0.threads.append(joinable) }
            } catch {
                close(poller)
                throw .systemCall(error)
            }
        }
    }

    /// Ends the threads, closes all connections and removes the sockets. Bytes that were collected for
    /// waiting clients are wiped and counted as lost. Waits for the threads, which takes milliseconds.
    package func stop() {
        endThreads(.stop)
        for mailbox in mailboxes { mailbox.put(nil) }
        state.withLock { state in
            for index in state.listeners.indices { state.listeners[index].socket = nil }
        }
    }

    /// Ends the threads and gives all sockets up, for another process to go on with; bytes collected for
    /// waiting clients are wiped and counted as lost, their requests stand. A connection that does not
    /// take its replies within `patience` is closed. The listeners' descriptors stay this server's too,
    /// so that ``start(adopting:)`` can go on if nobody takes them.
    package func handOver(patience: Duration) -> EGDHandOver {
        let end = SystemClock.awakeNanoseconds + Int(patience.seconds * 1e9)
        endThreads(.handOver(by: end))
        var handOver = EGDHandOver()
        for mailbox in mailboxes { handOver.connections += mailbox.takeHanded() }
        let listeners = state.withLock { $0.listeners }
        for mailbox in mailboxes { mailbox.put(listeners) }
        handOver.listeners = listeners.compactMap { listener in
            listener.socket.map {
                EGDHandedListener(
                    descriptor: $0.descriptor,
                    name: listener.configuration.name,
                    isOwn: $0.ownsFile || $0.internetAddress != nil
                )
            }
        }
        return handOver
    }

    /// The sockets' files stay when this server stops: they live on in another process.
    package func leaveSockets() {
        for listener in state.withLock({ $0.listeners }) { listener.socket?.leaveFile() }
    }

    private func endThreads(_ end: ServerMailbox.End) {
        for mailbox in mailboxes { mailbox.end(end) }
        let threads = state.withLock { state in
            defer { state.threads = [] }
            return state.threads
        }
        for thread in threads { thread.join() }
    }

    /// Says that a tap may have bytes. From any thread; a load and nothing more while nobody waits.
    package func wake() {
        for mailbox in mailboxes { mailbox.wake() }
    }

    /// Puts other listeners in place of the present ones. A listener with the same address is kept with
    /// its socket, clients and counters, and gets the new settings; clients of one that is left out
    /// stay until they go. On an error nothing has changed, but for modes and owners of kept sockets.
    package func replaceListeners(
        with configurations: [EGDListenerConfiguration]
    ) throws(EGDError) {
        let present = state.withLock { $0.listeners }
        var nothing = EGDHandOver()
        let prepared = try Self.prepare(
            configurations,
            keeping: present,
            inheriting: &nothing,
            loopCount: mailboxes.count
        )
        state.withLock { $0.listeners = prepared }
        for mailbox in mailboxes { mailbox.put(prepared) }
    }

    /// One snapshot for each present listener, in the order of configuration.
    package var statistics: [EGDListenerStatistics] {
        let now = SystemClock.awakeNanoseconds
        return state.withLock { $0.listeners }.map { listener in
            let address =
                switch listener.configuration.address {
                case .unix(let address): address.path
                case .internet(let address):
                    (listener.socket?.internetAddress ?? address).description
                }
            return listener.account.snapshot(
                name: listener.configuration.name,
                address: address,
                now: now
            )
        }
    }

    private static func prepare(
        _ configurations: [EGDListenerConfiguration],
        keeping present: [PreparedListener],
        inheriting inherited: inout EGDHandOver,
        loopCount: Int
    ) throws(EGDError) -> [PreparedListener] {
        var prepared: [PreparedListener] = []
        for configuration in configurations {
            let identity = configuration.identity
            if var kept = present.first(where: { $0.configuration.identity == identity }) {
                if kept.configuration.address != configuration.address, let socket = kept.socket {
                    try setAccess(configuration.address, of: socket)
                }
                kept.configuration = configuration
                prepared.append(kept)
                continue
            }
            let socket: StreamListener
            if let index = inherited.listeners.firstIndex(where: { $0.serves(configuration) }) {
                socket = try adopt(inherited.listeners.remove(at: index), configuration.address)
            } else {
                socket = try listen(configuration.address)
            }
            prepared.append(
                PreparedListener(
                    configuration: configuration,
                    socket: socket,
                    account: ListenerAccount(loopCount: loopCount)
                )
            )
        }
        return prepared
    }

    private static func adopt(
        _ handed: EGDHandedListener,
        _ address: EGDListenerAddress
    ) throws(EGDError) -> StreamListener {
        let path = handed.isOwn ? SocketName.path(handed.descriptor) : nil
        let socket = StreamListener(adopting: handed.descriptor, removing: path)
        // A service manager set the access of its own sockets.
        if handed.isOwn { try setAccess(address, of: socket) }
        return socket
    }

    private static func listen(_ address: EGDListenerAddress) throws(EGDError) -> StreamListener {
        do throws(SystemError) {
            switch address {
            case .unix(let address):
                return try StreamListener(
                    path: address.path,
                    mode: address.mode,
                    owner: address.owner,
                    group: address.group
                )
            case .internet(let address): return try StreamListener(address)
            }
        } catch {
            switch address {
            case .unix(let address): throw .listening(on: address.path, error)
            case .internet(let address): throw .listening(on: address.description, error)
            }
        }
    }

    private static func setAccess(
        _ address: EGDListenerAddress,
        of socket: StreamListener
    ) throws(EGDError) {
        guard case .unix(let address) = address else { return }
        do throws(SystemError) {
            try socket.setAccess(
                mode: address.mode,
                owner: address.owner,
                group: address.group
            )
        } catch {
            throw .systemCall(error)
        }
    }
}

/// A listener with its socket, ready for the loops.
struct PreparedListener: Sendable {
    var configuration: EGDListenerConfiguration
    /// Nil after the server was stopped.
    var socket: StreamListener?
    let account: ListenerAccount
}

/// accept4(2) or a test's stand-in for it: a descriptor, or -1 with errno set.
package struct AcceptFunction: Sendable {
    package var call: @Sendable (Int32) -> Int32

    package init(call: @escaping @Sendable (Int32) -> Int32) { self.call = call }
}

/// A thread's handle where an array can keep it.
private final class JoinableThread: Sendable {
    private let thread: Mutex<NamedThread?>

    init(_ thread: consuming NamedThread) { self.thread = Mutex(thread) }

    func join() { thread.withLock { $0.take() }?.join() }
}
