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
    private let bridge: USBBridge?

    init(_ descriptor: Int32, _ kind: Kind, name: String, bridge: USBBridge? = nil) {
        self.descriptor = descriptor
        self.kind = kind
        self.name = name
        self.bridge = bridge
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

    /// Lets the key go: raw USB is given back to the kernel's driver, which takes up to 0.3 s. A second
    /// call does nothing.
    ///
    /// The kernel may hold the caller for 30 s when a terminal's driver still has bytes that the key
    /// does not take (closing_wait): a key that hangs in the middle of a command.
    package func close() {
        guard descriptor >= 0 else { return }
        if kind == .terminal { releaseTerminal(descriptor) }
        Glibc.close(descriptor)
        descriptor = -1
        bridge?.end()
    }

    /// What the bridge saw explains an end better than the end itself.
    private func hangUp(_ error: KeyDeviceError?) -> KeyDeviceError {
        bridge?.failure ?? error
            ?? KeyDeviceError(
                .deviceGone,
                "\(name) was hung up",
                hint: "Check the key and its socket; it is tried again later."
            )
    }
}
