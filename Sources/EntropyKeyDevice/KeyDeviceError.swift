// Why a key cannot be reached, in words for people.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import LinuxSystem

/// A failure of the way to a key. Carries nothing that the key sent.
package struct KeyDeviceError: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Code: Sendable, Equatable {
        /// There is no such thing, or it is not ready yet.
        case unavailable
        /// The system refuses this user.
        case notPermitted
        /// Another program uses it.
        case busy
        /// It was there and went away.
        case deviceGone
        /// What was named cannot be a key.
        case invalid
        /// Any other refusal of the system.
        case inputOutput
    }

    package let code: Code
    /// What failed: a clause without a full stop.
    package let reason: String
    /// The system's error number, where it had one.
    package let errorNumber: Int32?
    /// What to do about it: a sentence, or nil.
    package let hint: String?

    package init(
        _ code: Code,
        _ reason: String,
        errorNumber: Int32? = nil,
        hint: String? = nil
    ) {
        self.code = code
        self.reason = reason
        self.errorNumber = errorNumber
        self.hint = hint
    }

    /// A failed system call on something named `path`; code and hint follow from the error number.
    package init(_ action: String, path: String, errorNumber: Int32) {
        let (code, hint): (Code, String?) =
            switch errorNumber {
            case ENOENT, ENOTDIR:
                (.unavailable, "Check the path, and whether the key is plugged in.")
            case EACCES, EPERM:
                (
                    .notPermitted,
                    "Give the service's group access to it, as the packaged udev rule does."
                )
            case EBUSY, EWOULDBLOCK:
                (.busy, "Another program uses it: stop that first (ekeyd, for instance).")
            case ENXIO where action == "open", ENODEV where action == "open":
                (.unavailable, "No driver stands behind this name; plug the key in again.")
            case ENODEV, ENXIO, EIO, EPIPE, ECONNRESET, ESHUTDOWN:
                (.deviceGone, "Check the key and its socket; it is tried again later.")
            case ECONNREFUSED: (.unavailable, "Is the program that serves this socket running?")
            case EPROTOTYPE, ENAMETOOLONG, ELOOP:
                (.invalid, "A key is a character device or a Unix stream socket.")
            default: (.inputOutput, nil)
            }
        self.init(code, "cannot \(action) \(path)", errorNumber: errorNumber, hint: hint)
    }

    package var description: String {
        let cause = errorNumber.map { ": \(errorText($0))" } ?? ""
        return "\(reason)\(cause)." + (hint.map { " \($0)" } ?? "")
    }
}
