// What to open, and which way.
// SPDX-License-Identifier: Apache-2.0

/// A key to be opened.
package enum KeyTarget: Sendable, Equatable, CustomStringConvertible {
    /// A device that ``KeyLocator`` found.
    case usb(KeyLocation)
    /// A character device that is not on USB as far as is known (a pseudo-terminal), or the socket of a
    /// program that has the key.
    case path(String)

    package var description: String {
        switch self {
        case .usb(let location): location.terminal ?? "USB device \(location.name)"
        case .path(let path): path
        }
    }
}
