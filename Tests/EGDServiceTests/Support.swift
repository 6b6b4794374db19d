// What the server's tests need: a counting tap, a bare client, a place for sockets, deadlines.
// SPDX-License-Identifier: Apache-2.0

import CWellspring
import EGDProtocol
import EGDService
import Glibc
import LinuxSystem
import Synchronization
import Testing
import WellspringTesting

/// Serves the stream 1, 2, 3, ... as 8-byte big-endian numbers, as far as it was supplied: every byte
/// tells where it belongs.
final class ScriptedTap: EntropyTap {
    struct State {
        var taken = 0
        var available: Int
        var mixed: [UInt8] = []
        var mixCalls = 0
        var contributed: [UInt8] = []
        var requestsForMore = 0
        /// Where the last ``take(into:)`` wrote: address and count.
        var lastBuffer: (UInt, Int) = (0, 0)
        /// Whether that place held zeros only whenever the level was asked for.
        var wiped: [Bool] = []
    }

    let state: Mutex<State>
    private let onRequest: @Sendable () -> Void

    init(available: Int = 0, onRequest: @escaping @Sendable () -> Void = {}) {
        state = Mutex(State(available: available))
        self.onRequest = onRequest
    }

    func supply(_ byteCount: Int) { state.withLock { $0.available += byteCount } }
    var taken: Int { state.withLock { $0.taken } }
    var mixed: [UInt8] { state.withLock { $0.mixed } }

    func take(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        state.withLock { state in
            let count = min(buffer.count, state.available)
            for index in 0..<count { buffer[index] = streamByte(state.taken + index) }
            state.taken += count
            state.available -= count
            if count > 0 { state.lastBuffer = (UInt(bitPattern: buffer.baseAddress), count) }
            return count
        }
    }

    var availableBits: Int {
        state.withLock { state in
            if let start = UnsafeRawPointer(bitPattern: state.lastBuffer.0) {
                let bytes = UnsafeRawBufferPointer(start: start, count: state.lastBuffer.1)
                state.wiped.append(bytes.allSatisfy { $0 == 0 })
            }
            return state.available * 8
        }
    }

    func mix(_ bytes: UnsafeRawBufferPointer) {
        state.withLock {
            $0.mixed += bytes
            $0.mixCalls += 1
        }
    }

    /// Believes a claim of up to four bits a byte.
    func creditableCount(claimedBits: Int, byteCount: Int) -> Int {
        min(byteCount, claimedBits / 4)
    }

    func contribute(_ bytes: UnsafeRawBufferPointer) {
        state.withLock { $0.contributed += bytes }
    }

    func requestMore() {
        state.withLock { $0.requestsForMore += 1 }
        onRequest()
    }
}

func streamByte(_ position: Int) -> UInt8 {
    UInt8(truncatingIfNeeded: (position / 8 + 1) >> (8 * (7 - position % 8)))
}

func stream(_ range: Range<Int>) -> [UInt8] { range.map(streamByte) }

/// The 8-byte numbers in what clients received.
func numbers(_ bytes: [UInt8]) -> [Int] {
    stride(from: 0, to: bytes.count / 8 * 8, by: 8).map { start in
        bytes[start..<start + 8].reduce(0) { $0 << 8 | Int($1) }
    }
}

/// A server on one socket, running.
final class RunningServer: Sendable {
    let directory = TemporaryDirectory()
    let tap: ScriptedTap
    let server: EGDServer
    let path: String

    init(
        _ tap: ScriptedTap,
        maximumConnections: Int = 1_000,
        accept: AcceptFunction? = nil,
        chain: SharedChain? = nil,
        change: (inout EGDListenerConfiguration) -> Void = { _ in }
    ) throws {
        self.tap = tap
        path = directory.file("egd.sock")
        var listener = EGDListenerConfiguration(
            name: "test",
            address: .unix(EGDUnixAddress(path: path)),
            tap: tap
        )
        listener.maximumConnections = maximumConnections
        change(&listener)
        var nothing = EGDHandOver()
        server = try EGDServer(
            listeners: [listener],
            inheriting: &nothing,
            chain: chain,
            accept: accept ?? AcceptFunction(call: { ws_accept($0) })
        )
        try server.start()
    }

    deinit { server.stop() }

    func supply(_ byteCount: Int) {
        tap.supply(byteCount)
        server.wake()
    }

    var statistics: EGDListenerStatistics { server.statistics[0] }

    /// Bytes that were taken from the tap and neither delivered nor lost so far.
    var unaccountedByteCount: Int {
        tap.taken - statistics.deliveredByteCount - statistics.lostByteCount
    }
}

/// A client that says exactly what the test says.
final class BareClient {
    let descriptor: Int32

    /// Takes the socket over.
    init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// Not connected yet.
    convenience init() {
        self.init(socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0))
    }

    convenience init(_ path: String) throws {
        self.init()
        try connect(path)
    }

    func connect(_ path: String) throws {
        guard UnixAddress.with(path, { Glibc.connect(descriptor, $0, $1) }) == 0 else {
            throw NotConnected(number: errno)
        }
    }

    struct NotConnected: Error { var number: Int32 }

    deinit { close(descriptor) }

    func send(_ bytes: [UInt8]) throws {
        try #require(trySend(bytes) == bytes.count)
    }

    /// How many bytes the socket took, without waiting.
    func trySend(_ bytes: [UInt8]) -> Int {
        max(0, Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL)))
    }

    /// What one recv gives, waiting for it; empty at the end of the stream.
    func receiveOnce(upTo count: Int) throws -> [UInt8] {
        try #require(isReadable(within: deadlineMilliseconds), "nothing came in time")
        var bytes = [UInt8](repeating: 0, count: count)
        let received = recv(descriptor, &bytes, count, 0)
        return Array(bytes.prefix(max(0, received)))
    }

    func receive(_ count: Int) throws -> [UInt8] {
        var all: [UInt8] = []
        while all.count < count {
            let piece = try receiveOnce(upTo: count - all.count)
            try #require(!piece.isEmpty, "the server closed after \(all.count) of \(count) bytes")
            all += piece
        }
        return all
    }

    func isReadable(within milliseconds: Int32 = 0) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, milliseconds) == 1
    }

    /// A round trip: all that this client said before has been heard by the server.
    func level() throws -> Int {
        try send([0])
        return try receive(4).reduce(0) { $0 << 8 | Int($1) }
    }

    func endOutput() { shutdown(descriptor, Int32(SHUT_WR)) }
}

/// Milliseconds. Only a failing test waits so long.
let deadlineMilliseconds: Int32 = 30_000
