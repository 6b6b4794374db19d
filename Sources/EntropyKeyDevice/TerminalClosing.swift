// Closing a key's terminal without waiting for a key that takes nothing.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import LinuxSystem

/// Linux holds who closes a terminal for 30 s while its driver has bytes that the device does not take
/// (closing_wait of struct tty_port; cdc_acm cannot flush them): a key that hangs, which is just the one
/// that is closed in order to be revived.
struct TerminalClosing: Sendable {
    /// The key behind the terminal, where it is on USB.
    let location: KeyLocation?
    let root: String
    let calls: DeviceCalls

    /// Returns within half a second. A key that is stuck loses its driver for a moment, which ends the
    /// wait; where that is not possible, closing goes on without the caller, and who opens the terminal
    /// meanwhile waits for it.
    func close(_ descriptor: Int32) {
        SerialLine.release(descriptor)
        if isEmpty(descriptor) {
            calls.close(descriptor)
        } else if !closeHungUp(descriptor) {
            closeAside(descriptor)
        }
    }

    /// False, with nothing done, when there is no way to the driver.
    private func closeHungUp(_ descriptor: Int32) -> Bool {
        guard let location else { return false }
        do throws(KeyDeviceError) {
            let node = try USBNode(location.node, root: root, calls: calls)
            try node.disconnectDriver(interface: EntropyKeyUSB.communicationInterface)
            calls.close(descriptor)
            // A refusal leaves the key without a terminal; the next step of its recovery binds anew.
            try? node.connectDriver(interface: EntropyKeyUSB.communicationInterface)
            return true
        } catch {
            return false
        }
    }

    private func closeAside(_ descriptor: Int32) {
        let (calls, done) = (calls, try? EventDescriptor())
        let isAside = ThreadNursery.shared.start("key-close") {
            calls.close(descriptor)
            done?.signal()
        }
        if isAside { done?.wait(atMost: patience) } else { calls.close(descriptor) }
    }

    /// Whether everything that was written has been taken, or will never be.
    private func isEmpty(_ descriptor: Int32) -> Bool {
        let deadline = calls.now() + patience
        while true {
            var count: Int32 = 0
            let code = calls.control(descriptor, UInt(TIOCOUTQ), &count)
            let now = calls.now()
            if code < 0 || count == 0 || now >= deadline { return code < 0 || count == 0 }
            _ = calls.wait(min(deadline, now + pause), -1)
        }
    }
}

/// What a key needs to take a command is 1 ms; and a machine may be busy.
private let patience = Duration.milliseconds(200)
private let pause = Duration.milliseconds(10)
