// Visits to one client: its commands in, its replies out, in order and once.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import EGDProtocol
internal import Entropy
internal import Glibc

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
        if events & Self.readable != 0, !row.pointee.inputEnded { receive(index) }
    }

    // MARK: - Commands

    private mutating func receive(_ index: Int) {
        let row = connections[index]
        let count = recv(row.pointee.descriptor, input, Self.inputByteCount, 0)
        if count <= 0 { return receiveEnded(index, count: count) }
        let bytes = UnsafeRawBufferPointer(start: input, count: count)
        let listener = listeners[row.pointee.listener]
        let tap = listener.pointee.tap
        var requests = 0
        var hasWrites = false
        var isAnswering = row.pointee.phase == .idle
        let wasIdle = isAnswering
        var offset = 0
        parsing: while let command = row.pointee.parser.next(in: bytes, from: &offset) {
            switch command {
            case .request(let request):
                requests += 1
                if isAnswering {
                    guard makeRoom(index) else { break parsing }
                    isAnswering = row.pointee.unsentCount == 0
                }
                if isAnswering {
                    var turn = false
                    if answer(request, tap: tap, turn: &turn) == .complete { continue }
                    isAnswering = false
                }
                row.pointee.pending.append(request)
            case .write:
                requests += 1
            case .writeData(let range):
                hasWrites = true
                taps[tap].pointee.tap?.mix(UnsafeRawBufferPointer(rebasing: bytes[range]))
            case .unknown:
                listener.pointee.counters.requests.add(requests)
                listener.pointee.counters.protocolErrors.add(1)
                if wasIdle { _ = deliver(index) }
                if row.pointee.descriptor >= 0 { closeConnection(index) }
                return
            }
        }
        listener.pointee.counters.requests.add(requests)
        if hasWrites { wipe(UnsafeMutableRawBufferPointer(start: input, count: count)) }
        guard row.pointee.descriptor >= 0 else { return }
        if wasIdle {
            settle(index, asOldest: false)
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
        let listener = listeners[row.pointee.listener]
        // The socket's buffer ends the loop; the bound only guards against a kernel that doesn't.
        for _ in 0..<Self.lastReads {
            let count = recv(row.pointee.descriptor, input, Self.inputByteCount, 0)
            guard count > 0 else { break }
            let bytes = UnsafeRawBufferPointer(start: input, count: count)
            var offset = 0
            while let command = row.pointee.parser.next(in: bytes, from: &offset) {
                switch command {
                case .request, .write: listener.pointee.counters.requests.add(1)
                case .writeData(let range):
                    taps[listener.pointee.tap].pointee.tap?.mix(
                        UnsafeRawBufferPointer(rebasing: bytes[range])
                    )
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
        let tap = listeners[row.pointee.listener].pointee.tap
        var turn = isTurn
        var completed = false
        wakeCollected(index)
        while let request = row.pointee.pending.first {
            guard makeRoom(index) else { return completed }
            if row.pointee.unsentCount > 0 { break }
            guard answer(request, tap: tap, turn: &turn) == .complete else { break }
            if case .readBlocking = request { completed = true }
            row.pointee.pending.removeFirst()
        }
        settle(index, asOldest: isTurn && !completed)
        return completed
    }

    /// Appends the reply to the ready ones, or what there is of it to the collected bytes.
    private mutating func answer(
        _ request: EGDRequest,
        tap: Int,
        turn: inout Bool
    ) -> Answer {
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
            UnsafeMutableRawBufferPointer(start: next, count: processIDReply.count)
                .copyBytes(from: processIDReply)
            readyCount += processIDReply.count
        case .readNonBlocking(let wanted):
            // While clients wait, all that comes is theirs.
            let count = taps[tap].pointee.isEmpty ? fill(next + 1, Int(wanted), tap: tap) : 0
            next.storeBytes(of: UInt8(count), as: UInt8.self)
            readyCount += 1 + count
            entropyCount += count
        case .readBlocking(let wanted):
            guard wanted > 0 else { break }
            guard turn || taps[tap].pointee.isEmpty else { return .mustWait }
            turn = false
            let count = fill(next + collectedCount, Int(wanted) - collectedCount, tap: tap)
            collectedCount += count
            entropyCount += count
            guard collectedCount == Int(wanted) else { return .mustWait }
            readyCount += collectedCount
            collectedCount = 0
        }
        return .complete
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
        let counters = listeners[row.pointee.listener].pointee.counters
        if entropyCount > kept { counters.delivered.add(entropyCount - kept) }
        if sent < 0 {
            counters.lost.add(kept)
        } else if left > 0 {
            row.pointee.slot = slots.take()
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
    private mutating func settle(_ index: Int, asOldest: Bool) {
        guard deliver(index) else { return }
        let row = connections[index]
        if row.pointee.unsentCount > 0 {
            row.pointee.phase = .blocked
        } else if !row.pointee.pending.isEmpty {
            startWaiting(index, asOldest: asOldest)
        } else if row.pointee.inputEnded {
            return closeConnection(index)
        } else {
            row.pointee.phase = .idle
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
        let counters = listeners[row.pointee.listener].pointee.counters
        counters.delivered.add(row.pointee.slotEntropyCount - kept)
        row.pointee.slotEntropyCount = kept
        row.pointee.unsentCount -= sent
        memmove(bytes, bytes + sent, left)
        wipe(UnsafeMutableRawBufferPointer(start: bytes + left, count: sent))
        guard row.pointee.unsentCount == 0 else { return }
        if left == 0 { releaseSlot(index) }
        _ = answerPending(index, isTurn: false)
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

    private mutating func releaseSlot(_ index: Int) {
        let row = connections[index]
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
            let sent = send(descriptor, bytes, count, Self.sendFlags)
            if sent >= 0 { return sent }
            if errno == EAGAIN { return 0 }
            if errno != EINTR { return -1 }
        }
    }

    // MARK: - Interest and end

    /// Reads while the client may ask for more; writes while something is unsent. Hang-ups are told
    /// by epoll in any case.
    private func updateInterest(_ index: Int) {
        let row = connections[index]
        var interest: UInt32 = 0
        if !row.pointee.inputEnded, !row.pointee.pending.isFull { interest |= Self.readable }
        if row.pointee.phase == .blocked { interest |= Self.writable }
        guard interest != row.pointee.interest else { return }
        row.pointee.interest = interest
        var event = epoll_event()
        event.events = interest
        event.data.u64 = UInt64(row.pointee.generation) << 32 | UInt64(index)
        epoll_ctl(poller, EPOLL_CTL_MOD, row.pointee.descriptor, &event)
    }

    /// Ends a connection. Bytes it could not be given any more are wiped and counted, never put back.
    mutating func closeConnection(_ index: Int) {
        let row = connections[index]
        let listener = row.pointee.listener
        let counters = listeners[listener].pointee.counters
        if row.pointee.phase == .waiting { stopWaiting(index) }
        if row.pointee.slot >= 0 {
            counters.lost.add(row.pointee.slotEntropyCount)
            releaseSlot(index)
        }
        row.pointee.pending.removeAll()
        close(row.pointee.descriptor)
        row.pointee.descriptor = -1
        row.pointee.generation = max(1, row.pointee.generation &+ 1)
        row.pointee.younger = freeConnection
        freeConnection = Int32(index)
        listeners[listener].pointee.connections -= 1
        counters.connections.set(listeners[listener].pointee.connections)
        releaseIfUnused(listener: listener)
        resumeAccepting(onlyIfDue: false)
    }

    private static var failed: UInt32 { UInt32(EPOLLERR.rawValue) }
    private static var hungUp: UInt32 { UInt32(EPOLLHUP.rawValue) }
    private static var sendFlags: Int32 { Int32(MSG_NOSIGNAL | MSG_DONTWAIT) }
    /// Reads of ``inputByteCount``: 1 MiB, well above a socket buffer (net.core.rmem_default).
    private static var lastReads: Int { 4_096 }
}
