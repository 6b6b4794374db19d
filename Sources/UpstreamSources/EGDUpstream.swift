// One connection to an EGD server that is read from by demand, and the check for circles on it.
// SPDX-License-Identifier: Apache-2.0

internal import EGDProtocol
internal import Entropy
internal import Glibc
internal import LinuxSystem

/// Used by one thread. After an error it is of no more use. Bytes are held here only between their
/// arrival and their hand-over, in locked memory; each is handed over once.
final class EGDUpstream {
    let endpoint: StreamEndpoint
    /// What a Wellspring server said last; nil for any other server.
    private(set) var path: EGDPath?
    /// Bytes handed over.
    private(set) var byteCount = 0

    private let descriptor: Int32
    private let membership: ChainMembership?
    private let isCredited: Bool
    private let bytes = SecretBytes(count: batchLimit)
    /// Entropy bytes asked for and not received.
    private var owed = 0
    /// The reply to `04` that ends a batch, as far as it has come; nil when none is asked for.
    private var pathReply: PathReply?
    /// Bytes received, of which the first ``given`` are handed over.
    private var received = 0
    private var given = 0

    /// Takes over a connected, non-blocking socket. With `membership` a Wellspring server's path is
    /// asked for with every batch and judged before a byte of the batch is handed over.
    /// `isCredited`: a listener that says it serves a generator's output is refused.
    init(
        _ descriptor: Int32,
        _ endpoint: StreamEndpoint,
        _ membership: ChainMembership?,
        isCredited: Bool
    ) {
        self.descriptor = descriptor
        self.isCredited = isCredited
        self.endpoint = endpoint
        self.membership = membership
    }

    deinit {
        close(descriptor)
        membership?.leave()
    }

    /// Whether no byte is owed or held: the connection can be given up without a loss.
    var isIdle: Bool { owed == 0 && pathReply == nil && given == received }

    /// Announces this node and asks who serves; to be called first, if at all. Another server than
    /// Wellspring answers with its process id and is read without looking for circles. An error of
    /// kind `choked` when no answer comes within `limit`. Does nothing without a membership.
    func introduce(within limit: Duration, wake: Int32) throws(UpstreamFailure) {
        guard let own = membership?.own else { return }
        var greeting = [UInt8](repeating: 0, count: 4)
        greeting.withUnsafeMutableBytes {
            EGDWire.encodeWriteHeader(
                claimedBits: 0,
                byteCount: UInt8(EGDNode.announcementByteCount),
                into: $0
            )
        }
        try send(greeting + own.announcement + [EGDWire.processID])
        var reply = PathReply()
        do throws(UpstreamFailure) {
            try receive(&reply, until: SystemClock.awake + limit, wake: wake)
        } catch {
            throw error.kind == .woken || error.kind == .violation
                ? error : UpstreamFailure(.choked, error.reason)
        }
        guard reply.isWellspring else { return }
        path = try judge(reply)
    }

    /// Hands over at least one sample, or none when `wake` became readable; what was asked for by
    /// then comes with a later call.
    func sample(
        into buffer: UnsafeMutableBufferPointer<UInt64>,
        wake: Int32,
        silenceLimit: Duration
    ) throws(UpstreamFailure) -> Int {
        if isIdle { try ask(min(buffer.count, batchLimit)) }
        if given == received || pathReply != nil {
            do throws(UpstreamFailure) {
                try fetch(wake: wake, silenceLimit)
            } catch {
                if error.kind == .woken { return 0 }
                bytes.wipe()
                guard error.kind == .silent else { throw error }
                throw UpstreamFailure(.silent, "\(endpoint) gave nothing for \(silenceLimit)")
            }
        }
        return handOver(buffer)
    }

    // MARK: Asking

    /// One batch. The path is asked for behind the bytes, so that its answer covers them all.
    ///
    /// A Wellspring server gets all requests at once. Others get one at a time: ekeyd forgets requests
    /// that wait behind one that waited.
    private func ask(_ count: Int) throws(UpstreamFailure) {
        try refuseSurplus()
        (received, given) = (0, 0)
        var commands: [UInt8] = []
        let limit = path == nil ? min(count, EGDWire.maximumByteCount) : count
        while owed < limit {
            let part = min(limit - owed, EGDWire.maximumByteCount)
            commands += [EGDWire.readBlocking, UInt8(part)]
            owed += part
        }
        if path != nil {
            commands.append(EGDWire.processID)
            pathReply = PathReply()
        }
        try send(commands)
    }

    /// Nothing may come unasked, and the end may have come while nobody looked.
    private func refuseSurplus() throws(UpstreamFailure) {
        var byte: UInt8 = 0
        let count = recv(descriptor, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT))
        if count > 0 {
            throw UpstreamFailure(.violation, "\(endpoint) sent bytes that nobody asked for")
        }
        if count == 0 { throw .closed(endpoint) }
        if errno != EAGAIN && errno != EINTR { throw .lost(endpoint, number: errno) }
    }

    /// A few bytes on a connection that owes nothing: they fit the socket's buffer, or it is broken.
    private func send(_ commands: [UInt8]) throws(UpstreamFailure) {
        let flags = Int32(MSG_NOSIGNAL | MSG_DONTWAIT)
        let count = Glibc.send(descriptor, commands, commands.count, flags)
        if count < 0 { throw .lost(endpoint, number: errno) }
        if count < commands.count {
            throw UpstreamFailure(.unreachable, "\(endpoint) takes no more requests")
        }
    }

    // MARK: Receiving

    /// Bytes of the batch: with a path the whole batch and its verdict, else what comes first.
    private func fetch(wake: Int32, _ silenceLimit: Duration) throws(UpstreamFailure) {
        repeat {
            guard owed > 0 else { break }
            let count = try bytes.withMutableBytes {
                (memory: UnsafeMutableRawBufferPointer) throws(UpstreamFailure) in
                try receive(
                    into: UnsafeMutableRawBufferPointer(
                        rebasing: memory[received..<received + owed]
                    ),
                    until: SystemClock.awake + silenceLimit,
                    wake: wake
                )
            }
            received += count
            owed -= count
        } while path != nil
        guard var reply = pathReply else { return }
        do throws(UpstreamFailure) {
            try receive(&reply, until: SystemClock.awake + silenceLimit, wake: wake)
        } catch {
            pathReply = reply
            throw error
        }
        path = try judge(reply)
        pathReply = nil
    }

    private func receive(
        _ reply: inout PathReply,
        until deadline: Duration,
        wake: Int32
    ) throws(UpstreamFailure) {
        while reply.missing > 0 {
            var text = [UInt8](repeating: 0, count: reply.missing)
            let result = text.withUnsafeMutableBytes { buffer in
                Result { () throws(UpstreamFailure) in
                    try receive(into: buffer, until: deadline, wake: wake)
                }
            }
            reply.take(text[..<(try result.get())])
        }
    }

    /// At least one byte.
    private func receive(
        into buffer: UnsafeMutableRawBufferPointer,
        until deadline: Duration,
        wake: Int32
    ) throws(UpstreamFailure) -> Int {
        while true {
            let count = recv(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
            if count > 0 { return count }
            if count == 0 { throw .closed(endpoint) }
            if errno == EINTR { continue }
            guard errno == EAGAIN else { throw .lost(endpoint, number: errno) }
            switch waitForInput(descriptor, wake: wake, until: deadline) {
            case .ready: break
            case .woken: throw UpstreamFailure(.woken)
            case .timedOut: throw UpstreamFailure(.silent, "\(endpoint) gave nothing in time")
            }
        }
    }

    private func judge(_ reply: PathReply) throws(UpstreamFailure) -> EGDPath {
        guard let path = EGDPath(reply: reply.text) else {
            throw UpstreamFailure(.violation, "\(endpoint) does not say what it reads from")
        }
        if path.isGenerated, isCredited {
            throw UpstreamFailure(
                .generated,
                "\(endpoint) serves a generator's output, which is worth no credit: name its "
                    + "full-entropy listener, or claim 0"
            )
        }
        if let complaint = membership?.join(path, of: endpoint) {
            throw UpstreamFailure(.circle, complaint)
        }
        return path
    }

    private func handOver(_ buffer: UnsafeMutableBufferPointer<UInt64>) -> Int {
        let count = min(buffer.count, received - given)
        bytes.withMutableBytes { memory in
            for index in 0..<count { buffer[index] = UInt64(memory[given + index]) }
            wipe(UnsafeMutableRawBufferPointer(rebasing: memory[given..<given + count]))
        }
        given += count
        byteCount += count
        return count
    }
}

/// The reply to `04`: a length, then as many bytes of text.
private struct PathReply {
    private(set) var text: [UInt8] = []
    private var length: Int?

    /// Bytes still to come, as far as is known.
    var missing: Int { length.map { $0 - text.count } ?? 1 }

    mutating func take(_ bytes: ArraySlice<UInt8>) {
        if length == nil, let first = bytes.first { length = Int(first) } else { text += bytes }
    }

    /// Whether the server claims to be one of this program, rightly or not. Others tell a number.
    var isWellspring: Bool { String(decoding: text, as: UTF8.self).contains("wellspring") }
}

/// Bytes. Four requests, and a page of locked memory holds them.
private let batchLimit = 4 * EGDWire.maximumByteCount
