// A failed system call, as a value with words.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// What was attempted, the errno it ended with, and what to do about it.
package struct SystemError: Error, Sendable, CustomStringConvertible {
    package let action: String
    package let code: Int32
    package let hint: String?

    /// Takes errno at the time of the call.
    package init(_ action: String, code: Int32 = errno, hint: String? = nil) {
        self.action = action
        self.code = code
        self.hint = hint
    }

    package var reason: String { errorText(code) }

    package var description: String {
        let sentence = "cannot \(action): \(reason)."
        return hint.map { "\(sentence) \($0)" } ?? sentence
    }
}

/// The C library's words for an errno value. Safe from any thread.
package func errorText(_ code: Int32) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
        // The POSIX variant is what the Glibc module shows; it writes into the buffer.
        buffer.initialize(repeating: 0)
        return strerror_r(code, buffer.baseAddress!, buffer.count) == 0
            ? String(cString: buffer.baseAddress!) : "error \(code)"
    }
}
