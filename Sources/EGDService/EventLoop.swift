// The EGD server's thread: one epoll loop over listeners, clients and a wake-up descriptor.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import Entropy
internal import Glibc
internal import LinuxSystem
internal import Synchronization

/// All that the server's thread owns. A value on that thread's stack, so that its fields cost no more
/// than locals; everything that clients need is in tables and in one locked buffer.
///
/// Serving itself is in EventLoop+Serving.swift, the waiting clients' turns in EventLoop+Waiting.swift.
struct EventLoop: ~Copyable {
    let shared: ServerMailbox
    let poller: Int32
    var connections = Table<Connection>(capacity: 64)
    var listeners = Table<ListenerRow>(capacity: 4)
    var taps = Table<WaitingList>(capacity: 4)
    /// First free row of ``connections``, linked by `younger`.
    var freeConnection: Int32 = -1
    /// Clients in all waiting lists.
    var waitingCount = 0
    /// Those who add bytes to taps were told that somebody waits.
    var isWaitAnnounced = false
    /// Some list needs service before the thread may sleep.
    var tapsNeedService = false
    /// Some list's oldest request may be another one than was last told.
    var waitsChanged = false
    /// Monotonic nanoseconds until which no client is accepted; nil when accepting.
    private var pausedUntil: Int?

    var slots = SecretSlots()
    /// Commands as received: ``inputByteCount`` bytes at the start; then the replies of the visit
    /// under way.
    private let memory = SecretBytes(count: inputByteCount + SecretSlots.slotByteCount)
    let input: UnsafeMutableRawPointer
    let output: UnsafeMutableRawPointer
    /// Bytes in ``output``: complete replies, then a part of the next, and how much of it is entropy.
    var readyCount = 0
    var collectedCount = 0
    var entropyCount = 0
    /// The reply to command `04`, which is the same each time.
    let processIDReply: [UInt8]

    init(shared: ServerMailbox, poller: Int32) {
        self.shared = shared
        self.poller = poller
        guard let base = memory.withMutableBytes({ $0.baseAddress }) else {
            preconditionFailure("the loop has memory")
        }
        input = base
        output = base + Self.inputByteCount
        let digits = Array(String(getpid()).utf8)
        processIDReply = [UInt8(digits.count)] + digits
    }

    deinit {
        for index in 0..<connections.count where connections[index].pointee.descriptor >= 0 {
            let lost = connections[index].pointee.slotEntropyCount
            let counters = listeners[connections[index].pointee.listener].pointee.counters
            counters.lost.add(lost)
            counters.connections.set(0)
            counters.waiting.set(0)
            counters.oldestWaitingSince.set(0)
            close(connections[index].pointee.descriptor)
        }
        close(poller)
    }

    /// Runs until the mailbox says stop.
    mutating func run() {
        _ = watch(shared.eventDescriptor, key: Self.wakeKey)
        applyChanges()
        let capacity = Self.eventsPerTurn
        let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: capacity)
        defer { events.deallocate() }
        while !shared.stopping {
            let count = Int(epoll_wait(poller, events, Int32(capacity), timeoutMilliseconds()))
            for index in 0..<max(0, count) {
                let key = events[index].data.u64
                if key >> 32 != 0 {
                    visit(
                        Int(UInt32(truncatingIfNeeded: key)),
                        generation: UInt32(key >> 32),
                        events: events[index].events
                    )
                } else if key == Self.wakeKey {
                    takeWakeUp()
                } else {
                    acceptClients(Int(key - Self.firstListenerKey))
                }
            }
            if tapsNeedService { serveTaps() }
            if waitsChanged { publishWaits() }
            resumeAccepting(onlyIfDue: true)
        }
    }

    // MARK: - Wake-ups and changes

    private mutating func takeWakeUp() {
        shared.takeWakeUp()
        applyChanges()
        for tap in 0..<taps.count where !taps[tap].pointee.isEmpty {
            taps[tap].pointee.needsService = true
            tapsNeedService = true
        }
    }

    private func timeoutMilliseconds() -> Int32 {
        if tapsNeedService { return 0 }
        guard let pausedUntil else { return -1 }
        return Int32(max(0, pausedUntil - SystemClock.awakeNanoseconds) / 1_000_000 + 1)
    }

    /// Brings the listeners in line with what the server was told last.
    private mutating func applyChanges() {
        guard let wanted = shared.takeListeners() else { return }
        for index in 0..<listeners.count {
            guard let socket = listeners[index].pointee.socket else { continue }
            if let kept = wanted.first(where: { $0.socket === socket }) {
                listeners[index].pointee.maximumConnections = kept.configuration.maximumConnections
                move(listener: index, to: tapIndex(kept.configuration.tap))
            } else {
                epoll_ctl(poller, EPOLL_CTL_DEL, socket.descriptor, nil)
                listeners[index].pointee.socket = nil
                releaseIfUnused(listener: index)
            }
        }
        for prepared in wanted {
            guard let socket = prepared.socket, !isKnown(socket) else { continue }
            add(socket, prepared)
        }
        releaseUnusedTaps()
    }

    private func isKnown(_ socket: UnixListener) -> Bool {
        (0..<listeners.count).contains { listeners[$0].pointee.socket === socket }
    }

    private mutating func add(_ socket: UnixListener, _ prepared: PreparedListener) {
        let row = ListenerRow(
            socket: socket,
            tap: tapIndex(prepared.configuration.tap),
            maximumConnections: prepared.configuration.maximumConnections,
            counters: prepared.counters
        )
        var index = (0..<listeners.count).first { listeners[$0].pointee.isFree } ?? -1
        if index >= 0 {
            listeners[index].pointee = row
        } else {
            index = listeners.append(row)
        }
        if !watch(socket.descriptor, key: Self.firstListenerKey + UInt64(index)) {
            listeners[index].pointee.counters.acceptFailures.add(1)
        }
        if pausedUntil != nil { setListenerInterest(0) }
    }

    private mutating func tapIndex(_ tap: any EntropyTap) -> Int {
        let indices = 0..<taps.count
        if let index = indices.first(where: { taps[$0].pointee.tap === tap }) { return index }
        if let index = indices.first(where: { taps[$0].pointee.tap == nil }) {
            taps[index].pointee.tap = tap
            return index
        }
        return taps.append(WaitingList(tap: tap))
    }

    /// Gives a listener's clients another tap; those who wait keep their order among themselves.
    private mutating func move(listener: Int, to tap: Int) {
        let old = listeners[listener].pointee.tap
        guard old != tap else { return }
        listeners[listener].pointee.tap = tap
        var next = taps[old].pointee.oldest
        while next >= 0 {
            let index = next
            next = connections[Int(index)].pointee.younger
            guard connections[Int(index)].pointee.listener == listener else { continue }
            taps[old].pointee.remove(index, in: connections)
            taps[tap].pointee.append(index, in: connections)
        }
        taps[tap].pointee.needsService = true
        tapsNeedService = true
        waitsChanged = true
    }

    func releaseIfUnused(listener: Int) {
        let row = listeners[listener]
        if row.pointee.socket == nil, row.pointee.connections == 0 { row.pointee.isFree = true }
    }

    private func releaseUnusedTaps() {
        for tap in 0..<taps.count {
            let isUsed = (0..<listeners.count).contains {
                !listeners[$0].pointee.isFree && listeners[$0].pointee.tap == tap
            }
            if !isUsed { taps[tap].pointee.tap = nil }
        }
    }

    // MARK: - Accepting

    private mutating func acceptClients(_ listener: Int) {
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
            guard row.pointee.connections < row.pointee.maximumConnections else {
                row.pointee.counters.refused.add(1)
                close(descriptor)
                continue
            }
            add(descriptor, listener: listener)
        }
    }

    private mutating func add(_ descriptor: Int32, listener: Int) {
        var size = Self.sendBufferByteCount
        setsockopt(
            descriptor,
            SOL_SOCKET,
            SO_SNDBUF,
            &size,
            socklen_t(MemoryLayout.size(ofValue: size))
        )
        var peer = ws_peer()
        if !ws_peer_credentials(descriptor, &peer) { peer = ws_peer() }
        var connection = Connection(descriptor: descriptor, listener: listener, peer: peer)
        let index: Int
        if freeConnection >= 0 {
            index = Int(freeConnection)
            freeConnection = connections[index].pointee.younger
            connection.generation = connections[index].pointee.generation
            connections[index].pointee = connection
        } else {
            index = connections.append(connection)
        }
        listeners[listener].pointee.connections += 1
        let counters = listeners[listener].pointee.counters
        counters.accepted.add(1)
        counters.connections.set(listeners[listener].pointee.connections)
        connections[index].pointee.interest = Self.readable
        let key = UInt64(connections[index].pointee.generation) << 32 | UInt64(index)
        if !watch(descriptor, key: key) {
            counters.acceptFailures.add(1)
            closeConnection(index)
        }
    }

    private mutating func pauseAccepting() {
        pausedUntil = SystemClock.awakeNanoseconds + Self.acceptPause
        setListenerInterest(0)
    }

    /// Accepts again: after the pause, or at once when a descriptor has become free.
    mutating func resumeAccepting(onlyIfDue: Bool) {
        guard let until = pausedUntil else { return }
        if onlyIfDue, SystemClock.awakeNanoseconds < until { return }
        pausedUntil = nil
        setListenerInterest(Self.readable)
    }

    private func setListenerInterest(_ interest: UInt32) {
        for index in 0..<listeners.count {
            guard let socket = listeners[index].pointee.socket else { continue }
            var event = epoll_event()
            event.events = interest
            event.data.u64 = Self.firstListenerKey + UInt64(index)
            epoll_ctl(poller, EPOLL_CTL_MOD, socket.descriptor, &event)
        }
    }

    private func watch(_ descriptor: Int32, key: UInt64) -> Bool {
        var event = epoll_event()
        event.events = Self.readable
        event.data.u64 = key
        return epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event) == 0
    }

    static let readable = UInt32(EPOLLIN.rawValue)
    static let writable = UInt32(EPOLLOUT.rawValue)

    /// Epoll keys: a client's generation and row, or with generation 0 one of these.
    private static let wakeKey: UInt64 = 0
    private static let firstListenerKey: UInt64 = 1

    /// Bytes read from a client at a time. 128 reads of 255 bytes: a visit moves at most 32 KiB, so
    /// that one client with many requests does not hold up the others.
    static let inputByteCount = 256
    private static let eventsPerTurn = 256
    /// Connections taken from a backlog before clients get their turn again.
    private static let acceptsPerTurn = 64
    /// Nanoseconds. Short against a client's patience, long against the cost of a failing accept.
    private static let acceptPause = 100_000_000
    /// Bytes, which the kernel doubles for its own overhead: bounds what a client that never reads can
    /// draw from the pool and hold in kernel memory.
    private static let sendBufferByteCount: Int32 = 32_768
}

/// One listener, or one that is gone but for its clients.
struct ListenerRow {
    var socket: UnixListener?
    var tap: Int
    var maximumConnections: Int
    var connections = 0
    var isFree = false
    let counters: ListenerCounters
}
