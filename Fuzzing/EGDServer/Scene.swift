// One input as a scene: clients come, say things, read, leave; the loop's promises are checked.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import EGDProtocol
internal import Glibc
internal import LinuxSystem
internal import Synchronization

@testable internal import EGDService

/// At most 256 bytes are supplied in a scene, each of another value, so that a byte that comes twice, or
/// that nobody supplied, is seen.
enum Scene {
    static func run(_ input: UnsafeRawBufferPointer) {
        let stage = Stage.only
        stage.clear()
        var actors: [Actor] = []
        var offset = 0
        func next() -> UInt8 {
            guard offset < input.count else { return 0 }
            defer { offset += 1 }
            return input[offset]
        }
        while offset < input.count {
            let operation = next()
            let index = actors.isEmpty ? 0 : Int(next()) % actors.count
            switch operation % 8 {
            case 0 where actors.count < mostActors:
                actors.append(Actor(stage, listener: Int(operation >> 3) % Stage.listenerCount))
            case 1 where !actors.isEmpty:
                let length = min(Int(next()), input.count - offset)
                actors[index].say(UnsafeRawBufferPointer(rebasing: input[offset..<offset + length]))
                offset += length
            case 2: stage.supply(Int(next()) % 33)
            case 3 where !actors.isEmpty: actors[index].listen(upTo: Int(next()) + 1, stage)
            case 4 where !actors.isEmpty: actors[index].endOutput()
            case 5 where !actors.isEmpty:
                actors[index].leave()
                actors.remove(at: index)
            case 6: stage.changeHands()
            default: stage.wake()
            }
            stage.turn()
        }
        for actor in actors { actor.listen(upTo: .max, stage) }
        for actor in actors { actor.leave() }
        stage.settle()
    }

    private static let mostActors = 6
}

/// Serves bytes 0, 1, 2, ... 255, each once; or, when plentiful, zeros without end.
final class StageTap: EntropyTap {
    private let state: Mutex<(taken: Int, available: Int)>
    private let isPlentiful: Bool

    init(isPlentiful: Bool) {
        self.isPlentiful = isPlentiful
        state = Mutex((0, 0))
    }

    var taken: Int { state.withLock { $0.taken } }

    func clear() { state.withLock { $0 = (0, 0) } }

    func supply(_ count: Int) {
        state.withLock { $0.available = min($0.available + count, 256 - $0.taken) }
    }

    func take(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        state.withLock { state in
            let count = isPlentiful ? buffer.count : min(buffer.count, state.available)
            for index in 0..<count {
                buffer[index] = isPlentiful ? 0 : UInt8(state.taken + index)
            }
            state.taken += count
            if !isPlentiful { state.available -= count }
            return count
        }
    }

    var availableBits: Int { state.withLock { $0.available * 8 } }
    func mix(_ bytes: UnsafeRawBufferPointer) { _ = bytes.reduce(0) { $0 ^ $1 } }
    func creditableCount(claimedBits: Int, byteCount: Int) -> Int { claimedBits / 4 }
    func contribute(_ bytes: UnsafeRawBufferPointer) { mix(bytes) }
    func requestMore() {}
}

/// A loop without a thread, and its listeners.
final class Stage {
    /// One for all scenes, since making a loop takes longer than a scene. Used by one thread.
    nonisolated(unsafe) static let only = Stage()
    static let listenerCount = 3
    let scarce = StageTap(isPlentiful: false)
    private let plentiful = StageTap(isPlentiful: true)
    private var accounts: [ListenerAccount] = []
    private var mailbox: ServerMailbox
    private var loop: EventLoop?
    private let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: 64)
    private let chain = SharedChain(own: EGDNode(identifier: 1, name: "own"))
    /// Values of scarce bytes that clients have received.
    var seen = Set<UInt8>()
    private var tapTaken: Int { scarce.taken + plentiful.taken }

    init() {
        chain.withLock {
            $0.setUpstream(EGDPath(nodes: [EGDNode(identifier: 2, name: "up")]), of: "hub")
        }
        mailbox = Self.mailbox()
        raise(adopting: [])
    }

    deinit { events.deallocate() }

    private static func mailbox() -> ServerMailbox {
        guard let mailbox = try? ServerMailbox(accept: AcceptFunction { _ in -1 }) else {
            preconditionFailure("no descriptor is left")
        }
        return mailbox
    }

    /// A new loop with listeners that nobody connects to: clients are handed in.
    private func raise(adopting connections: [EGDHandedConnection]) {
        let poller = epoll_create1(0)
        mailbox = Self.mailbox()
        accounts = []
        var prepared: [PreparedListener] = []
        for index in 0..<Self.listenerCount {
            var configuration = EGDListenerConfiguration(
                name: "l\(index)",
                address: .unix(EGDUnixAddress(path: "/nowhere/\(index)")),
                tap: index == 1 ? plentiful : scarce
            )
            configuration.maximumConnections = 4
            configuration.clientsOfUnix = index == 0 ? .process : .user
            configuration.trustedWriters = [geteuid()]
            if index == 2 {
                configuration.greeting = 5
                configuration.clientRate = EGDRate(bytesPerSecond: 1 << 20, burst: 40)
                configuration.totalRate = EGDRate(bytesPerSecond: 1 << 20, burst: 60)
            }
            // Any descriptor that epoll takes; nothing is ever accepted.
            let socket = StreamListener(adopting: socket(AF_UNIX, 1, 0), removing: nil)
            let account = ListenerAccount(loopCount: 1)
            accounts.append(account)
            prepared.append(
                PreparedListener(configuration: configuration, socket: socket, account: account)
            )
        }
        mailbox.put(prepared)
        mailbox.put(adopted: connections)
        loop = EventLoop(shared: mailbox, poller: poller, chain: chain)
        loop?.applyChanges()
    }

    /// A new scene begins: what was taken, delivered and lost before is forgotten.
    func clear() {
        scarce.clear()
        plentiful.clear()
        seen = []
        (delivered, lost) = (0, 0)
        let statistics = accounts.map { account($0) }
        delivered -= statistics.reduce(0) { $0 + $1.deliveredByteCount }
        lost -= statistics.reduce(0) { $0 + $1.lostByteCount }
    }

    func supply(_ count: Int) {
        scarce.supply(count)
        mailbox.wake()
    }

    func wake() { mailbox.wake() }

    func admit(_ descriptor: Int32, listener: Int) { loop?.admit(descriptor, listener: listener) }

    /// Turns until nothing more happens by itself.
    func turn() {
        for _ in 0..<8 {
            let count = Int(epoll_wait(loop?.poller ?? -1, events, 64, 0))
            for index in 0..<max(0, count) { loop?.dispatch(events[index]) }
            loop?.runTimers()
            if loop?.tapsNeedService == true { loop?.serveTaps() }
            if loop?.waitsChanged == true { loop?.publishWaits() }
            if count <= 0 { break }
        }
        // The mailbox's descriptor is not watched here.
        mailbox.takeWakeUp()
        loop?.takeNoteOfBytes()
        if loop?.tapsNeedService == true { loop?.serveTaps() }
    }

    /// The connections go to a new loop.
    func changeHands() {
        mailbox.end(.handOver(by: 0))
        loop?.hasLetters = true
        precondition(loop?.hasEnded == true, "a loop that is to end at once does not")
        let handed = mailbox.takeHanded()
        check()
        loop = nil
        delivered += accounts.reduce(0) { $0 + account($1).deliveredByteCount }
        lost += accounts.reduce(0) { $0 + account($1).lostByteCount }
        raise(adopting: handed)
    }

    private var delivered = 0
    private var lost = 0

    private func account(_ account: ListenerAccount) -> EGDListenerStatistics {
        account.snapshot(name: "", address: "", now: 0)
    }

    /// All clients are gone: nothing is held, and every byte was delivered or lost.
    func settle() {
        for _ in 0..<4 { turn() }
        check()
        let statistics = accounts.map { account($0) }
        precondition(statistics.allSatisfy { $0.connections == 0 && $0.waitingClients == 0 })
        delivered += statistics.reduce(0) { $0 + $1.deliveredByteCount }
        lost += statistics.reduce(0) { $0 + $1.lostByteCount }
        precondition(delivered + lost == tapTaken, "bytes went astray")
    }

    private func check() {
        guard let waiting = loop?.waitingCount, let slots = loop?.slots.usedCount,
            let queued = loop?.queuedRequests
        else { return }
        precondition(
            waiting == 0 && slots == 0 && queued == 0,
            "the loop holds something of nobody"
        )
    }
}
