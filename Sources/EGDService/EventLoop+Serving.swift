// Visits to one client: its commands in, its replies out, in order and once.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import EGDProtocol
internal import Entropy
internal import Glibc
internal import Synchronization

extension EventLoop {
    /// What is to happen with a request that was just tried.
    private enum Answer { case complete, mustWait }

    mutating func visit(_ index: Int, generation: UInt32, events: UInt32) {
        let row = connections[index]
        guard row.pointee.generation == generation, row.pointee.descriptor >= 0 else { return }
        if events & Self.failed != 0 { return closeConnection(index) }
        if events & Self.hungUp != 0 { return takeLastWrites(index) }
        if events & Self.writable != 0, row.pointee.phase == .blocked {
            sendUnsent(index)
            guard row.pointee.generation == generation else { return }
        }
        if events & Self.readable != 0, !row.pointee.inputEnded, leavingBy == nil {
            receive(index)
        }
    }

    // MARK: - Commands

    private mutating func receive(_ index: Int) {
        let row = connections[index]
        let count = ws_recv(row.pointee.descriptor, input, Self.inputByteCount)
        if count <= 0 { return receiveEnded(index, count: count) }
        let bytes = UnsafeRawBufferPointer(start: input, count: count)
        let listener = listeners[Int(row.pointee.listener)]
        let client = clients[Int(row.pointee.client)]
        var requests = 0
        var hasWrites = false
        var isRefused = false
        var isAnswering = row.pointee.phase == .idle
        let wasIdle = isAnswering
        var offset = 0
        parsing: while let command = row.pointee.parser.next(in: bytes, from: &offset) {
            switch command {
            case .request(let request):
                requests += 1
                if row.pointee.introduction == .refused {
                    // It is told why, and gets nothing else.
                    var turn = false
                    if isAnswering, request == .processID {
                        _ = answer(request, index, turn: &turn)
                    }
                    isRefused = true
                    break parsing
                }
                if isAnswering {
                    guard makeRoom(index) else { break parsing }
                    isAnswering = row.pointee.unsentCount == 0
                }
                if isAnswering {
                    var turn = false
                    if answer(request, index, turn: &turn) == .complete { continue }
                    isAnswering = false
                }
                row.pointee.pending.append(request)
                queuedRequests += 1
            case .write(let claimedBits, let byteCount):
                requests += 1
                beginWrite(index, claimedBits: claimedBits, byteCount: byteCount)
            case .writeData(let range):
                hasWrites = true
                if !takeWrite(index, UnsafeRawBufferPointer(rebasing: bytes[range])) {
                    listener.pointee.counters.circles.add(1)
                }
            case .unknown:
                listener.pointee.counters.protocolErrors.add(1)
                break parsing
            }
        }
        listener.pointee.counters.requests.add(requests)
        client.pointee.counters.requests.add(requests)
        if hasWrites { wipe(UnsafeMutableRawBufferPointer(start: input, count: count)) }
        guard row.pointee.descriptor >= 0 else { return }
        // A refused node that waits already is not served after all.
        if row.pointee.introduction == .refused, !wasIdle { isRefused = true }
        if row.pointee.parser.hasRefused || isRefused {
            // What was asked before is answered as far as it can be at once.
            if !wasIdle || deliver(index) { closeConnection(index) }
        } else if wasIdle {
            settle(index)
        } else {
            updateInterest(index)
        }
    }

    private mutating func receiveEnded(_ index: Int, count: Int) {
        let row = connections[index]
        if count < 0 {
            if errno != EAGAIN && errno != EINTR { closeConnection(index) }
        } else if row.pointee.phase == .idle {
            closeConnection(index)
        } else {
            // Half closed: what was asked for is still answered.
            row.pointee.inputEnded = true
            updateInterest(index)
        }
    }

    /// The client is gone altogether. What it wrote still counts, what it asked for does not.
    private mutating func takeLastWrites(_ index: Int) {
        let row = connections[index]
        let listener = listeners[Int(row.pointee.listener)]
        // The socket's buffer ends the loop; the bound only guards against a kernel that doesn't.
        for _ in 0..<Self.lastReads {
            let count = ws_recv(row.pointee.descriptor, input, Self.inputByteCount)
            guard count > 0 else { break }
            let bytes = UnsafeRawBufferPointer(start: input, count: count)
            var offset = 0
            while let command = row.pointee.parser.next(in: bytes, from: &offset) {
                switch command {
                case .request: listener.pointee.counters.requests.add(1)
                case .write(let claimedBits, let byteCount):
                    listener.pointee.counters.requests.add(1)
                    beginWrite(index, claimedBits: claimedBits, byteCount: byteCount)
                case .writeData(let range):
                    _ = takeWrite(index, UnsafeRawBufferPointer(rebasing: bytes[range]))
                case .unknown: listener.pointee.counters.protocolErrors.add(1)
                }
            }
            wipe(UnsafeMutableRawBufferPointer(start: input, count: count))
        }
        closeConnection(index)
    }

    // MARK: - Answers

    /// Answers pending requests in order for as long as bytes, socket and turn allow; in its turn
    /// a client's first blocking read goes before those who wait. Returns whether one was completed.
    mutating func answerPending(_ index: Int, isTurn: Bool) -> Bool {
        let row = connections[index]
        var turn = isTurn
        var completed = false
        wakeCollected(index)
        while let request = row.pointee.pending.first {
            guard makeRoom(index) else { return completed }
            if row.pointee.unsentCount > 0 { break }
            guard answer(request, index, turn: &turn) == .complete else { break }
            if case .readBlocking = request {
                completed = true
                noteWait(index)
            }
            row.pointee.pending.removeFirst()
            queuedRequests -= 1
        }
        settle(index, isUnfinished: isTurn && !completed)
        return completed
    }

    /// Appends the reply to the ready ones, or what there is of it to the collected bytes.
    private mutating func answer(
        _ request: EGDRequest,
        _ index: Int,
        turn: inout Bool
    ) -> Answer {
        let row = connections[index]
        let client = row.pointee.client
        let tap = listeners[Int(row.pointee.listener)].pointee.tap
        let next = output + readyCount
        switch request {
        case .level:
            let bits = taps[tap].pointee.tap?.availableBits ?? 0
            EGDWire.encodeLevel(
                bits: bits,
                into: UnsafeMutableRawBufferPointer(start: next, count: 4)
            )
            readyCount += 4
        case .processID:
            let reply =
                row.pointee.introduction == .made || row.pointee.introduction == .refused
                ? pathReply(processIDReply) : processIDReply
            UnsafeMutableRawBufferPointer(start: next, count: reply.count)
                .copyBytes(from: reply)
            readyCount += reply.count
        case .readNonBlocking(let wanted):
            // While clients wait, all that comes is theirs.
            let count = mayTakeAtOnce(client, tap) ? fill(next + 1, Int(wanted), tap: tap) : 0
            charge(client, count)
            next.storeBytes(of: UInt8(count), as: UInt8.self)
            readyCount += 1 + count
            entropyCount += count
        case .readBlocking(let wanted):
            guard wanted > 0 else { break }
            guard turn || mayTakeAtOnce(client, tap) else { return .mustWait }
            turn = false
            let count = fill(next + collectedCount, Int(wanted) - collectedCount, tap: tap)
            charge(client, count)
            collectedCount += count
            entropyCount += count
            guard collectedCount == Int(wanted) else {
                isExhausted = true
                return .mustWait
            }
            readyCount += collectedCount
            collectedCount = 0
        }
        return .complete
    }

    /// Whether a client need not wait: nobody does, and it is within its quota.
    private func mayTakeAtOnce(_ client: Int32, _ tap: Int) -> Bool {
        guard taps[tap].pointee.ring.isEmpty, clients[Int(client)].pointee.place == .none,
            clients[Int(client)].pointee.oldest < 0
        else { return false }
        if case .open = gate(client, isTurn: false) { return true }
        return false
    }

    /// Takes bytes until there are enough or the tap has no more.
    private func fill(_ start: UnsafeMutableRawPointer, _ wanted: Int, tap: Int) -> Int {
        guard let tap = taps[tap].pointee.tap else { return 0 }
        var count = 0
        while count < wanted {
            let taken = tap.take(
                into: UnsafeMutableRawBufferPointer(start: start + count, count: wanted - count)
            )
            guard taken > 0 else { break }
            count += taken
        }
        return count
    }

    // MARK: - Delivery

    /// Sends the ready replies if the next one might not fit behind them. False: the client is gone.
    private mutating func makeRoom(_ index: Int) -> Bool {
        if readyCount + EGDWire.maximumReplyLength <= SecretSlots.slotByteCount { return true }
        return deliver(index)
    }

    /// Hands the ready replies to the socket in one send and wipes them; what it does not take, and the
    /// collected bytes, go to the client's slot. False: the client is gone and its row closed.
    private mutating func deliver(_ index: Int) -> Bool {
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
    private mutating func sendUnsent(_ index: Int) {
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
    private mutating func wakeCollected(_ index: Int) {
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
        var interest: UInt32 = 0
        if !row.pointee.inputEnded, leavingBy == nil, !isFull(index) { interest |= Self.readable }
        if row.pointee.phase == .blocked, row.pointee.unsentCount > 0 { interest |= Self.writable }
        guard interest != row.pointee.interest else { return }
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

    private static var failed: UInt32 { UInt32(EPOLLERR.rawValue) }
    private static var hungUp: UInt32 { UInt32(EPOLLHUP.rawValue) }
    private static var sendFlags: Int32 { Int32(MSG_NOSIGNAL | MSG_DONTWAIT) }
    /// Slots of 4 KiB in use at a time: 4 MiB of locked memory for clients that do not read.
    static var mostSlots: Int { 1_024 }
    /// Requests of all connections, at two bytes each: 2 MiB, or 4 where queues have just grown.
    static var mostQueuedRequests: Int { 1 << 20 }
    /// Requests that a connection may have sent ahead in any case: as many as ordinary clients do.
    static var fewQueuedRequests: Int { 16 }
    /// Reads of ``inputByteCount``: 1 MiB, well above a socket buffer (net.core.rmem_default).
    private static var lastReads: Int { 4_096 }
}
