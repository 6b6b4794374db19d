// Blocks from an EGD server's Unix socket (EGD protocol, command 02: read and wait).
// SPDX-License-Identifier: Apache-2.0

package import Entropy
internal import Glibc
internal import LinuxSystem

/// Fetches each block over a connection of its own. A feeder asks once a minute: a connection kept
/// open would be one more thing that can go stale unnoticed.
///
/// The upstream is trusted to deal in full entropy: 8 bits per byte are what it assessed. Wellspring's
/// egd.sock promises that; for any other upstream state the credit.
package struct EGDBlockSupply: BlockSupply {
    private let path: String
    private let timeout: Duration
    private let interruptDescriptor: Int32

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
        let connection = try connectUpstream()
        defer { close(connection) }
        try request(byteCount: buffer.count, on: connection)
        let deadline = SystemClock.awake + timeout
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
                try awaitBytes(on: connection, until: deadline)
            } else if errno != EINTR {
                throw SupplyError(.closed, "\(path) failed: \(errorText(errno)).")
            }
        }
        return Bits(Double(buffer.count * 8))
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

    /// One command 02 per 255 bytes, the most it can ask for, in one send.
    private func request(byteCount: Int, on connection: Int32) throws(SupplyError) {
        var commands: [UInt8] = []
        var missing = byteCount
        while missing > 0 {
            let part = min(missing, 255)
            commands += [0x02, UInt8(part)]
            missing -= part
        }
        // A handful of bytes on a fresh connection always fit its buffer.
        let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
        guard send(connection, commands, commands.count, flags) == commands.count else {
            throw SupplyError(.closed, "\(path) takes no request: \(errorText(errno)).")
        }
    }

    private func awaitBytes(on connection: Int32, until deadline: Duration) throws(SupplyError) {
        let left = deadline - SystemClock.awake
        guard left > .zero else {
            throw SupplyError(.timedOut, "\(path) sent no whole block within \(timeout).")
        }
        var descriptors = [
            pollfd(fd: connection, events: Int16(POLLIN), revents: 0),
            pollfd(fd: interruptDescriptor, events: Int16(POLLIN), revents: 0),
        ]
        _ = poll(&descriptors, 2, left.pollMilliseconds)
        if descriptors[1].revents != 0 {
            throw SupplyError(.interrupted, "A signal came while waiting for \(path).")
        }
    }

    /// A reader that waits is served when the upstream has gathered a block; slow sources need
    /// seconds for that. Twice the feed interval tells a slow upstream from a hung one.
    package static let defaultTimeout = Duration.seconds(120)
}
