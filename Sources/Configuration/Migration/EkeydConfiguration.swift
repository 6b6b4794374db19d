// What a configuration of ekeyd says: the calls of ekeyd.conf as typed values.
// SPDX-License-Identifier: Apache-2.0

internal import Entropy
internal import EntropyKeyProtocol
internal import LinuxSystem

/// An ekeyd.conf that is a list of plain calls, as the one that comes with ekeyd is.
package struct EkeydConfiguration: Sendable, Equatable {
    var controlSocket: Setting<AbsolutePath>?
    var keyring: Setting<AbsolutePath>?
    var kernelOutput: Setting<BitsPerSample>?
    var unixOutput: Setting<UnixOutput>?
    var internetOutput: Setting<InternetAddress>?
    var keys: [Setting<Key>] = []
    /// What has no counterpart, or another meaning, in the order of the file.
    package var notes: [Note] = []

    /// A value, and the call that it comes from.
    struct Setting<Value: Sendable & Equatable>: Sendable, Equatable {
        var value: Value
        var call: String
        var line: Int
    }

    struct UnixOutput: Sendable, Equatable {
        var path: AbsolutePath
        var mode: FileMode
        var owner: AccountName?
        var group: AccountName?
    }

    enum Key: Sendable, Equatable {
        /// All that a folder holds.
        case all(folder: AbsolutePath)
        case one(path: AbsolutePath, serial: EntropyKeySerial?)

        var path: AbsolutePath {
            switch self {
            case .all(let path), .one(let path, _): path
            }
        }
    }

    /// Something that people must know, or do, about a call.
    package struct Note: Sendable, Equatable {
        package var line: Int
        package var call: String
        package var text: String
    }

    /// Reads the file's text. What is no plain call, no call of ekeyd, or has impossible values is an
    /// error with its line; all of them are shown together. `file` is what messages call it.
    package init(parsing bytes: [UInt8], file: String) throws(ConfigurationError) {
        guard bytes.count <= Self.greatestByteCount else {
            throw ConfigurationError(
                file: file,
                "has more than \(Self.greatestByteCount) bytes: that is not an ekeyd.conf"
            )
        }
        let reader = LuaCallReader(bytes)
        var problems = reader.problems
        for call in reader.calls {
            do throws(LuaProblem) {
                try take(call)
            } catch {
                problems.append(.init(position: error.position, message: error.message))
            }
        }
        guard problems.isEmpty else {
            throw ConfigurationError(file: file, problems: sorted(problems))
        }
    }

    /// Bytes. The calls of a host with a dozen keys take 1 KiB; this leaves room for many comments.
    package static let greatestByteCount = 32 << 10
}
