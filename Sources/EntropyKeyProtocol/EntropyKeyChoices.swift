// What an operator may choose about the way to a key and about reviving it.
// SPDX-License-Identifier: Apache-2.0

/// The way to a key on USB. A path has only one.
package enum KeyAccess: String, Sendable, CaseIterable {
    /// Through the kernel's driver.
    case tty
    /// Past it, with libusb.
    case usb
    /// The terminal where there is one that can be opened, else libusb; never past another program.
    case auto
}

/// What can be done for a key that does not answer, the mildest first.
package enum RecoveryStep: String, Sendable, CaseIterable, Comparable {
    /// Close the connection and open it again: the caller's part of every step, and all of this one.
    case reopen
    /// Clear the halt of both data endpoints, which also cures packets that both sides count differently.
    case clearHalt = "clear-halt"
    /// Take the kernel's driver off the key and put it on again.
    case rebind
    /// A reset signalled on the port.
    case portReset = "port-reset"
    /// Forbid the device and allow it again: it is configured anew.
    case authorize
    /// Switch the port's power off for a while.
    case powerCycle = "power-cycle"

    package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
