// Which assessment stands behind a claim.
// SPDX-License-Identifier: Apache-2.0

/// An assessment, by the file that holds it.
package struct AssessmentStamp: Sendable, Equatable {
    package let origin: Origin
    /// Day of the assessment, UTC, as 2026-11-27.
    package let date: String
    /// SHA-256 of the profile, in hexadecimal digits.
    package let hash: String

    package init(_ origin: Origin, date: String, hash: String) {
        self.origin = origin
        self.date = date
        self.hash = hash
    }

    package enum Origin: String, Sendable, Equatable {
        /// Made by the project, on its machine; the profile is in docs/evidence.
        case shipped
        /// Made and stored on this machine.
        case thisMachine = "this machine"
    }
}
