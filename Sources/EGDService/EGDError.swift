// The one error of the EGD service, for people.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import LinuxSystem
internal import StreamConnections

/// What failed, where and why, and what to do about it.
package struct EGDError: Error, Equatable, CustomStringConvertible {
    package var code: Code
    /// The path or the system call concerned.
    package var context: String
    /// The system's error number; 0 when no system call failed.
    package var number: Int32

    package enum Code: Sendable, Equatable {
        case pathTooLong
        case notASocket
        case addressInUse
        case addressNotHere
        case socketMissing
        case nobodyListens
        case permissionDenied
        case unknownHost
        case unreachable
        case interrupted
        case connectionClosed
        case outOfStep
        case protocolViolation
        case timedOut
        case systemCall
    }

    package init(_ code: Code, _ context: String, number: Int32 = 0) {
        self.code = code
        self.context = context
        self.number = number
    }

    static func systemCall(_ call: String) -> EGDError {
        EGDError(.systemCall, call, number: errno)
    }

    static func systemCall(_ error: SystemError) -> EGDError {
        EGDError(.systemCall, error.action, number: error.code)
    }

    /// `name` is what messages call the server.
    static func connecting(to name: String, _ error: StreamConnectionError) -> EGDError {
        switch (error.code, error.number) {
        case (.interrupted, _): EGDError(.interrupted, name)
        case (.timedOut, _): EGDError(.timedOut, name)
        case (.unknownHost, _): EGDError(.unknownHost, error.reason)
        case (.system, ENAMETOOLONG): EGDError(.pathTooLong, name)
        case (.system, ENOENT): EGDError(.socketMissing, name, number: error.number)
        case (.system, ECONNREFUSED): EGDError(.nobodyListens, name, number: error.number)
        case (.system, EACCES), (.system, EPERM):
            EGDError(.permissionDenied, name, number: error.number)
        case (.system, EPROTOTYPE), (.system, ENOTSOCK):
            EGDError(.notASocket, name, number: error.number)
        case (.system, _): EGDError(.unreachable, name, number: error.number)
        }
    }

    /// From the errors of ``StreamListener``.
    static func listening(on path: String, _ error: SystemError) -> EGDError {
        switch error.code {
        case ENAMETOOLONG: EGDError(.pathTooLong, path)
        case ENOTSOCK: EGDError(.notASocket, path)
        case EADDRINUSE: EGDError(.addressInUse, path)
        case EADDRNOTAVAIL: EGDError(.addressNotHere, path)
        default: .systemCall(error)
        }
    }

    package var description: String { hint.map { "\(sentence) \($0)" } ?? sentence }

    package var sentence: String {
        let reason = number == 0 ? "" : ": \(errorText(number))"
        return switch code {
        case .pathTooLong: "The socket path \(context) is too long\(reason)."
        case .notASocket: "\(context) exists and is not a socket\(reason)."
        case .addressInUse: "Another program already serves on \(context)\(reason)."
        case .addressNotHere: "\(context) is no address of this machine\(reason)."
        case .socketMissing: "There is no socket at \(context)\(reason)."
        case .nobodyListens: "Nobody listens on \(context)\(reason)."
        case .permissionDenied: "Access to \(context) is denied\(reason)."
        case .unknownHost: "There is no such host: \(context)."
        case .unreachable: "\(context) cannot be reached\(reason)."
        case .interrupted: "Connecting to \(context) was interrupted."
        case .connectionClosed: "The server at \(context) closed the connection\(reason)."
        case .outOfStep:
            "The connection to \(context) still owes bytes of an earlier read that timed out."
        case .protocolViolation: "What came from \(context) is not the EGD protocol."
        case .timedOut: "The server at \(context) did not answer in time."
        case .systemCall: "\(context) failed\(reason)."
        }
    }

    package var hint: String? {
        switch code {
        case .pathTooLong: "Unix socket paths hold at most \(UnixAddress.longestPath) bytes."
        case .notASocket: "Choose another path or remove the file."
        case .addressInUse: "Stop it first or choose another path."
        case .addressNotHere: "\"ip address\" lists those that are; it may not be up yet."
        case .socketMissing, .nobodyListens: "Is wellspring running?"
        case .permissionDenied: "Is this user in the group that owns the socket?"
        case .outOfStep: "Read them, or close and connect again."
        case .protocolViolation: "Is it the socket of another service?"
        case .connectionClosed, .timedOut: "The service's log may say why."
        case .unknownHost: "Check the name and the resolver; a number needs none."
        case .unreachable: "Check the address and the network."
        case .interrupted: nil
        case .systemCall: number == EMFILE ? "Raise the limit of open files." : nil
        }
    }
}
