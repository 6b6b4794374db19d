// The keyring of Entropy Keys on the disk: read with care, changed so that no key is ever lost.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import Entropy
package import EntropyKeyProtocol
internal import Glibc
package import LinuxSystem

/// A file with the long-term keys of Entropy Keys, in ekeyd's format.
package struct KeyringFile: Sendable {
    package let path: String

    package init(path: String) { self.path = path }

    /// Where ekeyd keeps it.
    package static let standardFolder = "/etc/entropykey"
    package static let standardPath = standardFolder + "/keyring"

    package struct Contents: Sendable {
        package let keyring: Keyring
        /// There is no file; the keyring is empty.
        package let isMissing: Bool
        /// Whether users may read the secrets in it who are neither its owner nor of its group.
        package let everyoneMayRead: Bool
    }

    /// Refuses what is no file, is larger than 1 MiB, or may be written by others, who could then
    /// decide what keys this host trusts.
    package func read() throws -> Contents {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT {
                return Contents(keyring: Keyring(), isMissing: true, everyoneMayRead: false)
            }
            throw SystemError(
                "open the keyring \(path)",
                hint: errno == EACCES
                    ? "It is readable for its owner alone: do this as root, or as the daemon's user."
                    : nil
            )
        }
        defer { close(descriptor) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else {
            throw SystemError("look at the keyring \(path)")
        }
        guard facts.st_mode & S_IFMT == S_IFREG else {
            throw KeyringFileError(
                "The keyring \(path) is not a regular file. Name the file that holds the long-term keys."
            )
        }
        guard facts.st_mode & 0o022 == 0 else {
            throw KeyringFileError(
                "The keyring \(path) may be written by others, so its keys cannot be trusted. Look "
                    + "whether they are right, then chmod go-w \(path)."
            )
        }
        return Contents(
            keyring: try keyring(in: descriptor, byteCount: Int(facts.st_size)),
            isMissing: false,
            everyoneMayRead: facts.st_mode & 0o004 != 0
        )
    }

    /// Reads the file now and gives it, durably, the new long-term key of `serial`; see
    /// ``Keyring/setting(_:for:on:)``. A file that does not exist is made, for its owner alone.
    package func set(_ key: EntropyKeySecret, for serial: EntropyKeySerial, on date: String) throws
    {
        try beginChange().set(key, for: serial, on: date)
    }

    /// Finds out early whether a key can be stored, and keeps others from changing the file: to be
    /// called before an Entropy Key is told to forget its old key.
    package func beginChange(
        patience: Duration = .seconds(2),
        calls: FileCalls = .system
    ) throws -> KeyringChange {
        // Locked first: what is read then is what is replaced.
        let file = try AtomicFile(replacing: path, patience: patience, calls: calls)
        return KeyringChange(keyring: try read().keyring, file: file)
    }

    private func keyring(in descriptor: Int32, byteCount: Int) throws -> Keyring {
        let tooLarge = KeyringFileError(
            "The keyring \(path) has more than 1 MiB. That is no keyring."
        )
        guard byteCount <= mostBytes else { throw tooLarge }
        // One byte more tells a file that grows.
        let text = SecretBytes(count: byteCount + 1)
        let count = try text.withMutableBytes { memory in
            var count = 0
            while count < memory.count {
                let received = Glibc.read(
                    descriptor,
                    memory.baseAddress! + count,
                    memory.count - count
                )
                if received < 0 && errno == EINTR { continue }
                guard received >= 0 else { throw SystemError("read the keyring \(path)") }
                if received == 0 { break }
                count += received
            }
            return count
        }
        guard count <= byteCount else {
            throw KeyringFileError(
                "The keyring \(path) grew while it was read. Try again when nobody writes to it."
            )
        }
        return text.withBytes { Keyring(copying: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    }
}

/// The right to change a keyring file, once.
package struct KeyringChange: ~Copyable {
    /// As it stands.
    package let keyring: Keyring
    private let file: AtomicFile

    fileprivate init(keyring: Keyring, file: consuming AtomicFile) {
        self.keyring = keyring
        self.file = file
    }

    /// Stores the key durably.
    package consuming func set(
        _ key: EntropyKeySecret,
        for serial: EntropyKeySerial,
        on date: String
    ) throws(SystemError) {
        let changed = keyring.setting(key, for: serial, on: date)
        // A closure may not consume what it captures, but take it out.
        var file: AtomicFile? = file
        try changed.withText { (text) throws(SystemError) in try file.take()?.commit(text) }
    }
}

/// What is wrong with the file, and what to do.
package struct KeyringFileError: Error, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}

/// Bytes: room for more than ten thousand keys.
private let mostBytes = 1 << 20
