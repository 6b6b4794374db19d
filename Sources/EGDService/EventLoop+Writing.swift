// What clients write: bytes to be mixed, bytes of trusted writers, and nodes that announce themselves.
// SPDX-License-Identifier: Apache-2.0

internal import EGDProtocol
internal import Glibc
internal import Synchronization

extension EventLoop {
    /// The header of `03` was read.
    mutating func beginWrite(_ index: Int, claimedBits: UInt16, byteCount: UInt8) {
        let row = connections[index]
        row.pointee.creditableCount = 0
        if clients[Int(row.pointee.client)].pointee.isTrusted {
            let tap = taps[listeners[Int(row.pointee.listener)].pointee.tap].pointee.tap
            let count = tap?.creditableCount(
                claimedBits: Int(claimedBits),
                byteCount: Int(byteCount)
            )
            row.pointee.creditableCount = UInt8(clamping: min(Int(byteCount), count ?? 0))
        }
        if row.pointee.introduction == .begun { row.pointee.introduction = .none }
        announcements[Int32(index)] = nil
        if chain != nil, claimedBits == 0, byteCount == UInt8(EGDNode.announcementByteCount),
            row.pointee.introduction == .none
        {
            row.pointee.introduction = .begun
            announcements[Int32(index)] = []
        }
    }

    /// Bytes of the write under way. False: they end an announcement of a node that may not read here.
    mutating func takeWrite(_ index: Int, _ bytes: UnsafeRawBufferPointer) -> Bool {
        let row = connections[index]
        let listener = listeners[Int(row.pointee.listener)]
        let tap = taps[listener.pointee.tap].pointee.tap
        let creditable = min(bytes.count, Int(row.pointee.creditableCount))
        if creditable > 0 {
            row.pointee.creditableCount -= UInt8(creditable)
            listener.pointee.counters.contributed.add(creditable)
            tap?.contribute(UnsafeRawBufferPointer(rebasing: bytes[..<creditable]))
        }
        if creditable < bytes.count {
            tap?.mix(UnsafeRawBufferPointer(rebasing: bytes[creditable...]))
        }
        guard row.pointee.introduction == .begun else { return true }
        announcements[Int32(index), default: []] += bytes
        guard let text = announcements[Int32(index)],
            text.count >= EGDNode.announcementByteCount
        else { return true }
        announcements[Int32(index)] = nil
        row.pointee.introduction = .none
        guard let node = EGDNode(announcement: text) else { return true }
        return introduce(node, index)
    }

    /// The client is that node. False: this daemon reads from it, so that it may not read from here.
    mutating func introduce(_ node: EGDNode, _ index: Int) -> Bool {
        guard let chain else { return true }
        let row = connections[index]
        guard chain.withLock({ $0.admit(reader: node) }) else {
            row.pointee.introduction = .refused
            return false
        }
        row.pointee.introduction = .made
        readers[Int32(index)] = node
        listeners[Int(row.pointee.listener)].pointee.account.name(
            node.text,
            loop: self.index,
            row: row.pointee.client
        )
        return true
    }

    /// The connection ends.
    mutating func forgetReader(_ index: Int) {
        let row = connections[index]
        guard row.pointee.introduction != .none else { return }
        announcements[Int32(index)] = nil
        guard let node = readers.removeValue(forKey: Int32(index)) else { return }
        chain?.withLock { $0.dismiss(reader: node) }
    }

    /// The reply to `04` for a node: length byte and text.
    func pathReply(_ index: Int) -> [UInt8] {
        guard let chain else { return processIDReply }
        var path = chain.withLock { $0.path }
        let listener = listeners[Int(connections[index].pointee.listener)]
        path.isGenerated = listener.pointee.configuration.isGenerated
        let reply = path.reply(processID: getpid())
        return [UInt8(reply.count)] + reply
    }
}
