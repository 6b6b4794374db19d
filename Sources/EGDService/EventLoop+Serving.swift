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
        guard events & Self.readable != 0, !row.pointee.inputEnded, leavingBy == nil else { return }
        let hasMore = receive(index) || events & Self.inputEnd != 0
        // What is left is not told again by itself; the others' turn comes first.
        if hasMore, row.pointee.generation == generation, !row.pointee.inputEnded {
            setInterest(index, row.pointee.interest)
        }
    }

    // MARK: - Commands

    /// Takes commands from the socket. Returns whether more may lie there.
    private mutating func receive(_ index: Int) -> Bool {
        let row = connections[index]
        let count = ws_recv(row.pointee.descriptor, input, Self.inputByteCount)
        if count <= 0 {
            receiveEnded(index, count: count)
            return false
        }
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
        guard row.pointee.descriptor >= 0 else { return false }
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
        return count == Self.inputByteCount
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
                ? pathReply(index) : processIDReply
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

    private static var failed: UInt32 { UInt32(EPOLLERR.rawValue) }
    private static var hungUp: UInt32 { UInt32(EPOLLHUP.rawValue) }
    /// Reads of ``inputByteCount``: 1 MiB, well above a socket buffer (net.core.rmem_default).
    private static var lastReads: Int { 4_096 }
}
