// Why a noise source cannot be used, in words for people.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import LinuxSystem

/// A failure of a noise source. Carries no sample.
package struct NoiseSourceError: Error, Equatable, CustomStringConvertible {
    package enum Code: Sendable, Equatable {
        /// The machine has no such thing, or it is not ready yet.
        case unavailable
        /// The system refuses this user.
        case notPermitted
        /// It was there and went away.
        case deviceGone
        /// A file or a program came to its end.
        case endOfData
        /// It gave nothing for as long as the settings allow.
        case silent
        /// Its output shows a defect that no health test is needed for.
        case stuck
        /// Its samples come, or may come, from this daemon itself.
        case circular
        /// Its clock is constant, coarse or goes backwards.
        case unusableTimer
        /// The settings ask for something impossible.
        case invalidSetting
        /// Any other refusal of the system.
        case inputOutput
    }

    package let code: Code
    /// The source's name in the configuration.
    package let source: String
    /// What failed: a clause without a full stop.
    package let reason: String
    /// The system's error number, where it had one.
    package let errorNumber: Int32?
    /// What to do about it: a sentence, or nil.
    package let hint: String?

    package init(
        _ code: Code,
        source: String,
        _ reason: String,
        errorNumber: Int32? = nil,
        hint: String? = nil
    ) {
        self.code = code
        self.source = source
        self.reason = reason
        self.errorNumber = errorNumber
        self.hint = hint
    }

    /// A failed system call on something named `path`; code and hint follow from the error number.
    package init(source: String, _ action: String, path: String, errorNumber: Int32) {
        let (code, hint): (Code, String?) =
            switch errorNumber {
            case ENOENT: (.unavailable, "Check the path, and whether the device is plugged in.")
            case EACCES, EPERM:
                (.notPermitted, "Give the service's user or group access to it.")
            case ENODEV where action == "read", ENXIO where action == "read",
                EIO where action == "read":
                (.deviceGone, "Check the device and its cable; it is tried again later.")
            case ENODEV, ENXIO: (.unavailable, "No driver or no program stands behind this name.")
            case EBUSY: (.unavailable, "Another program uses it.")
            default: (.inputOutput, nil)
            }
        self.init(
            code,
            source: source,
            "cannot \(action) \(path)",
            errorNumber: errorNumber,
            hint: hint
        )
    }

    /// A source that gave nothing within its silence limit.
    package static func silence(
        source: String,
        after limit: Duration,
        of what: String,
        errorNumber: Int32? = nil
    ) -> NoiseSourceError {
        NoiseSourceError(
            .silent,
            source: source,
            "\(what) gave nothing for \(limit)",
            errorNumber: errorNumber,
            hint: "A slower device needs a longer silence limit."
        )
    }

    package var description: String {
        var text = "\(source): \(reason)"
        if let errorNumber { text += ": \(errorText(errorNumber))" }
        text += "."
        if let hint { text += " \(hint)" }
        return text
    }
}
