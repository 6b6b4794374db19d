// Quotas: who has used up its rate waits for it, and nobody else does.
// SPDX-License-Identifier: Apache-2.0

internal import LinuxSystem

extension EventLoop {
    enum Gate {
        case open
        /// Monotonic nanoseconds at which the client's own rate lets it in again.
        case clientClosed(until: Int)
        case listenerClosed
    }

    /// Whether the client may take something now. Out of its turn it does not overtake those who wait
    /// for the listener's rate.
    func gate(_ client: Int32, isTurn: Bool) -> Gate {
        let row = clients[Int(client)]
        let listener = listeners[Int(row.pointee.listener)]
        guard listener.pointee.isMetered else { return .open }
        let now = SystemClock.awakeNanoseconds
        if let rate = listener.pointee.configuration.clientRate {
            row.pointee.bucket.refill(rate, now: now)
            let wait = row.pointee.bucket.nanosecondsToOpen(rate)
            if wait > 0 { return .clientClosed(until: now + wait) }
        }
        if let rate = listener.pointee.configuration.totalRate {
            listener.pointee.bucket.refill(rate, now: now)
            if !listener.pointee.bucket.isOpen { return .listenerClosed }
            if !isTurn, !listener.pointee.parked.isEmpty { return .listenerClosed }
        }
        return .open
    }

    /// Notes what a client took.
    func charge(_ client: Int32, _ byteCount: Int) {
        let row = clients[Int(client)]
        let listener = listeners[Int(row.pointee.listener)]
        guard listener.pointee.isMetered else { return }
        row.pointee.bucket.take(byteCount)
        listener.pointee.bucket.take(byteCount)
    }

    /// Lets a client that has waiting connections, and no place yet, wait for what it lacks.
    mutating func place(_ client: Int32) {
        let row = clients[Int(client)]
        let listener = listeners[Int(row.pointee.listener)]
        switch gate(client, isTurn: true) {
        case .open:
            enterRing(client)
            return
        case .clientClosed(let until):
            row.pointee.place = .timed
            row.pointee.timer &+= 1
            timers.add(
                TimerHeap.Entry(time: until, client: client, stamp: row.pointee.timer)
            )
        case .listenerClosed:
            row.pointee.place = .parked
            listener.pointee.parked.append(client, in: clients)
            if listener.pointee.resumeAt == .max {
                listener.pointee.resumeAt =
                    SystemClock.awakeNanoseconds
                    + nanosecondsToOpen(listener)
            }
        }
        listener.pointee.counters.throttles.add(1)
        row.pointee.counters.throttles.add(1)
    }

    private mutating func enterRing(_ client: Int32) {
        let row = clients[Int(client)]
        let tap = listeners[Int(row.pointee.listener)].pointee.tap
        row.pointee.place = .ring
        taps[tap].pointee.ring.append(client, in: clients)
        taps[tap].pointee.needsService = true
        tapsNeedService = true
    }

    /// Takes a client out of where it waits.
    mutating func displace(_ client: Int32) {
        let row = clients[Int(client)]
        let listener = listeners[Int(row.pointee.listener)]
        switch row.pointee.place {
        case .ring: taps[listener.pointee.tap].pointee.ring.remove(client, in: clients)
        case .parked: listener.pointee.parked.remove(client, in: clients)
        // The timer finds another stamp or another place.
        case .timed, .none: break
        }
        row.pointee.place = .none
    }

    /// Brings back those whose time has come.
    mutating func runTimers() {
        guard leavingBy == nil else { return }
        if let earliest = timers.earliest {
            let now = SystemClock.awakeNanoseconds
            if earliest <= now {
                while let entry = timers.next(due: now) {
                    let row = clients[Int(entry.client)]
                    guard row.pointee.timer == entry.stamp, row.pointee.place == .timed else {
                        continue
                    }
                    row.pointee.place = .none
                    place(entry.client)
                }
            }
        }
        for index in 0..<listeners.count where listeners[index].pointee.resumeAt < .max {
            resumeParked(index)
        }
    }

    /// Looks at everybody again who waits for a rate: the rates may have changed.
    mutating func hastenTimers() {
        timers.hasten()
        for index in 0..<listeners.count where listeners[index].pointee.resumeAt < .max {
            listeners[index].pointee.resumeAt = 0
        }
    }

    /// Gives as many clients a turn as the listener's rate has bytes for.
    private mutating func resumeParked(_ index: Int) {
        let listener = listeners[index]
        let now = SystemClock.awakeNanoseconds
        guard listener.pointee.resumeAt <= now else { return }
        let rate = listener.pointee.configuration.totalRate
        if let rate { listener.pointee.bucket.refill(rate, now: now) }
        var budget = rate == nil ? .infinity : listener.pointee.bucket.level
        while budget >= 1, !listener.pointee.parked.isEmpty {
            let client = listener.pointee.parked.first
            displace(client)
            enterRing(client)
            budget -= Self.greatestRead
        }
        listener.pointee.resumeAt =
            listener.pointee.parked.isEmpty ? .max : now + nanosecondsToOpen(listener)
    }

    /// At least a millisecond, which is how exactly the loop sleeps.
    private func nanosecondsToOpen(_ listener: UnsafeMutablePointer<ListenerRow>) -> Int {
        guard let rate = listener.pointee.configuration.totalRate else { return 0 }
        return max(1_000_000, listener.pointee.bucket.nanosecondsToOpen(rate))
    }

    /// Bytes of one turn.
    private static var greatestRead: Double { 255 }
}
