// Replies on their way: into the socket in one send, what it does not take into a slot, and the connection's end.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import EGDProtocol
internal import Entropy
internal import Glibc
internal import Synchronization

extension EventLoop {
    /// Sends the ready replies if the next one might not fit behind them. False: the client is gone.
    mutating func makeRoom(_ index: Int) -> Bool {
        if readyCount + EGDWire.maximumReplyLength <= SecretSlots.slotByteCount { return true }
        return deliver(index)
    }

    /// Hands the ready replies to the socket in one send and wipes them; what it does not take, and the
    /// collected bytes, go to the client's slot. False: the client is gone and its row closed.
    mutating func deliver(_ index: Int) -> Bool {
        let row = connections[index]
        let total = readyCount + collectedCount
        guard total > 0 else { return true }
        var sent = 0
        if readyCount > 0 {
            sent = sendBytes(row.pointee.descriptor, output, readyCount)
        }
        let left = total - max(0, sent)
        let kept = min(left, entropyCount)
        let listener = listeners[Int(row.pointee.listener)]
        let client = clients[Int(row.pointee.client)]
        if entropyCount > kept {
            listener.pointee.counters.delivered.add(entropyCount - kept)
            client.pointee.counters.delivered.add(entropyCount - kept)
        }
        if sent >= 0, left > 0, !takeSlot(index) { sent = -1 }
        if sent < 0 {
            listener.pointee.counters.lost.add(kept)
            client.pointee.counters.lost.add(kept)
        } else if left > 0 {
            slots[row.pointee.slot].copyMemory(from: output + sent, byteCount: left)
            row.pointee.unsentCount = readyCount - sent
            row.pointee.collectedCount = collectedCount
            row.pointee.slotEntropyCount = kept
        }
        wipe(UnsafeMutableRawBufferPointer(start: output, count: total))
        readyCount = 0
        collectedCount = 0
        entropyCount = 0
        if sent < 0 { closeConnection(index) }
        return sent >= 0
    }

    /// Ends a visit that answered: delivers and finds out what the client is in for.
    mutating func settle(_ index: Int, isUnfinished: Bool = false) {
        guard deliver(index) else { return }
        let row = connections[index]
        if row.pointee.unsentCount == 0, !row.pointee.pending.isEmpty {
            startWaiting(index, isUnfinished: isUnfinished)
        } else {
            endWait(index)
            if row.pointee.unsentCount > 0 {
                row.pointee.phase = .blocked
            } else if row.pointee.inputEnded {
                return closeConnection(index)
            } else {
                row.pointee.phase = .idle
            }
        }
        updateInterest(index)
    }

    /// The socket takes bytes again.
    mutating func sendUnsent(_ index: Int) {
        let row = connections[index]
        let bytes = slots[row.pointee.slot]
        let sent = sendBytes(row.pointee.descriptor, bytes, row.pointee.unsentCount)
        guard sent >= 0 else { return closeConnection(index) }
        let held = row.pointee.unsentCount + row.pointee.collectedCount
        let left = held - sent
        let kept = min(left, row.pointee.slotEntropyCount)
        let delivered = row.pointee.slotEntropyCount - kept
        listeners[Int(row.pointee.listener)].pointee.counters.delivered.add(delivered)
        clients[Int(row.pointee.client)].pointee.counters.delivered.add(delivered)
        row.pointee.slotEntropyCount = kept
        row.pointee.unsentCount -= sent
        memmove(bytes, bytes + sent, left)
        wipe(UnsafeMutableRawBufferPointer(start: bytes + left, count: sent))
        guard row.pointee.unsentCount == 0 else { return }
        if left == 0 { releaseSlot(index) }
        if leavingBy == nil {
            _ = answerPending(index, isTurn: false)
        } else {
            updateInterest(index)
        }
    }

    /// Brings the part of a reply that was collected before back to where replies are made.
    mutating func wakeCollected(_ index: Int) {
        let row = connections[index]
        guard row.pointee.slot >= 0 else { return }
        output.copyMemory(from: slots[row.pointee.slot], byteCount: row.pointee.collectedCount)
        collectedCount = row.pointee.collectedCount
        entropyCount = row.pointee.slotEntropyCount
        releaseSlot(index)
    }

    /// A place for what the socket does not take now. Where there are too many already, the client
    /// that holds most of them loses a connection that takes no replies; false: it is this one.
    private mutating func takeSlot(_ index: Int) -> Bool {
        let client = connections[index].pointee.client
        if slots.usedCount >= Self.mostSlots {
            let counts = (0..<clients.count).map { clients[$0].pointee.slots }
            let greatest = counts.max() ?? 0
            let victim = (0..<connections.count).first { other in
                let row = connections[other]
                return other != index && row.pointee.descriptor >= 0 && row.pointee.slot >= 0
                    && row.pointee.phase == .blocked && counts[Int(row.pointee.client)] == greatest
            }
            let evicted = victim ?? index
            listeners[Int(connections[evicted].pointee.listener)].pointee.counters.evicted.add(1)
            guard let victim else { return false }
            closeConnection(victim)
        }
        connections[index].pointee.slot = slots.take()
        clients[Int(client)].pointee.slots += 1
        return true
    }

    private mutating func releaseSlot(_ index: Int) {
        let row = connections[index]
        clients[Int(row.pointee.client)].pointee.slots -= 1
        slots.giveBack(row.pointee.slot)
        row.pointee.slot = -1
        row.pointee.collectedCount = 0
        row.pointee.slotEntropyCount = 0
    }

    /// Bytes that the socket took, 0 when it is full; negative when the client is gone.
    private func sendBytes(
        _ descriptor: Int32,
        _ bytes: UnsafeMutableRawPointer,
        _ count: Int
    ) -> Int {
        while true {
            let sent = ws_send(descriptor, bytes, count, Self.sendFlags)
            if sent >= 0 { return sent }
            if errno == EAGAIN { return 0 }
            if errno != EINTR { return -1 }
        }
    }

    // MARK: - Interest and end

    /// Reads while the client may ask for more; writes while something is unsent. Hang-ups are told
    /// by epoll in any case.
    func updateInterest(_ index: Int) {
        let row = connections[index]
        var interest = Self.once
        if !row.pointee.inputEnded, leavingBy == nil, !isFull(index) { interest |= Self.input }
        if row.pointee.phase == .blocked, row.pointee.unsentCount > 0 { interest |= Self.writable }
        if interest != row.pointee.interest { setInterest(index, interest) }
    }

    /// Also tells anew what was told before and is still so.
    func setInterest(_ index: Int, _ interest: UInt32) {
        let row = connections[index]
        row.pointee.interest = interest
        var event = epoll_event()
        event.events = interest
        event.data.u64 = UInt64(row.pointee.generation) << 32 | UInt64(index)
        epoll_ctl(poller, EPOLL_CTL_MOD, row.pointee.descriptor, &event)
    }

    /// Whether it has asked for as much in advance as it may: less, when all together have asked for
    /// much.
    private func isFull(_ index: Int) -> Bool {
        let row = connections[index]
        return row.pointee.pending.isFull
            || (queuedRequests > Self.mostQueuedRequests
                && row.pointee.pending.count >= Self.fewQueuedRequests)
    }

    /// Ends a connection. Bytes it could not be given any more are wiped and counted, never put back.
    /// `goesOn`: its descriptor is another process's from now on.
    mutating func closeConnection(_ index: Int, goesOn: Bool = false) {
        let row = connections[index]
        let listener = listeners[Int(row.pointee.listener)]
        let client = clients[Int(row.pointee.client)]
        if row.pointee.phase == .waiting { stopWaiting(index) }
        endWait(index)
        if row.pointee.slot >= 0 {
            listener.pointee.counters.lost.add(row.pointee.slotEntropyCount)
            client.pointee.counters.lost.add(row.pointee.slotEntropyCount)
            releaseSlot(index)
        }
        queuedRequests -= Int(row.pointee.pending.count)
        row.pointee.pending.removeAll()
        forgetReader(index)
        if goesOn {
            epoll_ctl(poller, EPOLL_CTL_DEL, row.pointee.descriptor, nil)
        } else {
            close(row.pointee.descriptor)
        }
        row.pointee.descriptor = -1
        row.pointee.generation = max(1, row.pointee.generation &+ 1)
        row.pointee.younger = freeConnection
        freeConnection = Int32(index)
        client.pointee.connections -= 1
        client.pointee.counters.connections.set(client.pointee.connections)
        listener.pointee.connections -= 1
        listener.pointee.account.connections.subtract(1, ordering: .relaxed)
        departIfUnused(row.pointee.client)
        releaseIfUnused(listener: Int(row.pointee.listener))
        resumeAccepting(onlyIfDue: false)
    }

    private static var sendFlags: Int32 { Int32(MSG_NOSIGNAL | MSG_DONTWAIT) }
    /// Slots of 4 KiB in use at a time: 4 MiB of locked memory for clients that do not read.
    static var mostSlots: Int { 1_024 }
    /// Requests of all connections, at two bytes each: 2 MiB, or 4 where queues have just grown.
    static var mostQueuedRequests: Int { 1 << 20 }
    /// Requests that a connection may have sent ahead in any case: as many as ordinary clients do.
    static var fewQueuedRequests: Int { 16 }
}
