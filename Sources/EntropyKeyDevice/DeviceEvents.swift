// Hot plug: what the kernel announces about USB devices and terminals (netlink(7), kobject_uevent).
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import Glibc
internal import LinuxSystem

/// Owns a non-blocking socket to be polled. It only says that it is worth looking again: which key came
/// or went is the business of ``KeyLocator``.
package final class DeviceEvents: Sendable {
    /// Readable when something was announced.
    package let descriptor: Int32

    /// Throws where the system has no such socket to give: in a sandbox that forbids the address family.
    /// Then looking from time to time must do. In most containers it can be opened and stays silent.
    package init() throws(KeyDeviceError) {
        descriptor = ws_uevent_socket()
        guard descriptor >= 0 else {
            throw KeyDeviceError(
                .unavailable,
                "cannot listen for devices that come and go",
                errorNumber: errno,
                hint: "RestrictAddressFamilies= of the service's unit must hold AF_NETLINK."
            )
        }
    }

    deinit { close(descriptor) }

    /// Takes what was announced. True when a USB device or a terminal came, went, or got or lost its
    /// driver, and when so much was announced that some of it is lost.
    package func drain() -> Bool {
        withUnsafeTemporaryAllocation(byteCount: longestMessage, alignment: 8) { buffer in
            var isRelevant = false
            for _ in 0..<mostMessages {
                var sender: UInt32 = 0
                let count = ws_uevent_receive(
                    descriptor,
                    buffer.baseAddress,
                    buffer.count,
                    &sender
                )
                if count < 0 {
                    if errno == EINTR { continue }
                    if errno == ENOBUFS {
                        isRelevant = true
                        continue
                    }
                    break
                }
                // Any program may send to this socket; the kernel's number is 0.
                guard sender == 0 else { continue }
                let message = UnsafeRawBufferPointer(buffer)[..<min(count, buffer.count)]
                isRelevant = Self.isRelevant(message) || isRelevant
            }
            return isRelevant
        }
    }

    /// A message is a headline and fields like "ACTION=add", each ended by a zero byte.
    static func isRelevant(_ message: some Collection<UInt8>) -> Bool {
        var (isAction, isSubsystem) = (false, false)
        for field in message.split(separator: 0) {
            if actions.contains(where: field.elementsEqual) { isAction = true }
            if subsystems.contains(where: field.elementsEqual) { isSubsystem = true }
        }
        return isAction && isSubsystem
    }

    /// "change" and "move" say nothing about whether a key is there.
    private static let actions = ["add", "remove", "bind", "unbind"].map {
        Array("ACTION=\($0)".utf8)
    }
    private static let subsystems = ["usb", "tty"].map { Array("SUBSYSTEM=\($0)".utf8) }
}

/// Bytes: UEVENT_BUFFER_SIZE of linux/kobject.h, and the headline's longest path (PATH_MAX).
private let longestMessage = 2048 + 4096
/// A flood is left for the next call, so that the caller has time for others.
private let mostMessages = 256
