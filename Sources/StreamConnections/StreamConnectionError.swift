// Why a connection did not come about, in words for people.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
package import LinuxSystem

/// A failed attempt to connect.
package struct StreamConnectionError: Error, Equatable, CustomStringConvertible {
    package enum Code: Sendable, Equatable {
        /// The wake descriptor became readable first.
        case interrupted
        /// The time was over first.
        case timedOut
        /// The host's name has no address, or could not be looked up.
        case unknownHost
        /// The system refused; ``StreamConnectionError/number`` says why.
        case system
    }

    package let code: Code
    package let endpoint: StreamEndpoint
    /// The system's error number; 0 where there is none.
    package let number: Int32
    /// A clause without a full stop.
    package let reason: String

    init(_ code: Code, _ endpoint: StreamEndpoint, _ reason: String, number: Int32 = 0) {
        self.code = code
        self.endpoint = endpoint
        self.reason = reason
        self.number = number
    }

    init(system number: Int32, _ endpoint: StreamEndpoint) {
        self.init(.system, endpoint, errorText(number), number: number)
    }

    /// What to do about it: a sentence, or nil.
    package var hint: String? {
        switch (code, number) {
        case (.unknownHost, _): "Check the name and the resolver; a number needs none."
        case (.system, ECONNREFUSED), (.system, ENOENT): "Is the server running?"
        case (.system, EACCES), (.system, EPERM): "Is this user in the group that owns the socket?"
        case (.system, EAFNOSUPPORT):
            "Is the address family forbidden by the service's unit or missing in the kernel?"
        default: nil
        }
    }

    package var description: String {
        "cannot connect to \(endpoint): \(reason)." + (hint.map { " \($0)" } ?? "")
    }
}
