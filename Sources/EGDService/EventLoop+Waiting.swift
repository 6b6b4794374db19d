// The turns of clients that wait for bytes: oldest first, one read each.
// SPDX-License-Identifier: Apache-2.0

internal import EGDProtocol
internal import Glibc
internal import LinuxSystem
internal import Synchronization

extension EventLoop {
    /// Gives waiting clients what their taps have. A client whose read is complete and who asked for
    /// more goes to the back.
    mutating func serveTaps() {
        for tap in 0..<taps.count where taps[tap].pointee.needsService {
            taps[tap].pointee.needsService = serve(tap)
            if !taps[tap].pointee.isEmpty { taps[tap].pointee.tap?.requestMore() }
        }
        tapsNeedService = (0..<taps.count).contains { taps[$0].pointee.needsService }
    }

    /// Returns whether there may be more to give: others get their turn on the loop before the rest.
    private mutating func serve(_ tap: Int) -> Bool {
        for _ in 0..<Self.turnsPerService {
            let oldest = taps[tap].pointee.oldest
            guard oldest >= 0 else { return false }
            stopWaiting(Int(oldest))
            guard answerPending(Int(oldest), isTurn: true) else {
                // Its read is still incomplete, or it has left.
                if taps[tap].pointee.oldest == oldest { return false }
                continue
            }
        }
        return true
    }

    mutating func startWaiting(_ index: Int, asOldest: Bool) {
        let row = connections[index]
        let listener = listeners[row.pointee.listener]
        row.pointee.phase = .waiting
        if asOldest {
            taps[listener.pointee.tap].pointee.prepend(Int32(index), in: connections)
        } else {
            row.pointee.waitingSince = SystemClock.awakeNanoseconds
            if !isWaitAnnounced {
                isWaitAnnounced = true
                shared.someoneWaits(true)
            }
            taps[listener.pointee.tap].pointee.append(Int32(index), in: connections)
            // Bytes may have come since the tap was found empty: it is tried once more now that
            // those who add bytes know that somebody waits.
            taps[listener.pointee.tap].pointee.needsService = true
            tapsNeedService = true
        }
        listener.pointee.counters.waiting.add(1)
        waitingCount += 1
        waitsChanged = true
    }

    mutating func stopWaiting(_ index: Int) {
        let row = connections[index]
        let listener = listeners[row.pointee.listener]
        row.pointee.phase = .idle
        taps[listener.pointee.tap].pointee.remove(Int32(index), in: connections)
        listener.pointee.counters.waiting.add(-1)
        waitingCount -= 1
        waitsChanged = true
    }

    /// At the end of a turn of the loop: tells the listeners' counters how long their oldest request
    /// has been waiting, and those who add bytes when nobody waits any more. Not earlier, because a
    /// client that leaves its list only to be tried must stay announced.
    mutating func publishWaits() {
        waitsChanged = false
        if waitingCount == 0, isWaitAnnounced {
            isWaitAnnounced = false
            shared.someoneWaits(false)
        }
        for index in 0..<listeners.count {
            let oldest = taps[listeners[index].pointee.tap].pointee.oldest
            let since = oldest < 0 ? 0 : connections[Int(oldest)].pointee.waitingSince
            listeners[index].pointee.counters.oldestWaitingSince.set(since)
        }
    }

    /// Turns before the loop looks at its events again.
    private static var turnsPerService: Int { 256 }
}
