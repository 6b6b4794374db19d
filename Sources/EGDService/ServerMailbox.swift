// What other threads leave for one loop of the EGD server, and the descriptor that wakes it.
// SPDX-License-Identifier: Apache-2.0

internal import LinuxSystem
internal import Synchronization

final class ServerMailbox: Sendable {
    private let event: EventDescriptor
    private let acceptFunction: AcceptFunction
    private let waiting = Atomic<Bool>(false)
    /// The descriptor was written to and not read yet.
    private let signalled = Atomic<Bool>(false)
    private let letters = Mutex(Letters())

    private struct Letters {
        var end: End?
        var listeners: [PreparedListener]?
        /// Connections to go on with.
        var adopted: [EGDHandedConnection] = []
        /// Connections that were given up for another process.
        var handed: [EGDHandedConnection] = []
    }

    enum End {
        case stop
        /// Give the connections up; replies that are being sent may take until then (monotonic
        /// nanoseconds).
        case handOver(by: Int)
    }

    init(accept: AcceptFunction) throws(EGDError) {
        acceptFunction = accept
        do throws(SystemError) {
            event = try EventDescriptor()
        } catch {
            throw .systemCall(error)
        }
    }

    /// Readable when there is something to take note of.
    var eventDescriptor: Int32 { event.descriptor }

    // MARK: - From any thread

    /// Wakes the loop if a client waits for bytes.
    func wake() {
        // Sequentially consistent on both sides: either this sees the waiting client, or the server,
        // which tries the tap again after announcing it, sees the bytes.
        if waiting.load(ordering: .sequentiallyConsistent) { signal() }
    }

    func put(_ prepared: [PreparedListener]?) {
        letters.withLock { $0.listeners = prepared }
        signal()
    }

    func put(adopted: [EGDHandedConnection]) {
        letters.withLock { $0.adopted += adopted }
        signal()
    }

    func end(_ end: End?) {
        letters.withLock { $0.end = end }
        if end != nil { signal() }
    }

    /// After the loop has ended: what it gave up.
    func takeHanded() -> [EGDHandedConnection] {
        letters.withLock { letters in
            defer { letters.handed = [] }
            return letters.handed
        }
    }

    private func signal() {
        if signalled.exchange(true, ordering: .sequentiallyConsistent) { return }
        event.signal()
    }

    // MARK: - From the loop's thread

    var endWanted: End? { letters.withLock { $0.end } }

    func someoneWaits(_ value: Bool) {
        waiting.store(value, ordering: .sequentiallyConsistent)
    }

    /// Takes note of a wake-up; what is left in the mailbox from now on causes another one.
    func takeWakeUp() {
        event.clear()
        _ = signalled.exchange(false, ordering: .sequentiallyConsistent)
    }

    func takeListeners() -> [PreparedListener]? {
        letters.withLock { $0.listeners.take() }
    }

    func takeAdopted() -> [EGDHandedConnection] {
        letters.withLock { letters in
            defer { letters.adopted = [] }
            return letters.adopted
        }
    }

    func put(handed: [EGDHandedConnection]) {
        letters.withLock { $0.handed = handed }
    }

    func accept(_ descriptor: Int32) -> Int32 { acceptFunction.call(descriptor) }
}
