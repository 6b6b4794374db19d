// A connection to a key: one descriptor that bytes are read from and written to.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import Glibc

/// Owns a non-blocking, close-on-exec descriptor, whichever way the key was reached. Knows nothing of
/// what the bytes mean. For one thread; ``close()`` ends it, and so does its release.
package final class KeyConnection {
    package enum Kind: String, Sendable { case terminal, socket, usb }

    /// To be polled; -1 after ``close()``.
    package private(set) var descriptor: Int32
    package let kind: Kind
    /// What was opened, for messages.
    package let name: String
    private let end: End

    /// How the descriptor is closed, and what must end with it.
    enum End {
        case socket
        case terminal(TerminalClosing)
        case usb(USBBridge)
    }

    init(_ descriptor: Int32, name: String, _ end: End) {
        self.descriptor = descriptor
        self.name = name
        self.end = end
        kind =
            switch end {
            case .socket: .socket
            case .terminal: .terminal
            case .usb: .usb
            }
    }

    deinit { close() }

    /// Reads what is there, and returns the number of bytes: 0 when nothing is there now. An error of code
    /// `deviceGone` when the key was unplugged or its program left.
    package func read(into buffer: UnsafeMutableRawBufferPointer) throws(KeyDeviceError) -> Int {
        precondition(!buffer.isEmpty, "reading into nothing looks like a hang-up")
        while true {
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count > 0 { return count }
            if count == 0 { throw hangUp(nil) }
            switch errno {
            case EINTR: continue
            case EAGAIN: return 0
            case let code: throw hangUp(KeyDeviceError("read", path: name, errorNumber: code))
            }
        }
    }

    /// Hands bytes to the key as far as they find room, and returns their number, which may be 0.
    package func write(_ bytes: UnsafeRawBufferPointer) throws(KeyDeviceError) -> Int {
        while true {
            let count =
                kind == .terminal
                ? Glibc.write(descriptor, bytes.baseAddress, bytes.count)
                // Without the signal that a pipe whose other end is gone would raise.
                : ws_send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            if count >= 0 { return count }
            switch errno {
            case EINTR: continue
            case EAGAIN: return 0
            case let code: throw hangUp(KeyDeviceError("write to", path: name, errorNumber: code))
            }
        }
    }

    /// Lets the key go: raw USB is given back to the kernel's driver, which takes up to 0.3 s, and a
    /// terminal whose key takes nothing is torn from it, which takes half a second. A second call does
    /// nothing.
    package func close() {
        guard descriptor >= 0 else { return }
        switch end {
        case .socket: Glibc.close(descriptor)
        case .terminal(let closing): closing.close(descriptor)
        case .usb(let bridge):
            Glibc.close(descriptor)
            bridge.end()
        }
        descriptor = -1
    }

    /// What the bridge saw explains an end better than the end itself.
    private func hangUp(_ error: KeyDeviceError?) -> KeyDeviceError {
        if case .usb(let bridge) = end, let failure = bridge.failure { return failure }
        return error
            ?? KeyDeviceError(
                .deviceGone,
                "\(name) was hung up",
                hint: "Check the key and its socket; it is tried again later."
            )
    }
}
