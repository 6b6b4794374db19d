// A blocking EGD client over a Unix or TCP socket, for the command line tools.
// SPDX-License-Identifier: Apache-2.0

internal import EGDProtocol
internal import Glibc
package import LinuxSystem
internal import StreamConnections

/// One connection to an EGD server. Entropy goes from the socket straight to the caller's memory.
///
/// Not for use by several threads at once. After an error other than ``EGDError/Code/outOfStep`` or
/// ``EGDError/Code/timedOut`` the connection is of no more use.
package struct EGDClient: ~Copyable {
    private let descriptor: Int32
    /// What messages call the server.
    private let path: String
    /// Bytes of blocking reads that were asked for and not received: a read timed out.
    private var owedByteCount = 0

    /// Connects within `limit`, or until `interruption` (-1: none) is readable. Throws with a hint
    /// when there is no such server.
    package init(
        _ endpoint: StreamEndpoint,
        limit: Duration = .seconds(10),
        interruption: Int32 = -1
    ) throws(EGDError) {
        path =
            switch endpoint {
            case .unix(let path): path
            case .tcp: endpoint.description
            }
        do throws(StreamConnectionError) {
            descriptor = try StreamSocket.connect(
                to: endpoint,
                within: limit,
                wake: interruption
            )
        } catch {
            throw .connecting(to: path, error)
        }
    }

    /// The same for a Unix socket.
    package init(path: String) throws(EGDError) { try self.init(.unix(path: path)) }

    deinit { Glibc.close(descriptor) }

    /// Ends the connection.
    package consuming func close() {}

    /// Reads into `buffer`, which may be of any size, and returns how many bytes it got.
    ///
    /// A blocking read returns fewer than asked only when `timeout` (nil: none) passes or the server
    /// closes; what is still owed then comes with the next blocking read. A non-blocking read returns
    /// what the server has now, maybe 0, and throws when it does not answer within `timeout`.
    package mutating func read(
        into buffer: UnsafeMutableRawBufferPointer,
        blocking: Bool,
        timeout: Duration? = nil
    ) throws(EGDError) -> Int {
        let deadline = Deadline(after: timeout)
        return blocking
            ? try readBlocking(into: buffer, deadline)
            : try readNonBlocking(into: buffer, deadline)
    }

    /// The server's available bits.
    package mutating func level(timeout: Duration? = nil) throws(EGDError) -> Int {
        var reply = try ask(.level, Deadline(after: timeout))
        try receiveFraming(&reply, Deadline(after: timeout))
        return Int(reply.level)
    }

    /// The server's process id as it tells it; nil when that is not a number.
    package mutating func processID(timeout: Duration? = nil) throws(EGDError) -> Int? {
        let deadline = Deadline(after: timeout)
        var reply = try ask(.processID, deadline)
        try receiveFraming(&reply, deadline)
        return try withUnsafeTemporaryBytes(EGDWire.maximumByteCount) {
            (text: UnsafeMutableRawBufferPointer) throws(EGDError) in
            let count = try receivePayload(&reply, into: text, deadline)
            return Int(String(decoding: text.prefix(count), as: UTF8.self))
        }
    }

    /// Sends bytes to be mixed, claiming `claimedBits` for each piece of up to 255. The server does
    /// not answer, and ours credits nothing.
    package mutating func write(
        _ bytes: UnsafeRawBufferPointer,
        claimedBits: UInt16,
        timeout: Duration? = nil
    ) throws(EGDError) {
        let deadline = Deadline(after: timeout)
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + EGDWire.maximumByteCount)
            try withUnsafeTemporaryBytes(4) {
                (header: UnsafeMutableRawBufferPointer) throws(EGDError) in
                EGDWire.encodeWriteHeader(
                    claimedBits: claimedBits,
                    byteCount: UInt8(end - start),
                    into: header
                )
                try sendAll(UnsafeRawBufferPointer(header), deadline)
            }
            try sendAll(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), deadline)
            start = end
        }
    }

    // MARK: - Reading

    private mutating func readBlocking(
        into buffer: UnsafeMutableRawBufferPointer,
        _ deadline: Deadline
    ) throws(EGDError) -> Int {
        var received = 0
        while received < buffer.count {
            // Replies carry no framing, so requests can be in flight while earlier replies arrive.
            while owedByteCount < min(buffer.count - received, Self.windowByteCount) {
                let missing = buffer.count - received - owedByteCount
                let count = UInt8(min(missing, EGDWire.maximumByteCount))
                try send(.readBlocking(count), deadline)
                owedByteCount += Int(count)
            }
            let wanted = min(owedByteCount, buffer.count - received)
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[received..<received + wanted])
            do throws(EGDError) {
                let count = try receive(into: rest, deadline)
                received += count
                owedByteCount -= count
            } catch {
                let isPartial = error.code == .timedOut || error.code == .connectionClosed
                guard isPartial, received > 0 || error.code == .timedOut else { throw error }
                return received
            }
        }
        return received
    }

    private mutating func readNonBlocking(
        into buffer: UnsafeMutableRawBufferPointer,
        _ deadline: Deadline
    ) throws(EGDError) -> Int {
        var received = 0
        while received < buffer.count {
            let wanted = min(buffer.count - received, EGDWire.maximumByteCount)
            var reply = try ask(.readNonBlocking(UInt8(wanted)), deadline)
            try receiveFraming(&reply, deadline)
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[received...])
            let count = try receivePayload(&reply, into: rest, deadline)
            received += count
            if count < wanted { break }
        }
        return received
    }

    private func ask(
        _ request: EGDRequest,
        _ deadline: Deadline
    ) throws(EGDError) -> EGDReplyReader {
        guard owedByteCount == 0 else { throw EGDError(.outOfStep, path) }
        try send(request, deadline)
        return EGDReplyReader(replyTo: request)
    }

    private func receiveFraming(
        _ reply: inout EGDReplyReader,
        _ deadline: Deadline
    ) throws(EGDError) {
        while case .framing = reply.expectation {
            var byte: UInt8 = 0
            try withUnsafeTemporaryBytes(1) {
                (buffer: UnsafeMutableRawBufferPointer) throws(EGDError) in
                _ = try receive(into: buffer, deadline)
                byte = buffer[0]
            }
            guard reply.take(framing: byte) else { throw EGDError(.protocolViolation, path) }
        }
    }

    /// Reads the whole payload to the start of `buffer`, which has room for it.
    private func receivePayload(
        _ reply: inout EGDReplyReader,
        into buffer: UnsafeMutableRawBufferPointer,
        _ deadline: Deadline
    ) throws(EGDError) -> Int {
        var received = 0
        while case .payload(let missing) = reply.expectation {
            let rest = UnsafeMutableRawBufferPointer(
                rebasing: buffer[received..<received + missing]
            )
            let count = try receive(into: rest, deadline)
            reply.takePayload(byteCount: count)
            received += count
        }
        return received
    }

    // MARK: - Socket

    /// At least one byte.
    private func receive(
        into buffer: UnsafeMutableRawBufferPointer,
        _ deadline: Deadline
    ) throws(EGDError) -> Int {
        while true {
            let count = recv(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
            if count > 0 { return count }
            if count == 0 { throw EGDError(.connectionClosed, path) }
            switch errno {
            case EAGAIN: try wait(for: POLLIN, deadline)
            case EINTR: continue
            default: throw EGDError(.connectionClosed, path, number: errno)
            }
        }
    }

    private func send(_ request: EGDRequest, _ deadline: Deadline) throws(EGDError) {
        try withUnsafeTemporaryBytes(EGDWire.maximumRequestLength) {
            (buffer: UnsafeMutableRawBufferPointer) throws(EGDError) in
            let count = request.encode(into: buffer)
            try sendAll(UnsafeRawBufferPointer(rebasing: buffer[..<count]), deadline)
        }
    }

    private func sendAll(
        _ bytes: UnsafeRawBufferPointer,
        _ deadline: Deadline
    ) throws(EGDError) {
        var sent = 0
        while sent < bytes.count {
            let flags = Int32(MSG_NOSIGNAL | MSG_DONTWAIT)
            let rest = UnsafeRawBufferPointer(rebasing: bytes[sent...])
            let count = Glibc.send(descriptor, rest.baseAddress, rest.count, flags)
            if count > 0 {
                sent += count
            } else if errno == EAGAIN {
                try wait(for: POLLOUT, deadline)
            } else if errno != EINTR {
                throw EGDError(.connectionClosed, path, number: errno)
            }
        }
    }

    private func wait(for events: Int32, _ deadline: Deadline) throws(EGDError) {
        var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        guard let remaining = deadline.remainingMilliseconds else {
            throw EGDError(.timedOut, path)
        }
        if poll(&entry, 1, remaining) < 0, errno != EINTR { throw EGDError.systemCall("poll") }
    }

    /// Bytes asked for ahead of those received: 16 requests, which hides a round trip and is little to
    /// lose should the connection break.
    private static let windowByteCount = 16 * EGDWire.maximumByteCount
}

/// A moment after which nothing is waited for.
private struct Deadline {
    /// Nil for never.
    private let end: Duration?

    init(after timeout: Duration?) {
        end = timeout.map { SystemClock.awake + $0 }
    }

    /// As poll(2) wants it; -1 for never, nil when it has passed.
    var remainingMilliseconds: Int32? {
        guard let end else { return -1 }
        let left = end - SystemClock.awake
        return left > .zero ? left.pollMilliseconds : nil
    }
}

/// A few bytes on the stack, with typed throws.
private func withUnsafeTemporaryBytes<R>(
    _ byteCount: Int,
    _ body: (UnsafeMutableRawBufferPointer) throws(EGDError) -> R
) throws(EGDError) -> R {
    let result = withUnsafeTemporaryAllocation(byteCount: byteCount, alignment: 1) {
        buffer -> Result<R, EGDError> in
        do throws(EGDError) {
            return .success(try body(buffer))
        } catch {
            return .failure(error)
        }
    }
    return try result.get()
}
