// What other threads leave for the EGD server's thread, and the descriptor that wakes it.
// SPDX-License-Identifier: Apache-2.0

internal import LinuxSystem
internal import Synchronization

final class ServerMailbox: Sendable {
    private let event: EventDescriptor
    private let acceptFunction: AcceptFunction
    private let stopRequested = Atomic<Bool>(false)
    private let waiting = Atomic<Bool>(false)
    /// The descriptor was written to and not read yet.
    private let signalled = Atomic<Bool>(false)
    private let listeners = Mutex<[PreparedListener]?>(nil)

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

    /// Wakes the server if a client waits for bytes.
    func wake() {
        // Sequentially consistent on both sides: either this sees the waiting client, or the server,
        // which tries the tap again after announcing it, sees the bytes.
        if waiting.load(ordering: .sequentiallyConsistent) { signal() }
    }

    func put(_ prepared: [PreparedListener]?) {
        listeners.withLock { $0 = prepared }
        signal()
    }

    func stop() {
        stopRequested.store(true, ordering: .sequentiallyConsistent)
        signal()
    }

    private func signal() {
        if signalled.exchange(true, ordering: .sequentiallyConsistent) { return }
        event.signal()
    }

    // MARK: - From the server's thread

    var stopping: Bool { stopRequested.load(ordering: .relaxed) }

    func someoneWaits(_ value: Bool) {
        waiting.store(value, ordering: .sequentiallyConsistent)
    }

    /// Takes note of a wake-up; what is left in the mailbox from now on causes another one.
    func takeWakeUp() {
        event.clear()
        _ = signalled.exchange(false, ordering: .sequentiallyConsistent)
    }

    func takeListeners() -> [PreparedListener]? {
        listeners.withLock { $0.take() }
    }

    func accept(_ descriptor: Int32) -> Int32 { acceptFunction.call(descriptor) }
}
