// A thread of the EGD server: one epoll loop over listeners, clients and a wake-up descriptor.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import EGDProtocol
internal import Entropy
internal import Glibc
internal import LinuxSystem
internal import Synchronization

/// All that one thread of the server owns. A value on that thread's stack, so that its fields cost no
/// more than locals; everything that clients need is in tables and in one locked buffer.
///
/// Who comes in is in EventLoop+Accepting.swift, serving itself in EventLoop+Serving.swift, the turns of
/// those who wait in EventLoop+Waiting.swift, quotas in EventLoop+Rates.swift.
struct EventLoop: ~Copyable {
    let shared: ServerMailbox
    let poller: Int32
    /// Of the server's loops; the first has all listeners.
    let index: Int
    let chain: SharedChain?
    var connections = Table<Connection>(capacity: 64)
    var clients = Table<Client>(capacity: 16)
    var listeners = Table<ListenerRow>(capacity: 4)
    var taps = Table<TapQueue>(capacity: 4)
    /// First free row of ``connections``, linked by `younger`.
    var freeConnection: Int32 = -1
    /// First free row of ``clients``, linked by `after`.
    var freeClient: Int32 = -1
    /// Rows of ``clients``.
    var clientRows: [ClientKey: Int32] = [:]
    /// Clients without a connection, whose accounts and quotas are kept for a while.
    var departed = ClientQueue()
    /// Nodes at the other ends, by row of ``connections``.
    var readers: [Int32: EGDNode] = [:]
    /// Announcements that have come in part.
    var announcements: [Int32: [UInt8]] = [:]
    /// Connections that wait.
    var waitingCount = 0
    /// Those who add bytes to taps were told that somebody waits.
    var isWaitAnnounced = false
    /// Some tap needs service before the thread may sleep.
    var tapsNeedService = false
    /// Some tap's oldest request may be another one than was last told.
    var waitsChanged = false
    /// The tap had fewer bytes than the request that was tried last.
    var isExhausted = false
    /// When clients that used up their rates get another turn.
    var timers = TimerHeap()
    /// Monotonic nanoseconds until which no client is accepted; nil when accepting.
    var pausedUntil: Int?
    /// Monotonic nanoseconds by which the connections are to be given up; nil while serving.
    var leavingBy: Int?
    /// The mailbox was written to since it was asked last whether the loop shall end.
    var hasLetters = true
    /// Requests in the queues of all connections.
    var queuedRequests = 0

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

    init(shared: ServerMailbox, poller: Int32, index: Int = 0, chain: SharedChain? = nil) {
        self.shared = shared
        self.poller = poller
        self.index = index
        self.chain = chain
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
            let row = connections[index]
            let listener = listeners[Int(row.pointee.listener)]
            listener.pointee.counters.lost.add(row.pointee.slotEntropyCount)
            clients[Int(row.pointee.client)].pointee.counters.lost.add(row.pointee.slotEntropyCount)
            listener.pointee.account.connections.subtract(1, ordering: .relaxed)
            close(row.pointee.descriptor)
        }
        for index in 0..<listeners.count {
            listeners[index].pointee.counters.waiting.set(0)
            listeners[index].pointee.counters.oldestWaitingSince.set(0)
        }
        for (key, row) in clientRows {
            listeners[Int(key.listener)].pointee.account.close(loop: index, row: row)
        }
        for (_, node) in readers { chain?.withLock { $0.dismiss(reader: node) } }
        close(poller)
    }

    /// Runs until the mailbox says what the end shall be.
    mutating func run() {
        _ = watch(shared.eventDescriptor, key: Self.wakeKey, interest: Self.readable)
        applyChanges()
        let capacity = Self.eventsPerTurn
        let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: capacity)
        defer { events.deallocate() }
        while true {
            if tapsNeedService, leavingBy == nil { serveTaps() }
            if waitsChanged { publishWaits() }
            if hasEnded { break }
            let count = Int(epoll_wait(poller, events, Int32(capacity), timeoutMilliseconds()))
            for index in 0..<max(0, count) { dispatch(events[index]) }
            resumeAccepting(onlyIfDue: true)
            runTimers()
        }
    }

    mutating func dispatch(_ event: epoll_event) {
        let key = event.data.u64
        if key >> 32 != 0 {
            visit(
                Int(UInt32(truncatingIfNeeded: key)),
                generation: UInt32(key >> 32),
                events: event.events
            )
        } else if key == Self.wakeKey {
            takeWakeUp()
        } else {
            acceptClients(Int(key - Self.firstListenerKey))
        }
    }

    // MARK: - Wake-ups and changes

    private mutating func takeWakeUp() {
        shared.takeWakeUp()
        hasLetters = true
        applyChanges()
        takeNoteOfBytes()
    }

    /// Taps that somebody waits at may have bytes.
    mutating func takeNoteOfBytes() {
        for tap in 0..<taps.count where !taps[tap].pointee.ring.isEmpty {
            taps[tap].pointee.needsService = true
            tapsNeedService = true
        }
    }

    private func timeoutMilliseconds() -> Int32 {
        if tapsNeedService, leavingBy == nil { return 0 }
        var next = min(timers.earliest ?? .max, pausedUntil ?? .max, leavingBy ?? .max)
        for index in 0..<listeners.count { next = min(next, listeners[index].pointee.resumeAt) }
        guard next < .max else { return -1 }
        let now = SystemClock.awakeNanoseconds
        guard next > now else { return 0 }
        return Int32(clamping: (next - now) / 1_000_000 + 1)
    }

    /// Brings the listeners in line with what the server was told last, and takes connections over.
    mutating func applyChanges() {
        if let wanted = shared.takeListeners() {
            for index in 0..<listeners.count {
                guard let socket = listeners[index].pointee.socket else { continue }
                if let kept = wanted.first(where: { $0.socket === socket }) {
                    update(listener: index, kept.configuration)
                } else {
                    setAccepting(index, false)
                    listeners[index].pointee.socket = nil
                    releaseIfUnused(listener: index)
                }
            }
            for prepared in wanted {
                guard let socket = prepared.socket, !isKnown(socket) else { continue }
                add(socket, prepared)
            }
            releaseUnusedTaps()
            hastenTimers()
        }
        for connection in shared.takeAdopted() { adopt(connection) }
    }

    private func isKnown(_ socket: StreamListener) -> Bool {
        (0..<listeners.count).contains { listeners[$0].pointee.socket === socket }
    }

    private mutating func add(_ socket: StreamListener, _ prepared: PreparedListener) {
        let row = ListenerRow(
            configuration: prepared.configuration,
            socket: socket,
            tap: tapIndex(prepared.configuration.tap),
            account: prepared.account,
            counters: prepared.account.counters(ofLoop: index)
        )
        var place = (0..<listeners.count).first { listeners[$0].pointee.isFree } ?? -1
        if place >= 0 {
            listeners[place].pointee = row
        } else {
            place = listeners.append(row)
        }
        setAccepting(place, pausedUntil == nil)
    }

    private mutating func update(
        listener index: Int,
        _ configuration: EGDListenerConfiguration
    ) {
        listeners[index].pointee.configuration = configuration
        listeners[index].pointee.isMetered = configuration.isMetered
        for client in 0..<clients.count where clients[client].pointee.listener == Int32(index) {
            clients[client].pointee.isTrusted = configuration.trusts(
                clients[client].pointee.identity
            )
        }
        setAccepting(index, pausedUntil == nil)
        move(listener: index, to: tapIndex(configuration.tap))
    }

    private mutating func tapIndex(_ tap: any EntropyTap) -> Int {
        let indices = 0..<taps.count
        if let index = indices.first(where: { taps[$0].pointee.tap === tap }) { return index }
        if let index = indices.first(where: { taps[$0].pointee.tap == nil }) {
            taps[index].pointee.tap = tap
            return index
        }
        return taps.append(TapQueue(tap: tap))
    }

    /// Gives a listener's clients another tap; those who wait keep their order among themselves.
    private mutating func move(listener: Int, to tap: Int) {
        let old = listeners[listener].pointee.tap
        guard old != tap else { return }
        listeners[listener].pointee.tap = tap
        var next = taps[old].pointee.ring.first
        while next >= 0 {
            let client = next
            next = clients[Int(client)].pointee.after
            guard clients[Int(client)].pointee.listener == Int32(listener) else { continue }
            taps[old].pointee.ring.remove(client, in: clients)
            taps[tap].pointee.ring.append(client, in: clients)
        }
        var waiting = taps[old].pointee.eldest
        while waiting >= 0 {
            let connection = waiting
            waiting = connections[Int(connection)].pointee.junior
            guard connections[Int(connection)].pointee.listener == Int32(listener) else { continue }
            taps[old].pointee.removeWaiting(connection, in: connections)
            taps[tap].pointee.addWaiting(connection, in: connections)
        }
        taps[tap].pointee.needsService = true
        tapsNeedService = true
        waitsChanged = true
    }

    func releaseIfUnused(listener: Int) {
        let row = listeners[listener]
        guard row.pointee.socket == nil, row.pointee.connections == 0 else { return }
        row.pointee.isFree = true
        row.pointee.resumeAt = .max
    }

    private func releaseUnusedTaps() {
        for tap in 0..<taps.count {
            let isUsed = (0..<listeners.count).contains {
                !listeners[$0].pointee.isFree && listeners[$0].pointee.tap == tap
            }
            if !isUsed { taps[tap].pointee.tap = nil }
        }
    }

    /// Watches a listener's socket or stops doing so.
    func setAccepting(_ listener: Int, _ wanted: Bool) {
        let row = listeners[listener]
        guard let socket = row.pointee.socket else { return }
        let isShared = row.pointee.configuration.canBeSpread
        let isWanted = wanted && (index == 0 || isShared) && leavingBy == nil
        // An exclusive watch cannot be changed, only made anew.
        if row.pointee.isWatched { epoll_ctl(poller, EPOLL_CTL_DEL, socket.descriptor, nil) }
        row.pointee.isWatched = false
        guard isWanted else { return }
        row.pointee.isWatched = watch(
            socket.descriptor,
            key: Self.firstListenerKey + UInt64(listener),
            interest: isShared ? Self.readable | WS_EPOLLEXCLUSIVE : Self.readable
        )
        if !row.pointee.isWatched { row.pointee.counters.acceptFailures.add(1) }
    }

    func watch(_ descriptor: Int32, key: UInt64, interest: UInt32) -> Bool {
        var event = epoll_event()
        event.events = interest
        event.data.u64 = key
        return epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event) == 0
    }

    static let readable = UInt32(EPOLLIN.rawValue)
    static let writable = UInt32(EPOLLOUT.rawValue)
    /// Of connections: told once for all that has come (edge-triggered), which saves the kernel a look
    /// at each connection that was just read; the end of input is told along with it.
    static let input = UInt32(EPOLLIN.rawValue) | inputEnd | once
    static let inputEnd = UInt32(EPOLLRDHUP.rawValue)
    static let once = UInt32(1) << 31  // EPOLLET

    /// Epoll keys: a client's generation and row, or with generation 0 one of these.
    private static let wakeKey: UInt64 = 0
    private static let firstListenerKey: UInt64 = 1

    /// Bytes read from a client at a time. 128 reads of 255 bytes: a visit moves at most 32 KiB, so
    /// that one client with many requests does not hold up the others.
    static let inputByteCount = 256
    static let eventsPerTurn = 256
}

/// One listener, or one that is gone but for its clients.
struct ListenerRow {
    var configuration: EGDListenerConfiguration
    var socket: StreamListener?
    var tap: Int
    /// Connections in this loop.
    var connections = 0
    var isFree = false
    var isWatched = false
    var isMetered: Bool
    let account: ListenerAccount
    let counters: ListenerCounters
    /// The total rate, and the clients that wait for it.
    var bucket = TokenBucket()
    var parked = ClientQueue()
    /// Monotonic nanoseconds at which ``parked`` is looked at again; Int.max for never.
    var resumeAt = Int.max

    init(
        configuration: EGDListenerConfiguration,
        socket: StreamListener,
        tap: Int,
        account: ListenerAccount,
        counters: ListenerCounters
    ) {
        self.configuration = configuration
        self.socket = socket
        self.tap = tap
        self.account = account
        self.counters = counters
        isMetered = configuration.isMetered
    }
}

/// Where a client's row is found.
struct ClientKey: Hashable {
    var listener: Int32
    var identity: ClientIdentity
}
