// The turns of those who wait for bytes: clients in a ring, one read each; their connections by age.
// SPDX-License-Identifier: Apache-2.0

internal import EGDProtocol
internal import Glibc
internal import LinuxSystem
internal import Synchronization

extension EventLoop {
    /// Gives waiting clients what their taps have.
    mutating func serveTaps() {
        for tap in 0..<taps.count where taps[tap].pointee.needsService {
            taps[tap].pointee.needsService = serve(tap)
            if !taps[tap].pointee.ring.isEmpty { taps[tap].pointee.tap?.requestMore() }
        }
        tapsNeedService = (0..<taps.count).contains { taps[$0].pointee.needsService }
    }

    /// Returns whether there may be more to give: others get their turn on the loop before the rest.
    private mutating func serve(_ tap: Int) -> Bool {
        for _ in 0..<Self.turnsPerService {
            let client = taps[tap].pointee.ring.first
            guard client >= 0 else { return false }
            displace(client)
            let connection = clients[Int(client)].pointee.oldest
            // A read that was begun is served whole, though its first bytes used the rate up.
            if connections[Int(connection)].pointee.collectedCount == 0 {
                guard case .open = gate(client, isTurn: true) else {
                    place(client)
                    continue
                }
            }
            removeFromClient(connection)
            connections[Int(connection)].pointee.phase = .idle
            isExhausted = false
            _ = answerPending(Int(connection), isTurn: true)
            let row = clients[Int(client)]
            if row.pointee.place == .none, row.pointee.oldest >= 0 { place(client) }
            if isExhausted { return false }
        }
        return true
    }

    /// Lets a connection wait whose oldest request cannot be answered now. `isUnfinished`: it just had
    /// its turn, and there were not enough bytes; it stays in front.
    mutating func startWaiting(_ index: Int, isUnfinished: Bool) {
        let row = connections[index]
        let client = row.pointee.client
        let listener = listeners[Int(row.pointee.listener)]
        row.pointee.phase = .waiting
        addToClient(Int32(index), asOldest: isUnfinished)
        if isUnfinished, clients[Int(client)].pointee.place == .none {
            clients[Int(client)].pointee.place = .ring
            taps[listener.pointee.tap].pointee.ring.prepend(client, in: clients)
        }
        if row.pointee.waitingSince == 0 {
            row.pointee.waitingSince = SystemClock.awakeNanoseconds
            taps[listener.pointee.tap].pointee.addWaiting(Int32(index), in: connections)
            listener.pointee.counters.waiting.add(1)
            clients[Int(client)].pointee.counters.waiting.add(1)
            waitingCount += 1
            waitsChanged = true
        }
        if !isWaitAnnounced {
            isWaitAnnounced = true
            shared.someoneWaits(true)
        }
        if clients[Int(client)].pointee.place == .none { place(client) }
        if !isUnfinished, clients[Int(client)].pointee.place == .ring {
            // Bytes may have come since the tap was found empty: it is tried once more now that those
            // who add bytes know that somebody waits.
            taps[listener.pointee.tap].pointee.needsService = true
            tapsNeedService = true
        }
    }

    /// The connection's wait is over, whatever the reason.
    mutating func endWait(_ index: Int) {
        let row = connections[index]
        guard row.pointee.waitingSince > 0 else { return }
        let listener = listeners[Int(row.pointee.listener)]
        taps[listener.pointee.tap].pointee.removeWaiting(Int32(index), in: connections)
        row.pointee.waitingSince = 0
        listener.pointee.counters.waiting.add(-1)
        clients[Int(row.pointee.client)].pointee.counters.waiting.add(-1)
        waitingCount -= 1
        waitsChanged = true
    }

    /// A read that had to wait was answered.
    mutating func noteWait(_ index: Int) {
        let row = connections[index]
        guard row.pointee.waitingSince > 0 else { return }
        let wait = SystemClock.awakeNanoseconds - row.pointee.waitingSince
        let listener = listeners[Int(row.pointee.listener)].pointee.counters
        let client = clients[Int(row.pointee.client)].pointee.counters
        listener.waits.add(1)
        listener.longestWait.raise(to: wait)
        client.waits.add(1)
        client.longestWait.raise(to: wait)
        endWait(index)
    }

    /// Takes a waiting connection out of its client's queue; a client without any waits no more.
    mutating func stopWaiting(_ index: Int) {
        let client = connections[index].pointee.client
        removeFromClient(Int32(index))
        connections[index].pointee.phase = .idle
        if clients[Int(client)].pointee.oldest < 0 { displace(client) }
    }

    private func addToClient(_ index: Int32, asOldest: Bool) {
        let row = connections[Int(index)]
        let client = clients[Int(row.pointee.client)]
        row.pointee.older = asOldest ? -1 : client.pointee.youngest
        row.pointee.younger = asOldest ? client.pointee.oldest : -1
        if row.pointee.older >= 0 {
            connections[Int(row.pointee.older)].pointee.younger = index
        } else {
            client.pointee.oldest = index
        }
        if row.pointee.younger >= 0 {
            connections[Int(row.pointee.younger)].pointee.older = index
        } else {
            client.pointee.youngest = index
        }
    }

    private func removeFromClient(_ index: Int32) {
        let row = connections[Int(index)]
        let client = clients[Int(row.pointee.client)]
        let (older, younger) = (row.pointee.older, row.pointee.younger)
        if older >= 0 {
            connections[Int(older)].pointee.younger = younger
        } else {
            client.pointee.oldest = younger
        }
        if younger >= 0 {
            connections[Int(younger)].pointee.older = older
        } else {
            client.pointee.youngest = older
        }
        row.pointee.older = -1
        row.pointee.younger = -1
    }

    /// At the end of a turn of the loop: tells the listeners' counters how long their oldest request
    /// has been waiting, and those who add bytes when nobody waits any more. Not earlier, because a
    /// client that leaves its place only to be tried must stay announced.
    mutating func publishWaits() {
        waitsChanged = false
        if waitingCount == 0, isWaitAnnounced {
            isWaitAnnounced = false
            shared.someoneWaits(false)
        }
        for index in 0..<listeners.count {
            let eldest = taps[listeners[index].pointee.tap].pointee.eldest
            let since = eldest < 0 ? 0 : connections[Int(eldest)].pointee.waitingSince
            listeners[index].pointee.counters.oldestWaitingSince.set(since)
        }
    }

    /// Turns before the loop looks at its events again.
    private static var turnsPerService: Int { 256 }
}
