// The EGD server: listeners, its thread, and what other threads may ask of it.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import Glibc
internal import LinuxSystem
internal import Synchronization

/// Serves the EGD protocol on any number of listeners from one thread of its own.
///
/// Bytes go from a tap into locked memory, from there to the socket, and are wiped; none is delivered
/// twice, and what a client can no longer be given is wiped and counted as lost. Blocking reads are
/// answered oldest first; a client with many open requests goes to the back after each.
///
/// It does not promise that a delivered byte was read: a client may die with bytes in its socket.
package final class EGDServer: Sendable {
    private let mailbox: ServerMailbox
    private let state: Mutex<State>

    private struct State: ~Copyable {
        var listeners: [PreparedListener]
        var thread: NamedThread?
    }

    /// Binds and listens; clients are served after ``start()``. Nothing is left behind on an error.
    package convenience init(listeners: [EGDListenerConfiguration]) throws(EGDError) {
        try self.init(listeners: listeners, accept: AcceptFunction(call: { ws_accept($0) }))
    }

    /// For tests that let accepting fail.
    package init(
        listeners: [EGDListenerConfiguration],
        accept: AcceptFunction
    ) throws(EGDError) {
        let prepared = try Self.prepare(listeners, keeping: [])
        mailbox = try ServerMailbox(accept: accept)
        mailbox.put(prepared)
        state = Mutex(State(listeners: prepared))
    }

    deinit { stop() }

    /// Starts the thread. Signals are blocked in it. Once only.
    package func start() throws(EGDError) {
        let poller = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard poller >= 0 else { throw EGDError.systemCall("epoll_create1") }
        let mailbox = self.mailbox
        do throws(SystemError) {
            var thread: NamedThread? = try NamedThread("egd") {
                var loop = EventLoop(shared: mailbox, poller: poller)
                loop.run()
            }
            state.withLock { $0.thread = thread.take() }
        } catch {
            close(poller)
            throw .systemCall(error)
        }
    }

    /// Ends the thread, closes all connections and removes the sockets. Bytes that were collected for
    /// waiting clients are wiped and counted as lost. Waits for the thread, which takes milliseconds.
    package func stop() {
        mailbox.stop()
        let thread = state.withLock { $0.thread.take() }
        thread?.join()
        mailbox.put(nil)
        state.withLock { state in
            for index in state.listeners.indices { state.listeners[index].socket = nil }
        }
    }

    /// Says that a tap may have bytes. From any thread; a load and nothing more while nobody waits.
    package func wake() { mailbox.wake() }

    /// Puts other listeners in place of the present ones. A listener with the same path is kept with
    /// its socket, clients and counters, and gets the new settings; clients of one that is left out
    /// stay until they go. On an error nothing has changed, but for modes and owners of kept sockets.
    package func replaceListeners(
        with configurations: [EGDListenerConfiguration]
    ) throws(EGDError) {
        let present = state.withLock { $0.listeners }
        let prepared = try Self.prepare(configurations, keeping: present)
        state.withLock { $0.listeners = prepared }
        mailbox.put(prepared)
    }

    /// One snapshot for each present listener, in the order of configuration.
    package var statistics: [EGDListenerStatistics] {
        let now = SystemClock.awakeNanoseconds
        return state.withLock { $0.listeners }.map {
            $0.counters.snapshot(name: $0.configuration.name, now: now)
        }
    }

    private static func prepare(
        _ configurations: [EGDListenerConfiguration],
        keeping present: [PreparedListener]
    ) throws(EGDError) -> [PreparedListener] {
        var prepared: [PreparedListener] = []
        for configuration in configurations {
            let identity = configuration.address.identity
            let address =
                switch configuration.address {
                case .unix(let address): address
                }
            if var kept = present.first(where: { $0.configuration.address.identity == identity }) {
                if kept.configuration.address != configuration.address {
                    try setAccess(address, of: kept.socket)
                }
                kept.configuration = configuration
                prepared.append(kept)
            } else {
                prepared.append(
                    PreparedListener(
                        configuration: configuration,
                        socket: try listen(address),
                        counters: ListenerCounters()
                    )
                )
            }
        }
        return prepared
    }

    private static func listen(_ address: EGDUnixAddress) throws(EGDError) -> UnixListener {
        do throws(SystemError) {
            return try UnixListener(
                path: address.path,
                mode: address.mode,
                owner: address.owner,
                group: address.group
            )
        } catch {
            throw .listening(on: address.path, error)
        }
    }

    private static func setAccess(
        _ address: EGDUnixAddress,
        of socket: UnixListener?
    ) throws(EGDError) {
        do throws(SystemError) {
            try socket?.setAccess(
                mode: address.mode,
                owner: address.owner,
                group: address.group
            )
        } catch {
            throw .systemCall(error)
        }
    }
}

/// A listener with its socket, ready for the loop.
struct PreparedListener: Sendable {
    var configuration: EGDListenerConfiguration
    /// Nil after the server was stopped.
    var socket: UnixListener?
    let counters: ListenerCounters
}

/// accept4(2) or a test's stand-in for it: a descriptor, or -1 with errno set.
package struct AcceptFunction: Sendable {
    package var call: @Sendable (Int32) -> Int32

    package init(call: @escaping @Sendable (Int32) -> Int32) { self.call = call }
}
