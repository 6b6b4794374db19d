// Why the kernel's random device could not be fed.
// SPDX-License-Identifier: Apache-2.0

internal import LinuxSystem

/// A refusal by the kernel, as a sentence with a hint.
package struct KernelRandomError: Error, Equatable, CustomStringConvertible {
    package enum Code: Sendable {
        /// EPERM: feeding needs a capability that this process does not have.
        case notPermitted
        /// /dev/random cannot be opened.
        case noDevice
        /// Any other answer of the kernel.
        case refused
    }

    package var code: Code
    /// What was asked, as a verb phrase: "add entropy", "open /dev/random".
    package var operation: String
    package var errorNumber: Int32

    package init(code: Code, operation: String, errorNumber: Int32) {
        self.code = code
        self.operation = operation
        self.errorNumber = errorNumber
    }

    package var description: String {
        let reason = errorText(errorNumber)
        let hint =
            switch code {
            case .notPermitted:
                "Feeding needs CAP_SYS_ADMIN in the initial user namespace; serving only."
            case .noDevice:
                "Without /dev/random nothing can be fed; is /dev mounted here?"
            case .refused:
                "Nothing was credited by this call."
            }
        return "The kernel refused to \(operation): \(reason). \(hint)"
    }
}
