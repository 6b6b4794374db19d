// Blocks from an EGD server's Unix socket or over a character device (EGD protocol, command 02: read and wait).
// SPDX-License-Identifier: Apache-2.0

package import Entropy
internal import Glibc
internal import LinuxSystem

/// Fetches each block over a connection of its own. A feeder asks once a minute: a connection kept
/// open would be one more thing that can go stale unnoticed. A character device, which has no
/// connections, stays open instead (``EGDLine``).
///
/// The upstream is trusted to deal in full entropy: 8 bits per byte are what it assessed. Wellspring's
/// egd.sock promises that; for any other upstream state the credit.
package struct EGDBlockSupply: BlockSupply {
    private let path: String
    private let timeout: Duration
    private let interruptDescriptor: Int32
    /// The character device while it is open.
    private var line: EGDLine?

    /// Waiting for a block ends early when `interruptDescriptor` becomes readable.
    package init(
        path: String,
        interruptDescriptor: Int32,
        timeout: Duration = EGDBlockSupply.defaultTimeout
    ) {
        self.path = path
        self.interruptDescriptor = interruptDescriptor
        self.timeout = timeout
    }

    package mutating func fill(
        _ buffer: UnsafeMutableRawBufferPointer
    ) throws(SupplyError) -> Bits {
        let wait = SupplyWait(limit: timeout, interruptDescriptor: interruptDescriptor)
        if line != nil || EGDLine.isCharacterDevice(path) {
            try fillFromLine(buffer, wait: wait)
        } else {
            try fillFromConnection(buffer, wait: wait)
        }
        return Bits(Double(buffer.count * 8))
    }

    private mutating func fillFromLine(
        _ buffer: UnsafeMutableRawBufferPointer,
        wait: SupplyWait
    ) throws(SupplyError) {
        let line = if let open = self.line { open } else { try EGDLine(path: path) }
        self.line = line
        do throws(SupplyError) {
            try line.fill(buffer, wait: wait)
        } catch {
            if error.code == .closed { self.line = nil }
            throw error
        }
    }

    private func fillFromConnection(
        _ buffer: UnsafeMutableRawBufferPointer,
        wait: SupplyWait
    ) throws(SupplyError) {
        let connection = try connectUpstream()
        defer { close(connection) }
        try request(byteCount: buffer.count, on: connection)
        var received = 0
        while received < buffer.count {
            let got = recv(
                connection,
                buffer.baseAddress! + received,
                buffer.count - received,
                Int32(MSG_DONTWAIT)
            )
            if got > 0 {
                received += got
            } else if got == 0 {
                throw SupplyError(
                    .closed,
                    "\(path) closed the connection before it sent a whole block."
                )
            } else if errno == EAGAIN {
                try wait.until(connection, isReadyFor: Int16(POLLIN), path: path)
            } else if errno != EINTR {
                throw SupplyError(.closed, "\(path) failed: \(errorText(errno)).")
            }
        }
    }

    private func connectUpstream() throws(SupplyError) -> Int32 {
        // Unix sockets connect at once or not at all; a full backlog is EAGAIN.
        do throws(SystemError) {
            return try UnixSocket.connect(path: path, nonBlocking: true)
        } catch {
            throw SupplyError(
                .unreachable,
                "\(path) cannot be reached: \(error.reason). Is the daemon running?"
            )
        }
    }

    private func request(byteCount: Int, on connection: Int32) throws(SupplyError) {
        let commands = Self.readCommands(byteCount: byteCount)
        // A handful of bytes on a fresh connection always fit its buffer.
        let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
        guard send(connection, commands, commands.count, flags) == commands.count else {
            throw SupplyError(.closed, "\(path) takes no request: \(errorText(errno)).")
        }
    }

    /// One command 02 per 255 bytes, the most it can ask for, to be sent at once.
    static func readCommands(byteCount: Int) -> [UInt8] {
        var commands: [UInt8] = []
        var missing = byteCount
        while missing > 0 {
            let part = min(missing, 255)
            commands += [0x02, UInt8(part)]
            missing -= part
        }
        return commands
    }

    /// A reader that waits is served when the upstream has gathered a block; slow sources need
    /// seconds for that. Twice the feed interval tells a slow upstream from a hung one.
    package static let defaultTimeout = Duration.seconds(120)
}

/// One block's patience: waits on the upstream's descriptor until a moment, or a signal.
struct SupplyWait {
    private let limit: Duration
    private let deadline: Duration
    private let interruptDescriptor: Int32

    init(limit: Duration, interruptDescriptor: Int32) {
        self.limit = limit
        self.interruptDescriptor = interruptDescriptor
        deadline = SystemClock.awake + limit
    }

    func until(
        _ descriptor: Int32,
        isReadyFor events: Int16,
        path: String
    ) throws(SupplyError) {
        let left = deadline - SystemClock.awake
        guard left > .zero else {
            throw SupplyError(.timedOut, "\(path) sent no whole block within \(limit).")
        }
        var descriptors = [
            pollfd(fd: descriptor, events: events, revents: 0),
            pollfd(fd: interruptDescriptor, events: Int16(POLLIN), revents: 0),
        ]
        _ = poll(&descriptors, 2, left.pollMilliseconds)
        if descriptors[1].revents != 0 {
            throw SupplyError(.interrupted, "A signal came while waiting for \(path).")
        }
    }
}
