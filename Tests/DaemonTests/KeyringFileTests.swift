// The keyring on the disk: who may read it, what is refused, and that no change loses a key.
// SPDX-License-Identifier: Apache-2.0

import CWellspring
import EntropyKeyProtocol
import Glibc
import LinuxSystem
import Testing
import WellspringTesting

@testable import Daemon

@Suite struct KeyringFileTests {
    private let folder = TemporaryDirectory()
    private var file: KeyringFile { KeyringFile(path: folder.file("keyring")) }

    private static let serial = EntropyKeySerial("NwBvBlg3OTBJORFD")!
    private static let entry = "\(serial) ZN5z/Hhs6cv2WMLpsVV/oPdXU9q55IZ+4ODeoLxtq5I=\n"
    private static let newEntry = "\(serial) AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
    private let newKey = [UInt8](0..<32).withUnsafeBytes { EntropyKeySecret(copying: $0) }

    @Test("a keyring is read, and who else may read it is told", arguments: [0o600, 0o640, 0o644])
    func read(mode: Int) throws {
        folder.write("# mine\n\(Self.entry)", to: "keyring")
        chmod(file.path, mode_t(mode))
        let contents = try file.read()
        #expect(contents.keyring.entries.map(\.serial) == [Self.serial])
        #expect(!contents.isMissing)
        #expect(contents.everyoneMayRead == (mode & 0o004 != 0))
    }

    @Test("a missing file is an empty keyring, told as missing")
    func missing() throws {
        let contents = try file.read()
        #expect(contents.isMissing)
        #expect(contents.keyring.entries.isEmpty)
    }

    @Test(
        "what others may write is refused, as they could choose the keys",
        arguments: [0o620, 0o602]
    )
    func othersMayWrite(mode: Int) {
        folder.write(Self.entry, to: "keyring")
        chmod(file.path, mode_t(mode))
        #expect(failure { _ = try file.read() }?.contains("chmod go-w \(file.path)") == true)
        #expect(
            failure { try file.set(newKey, for: Self.serial, on: "2026-11-27") }?.contains(
                "may be written by others"
            ) == true
        )
        #expect(names == ["keyring"])
    }

    @Test("a folder and a device are refused")
    func noFile() {
        let folder = KeyringFile(path: folder.path)
        #expect(failure { _ = try folder.read() }?.contains("not a regular file") == true)
        let device = KeyringFile(path: "/dev/zero")
        #expect(failure { _ = try device.read() }?.contains("not a regular file") == true)
    }

    @Test("more than 1 MiB is refused, 1 MiB is not")
    func size() throws {
        let line = String(repeating: "#", count: 1023) + "\n"
        folder.write(String(repeating: line, count: 1024), to: "keyring")
        #expect(try file.read().keyring.entries.isEmpty)
        folder.write(String(repeating: line, count: 1024) + "#", to: "keyring")
        #expect(failure { _ = try file.read() }?.contains("more than 1 MiB") == true)
    }

    @Test("a file that this user may not read is told with a cure", .enabled(if: geteuid() != 0))
    func notPermitted() {
        folder.write(Self.entry, to: "keyring")
        chmod(file.path, 0)
        #expect(failure { _ = try file.read() }?.contains("as root") == true)
    }

    @Test("a key is stored, the old one stays as a comment, and so do the permissions")
    func set() throws {
        folder.write("# mine\n\(Self.entry)# end", to: "keyring")
        chmod(file.path, 0o640)
        try file.set(newKey, for: Self.serial, on: "2026-11-27")
        #expect(
            text == "# mine\n# replaced 2026-11-27: \(Self.entry)\(Self.newEntry)# end"
        )
        var facts = stat()
        #expect(stat(file.path, &facts) == 0 && facts.st_mode & 0o7777 == 0o640)
        #expect(names == ["keyring"])
    }

    @Test("the first key makes the file, for its owner alone")
    func first() throws {
        try file.set(newKey, for: Self.serial, on: "2026-11-27")
        #expect(text.hasSuffix(Self.newEntry))
        #expect(try !file.read().everyoneMayRead)
    }

    @Test("a failing disk leaves the old keyring")
    func failingDisk() throws {
        folder.write(Self.entry, to: "keyring")
        var calls = FileCalls.system
        calls.synchronise = { _ in
            errno = EIO
            return -1
        }
        #expect(throws: SystemError.self) {
            try file.beginChange(calls: calls).set(newKey, for: Self.serial, on: "2026-11-27")
        }
        #expect(text == Self.entry)
        #expect(names == ["keyring"])
    }

    @Test("a change that was begun keeps others out until it is made or dropped")
    func exclusive() throws {
        folder.write(Self.entry, to: "keyring")
        do {
            let change = try file.beginChange()
            #expect(change.keyring.entries.count == 1)
            #expect(
                failure { _ = try file.beginChange(patience: .zero) }?.contains("Another process")
                    == true
            )
            // Readers never wait.
            #expect(try file.read().keyring.entries.count == 1)
        }
        try file.set(newKey, for: Self.serial, on: "2026-11-27")
        #expect(text.hasSuffix(Self.newEntry))
    }

    @Test("changes at the same time are all kept")
    func concurrent() throws {
        let (file, key) = (file, newKey)
        let serials = (0..<8).compactMap { EntropyKeySerial("AAAAAAAAAAAAAAA\($0)") }
        #expect(serials.count == 8)
        let workers = serials.map { serial in
            Worker {
                do {
                    try file.beginChange(patience: .seconds(60))
                        .set(key, for: serial, on: "2026-11-27")
                } catch {
                    Issue.record(error)
                }
            }
        }
        for worker in workers { worker.join() }
        #expect(Set(try file.read().keyring.entries.map(\.serial)) == Set(serials))
    }

    @Test("a missing folder is told with a cure, and no error holds a part of a key")
    func noFolder() {
        let file = KeyringFile(path: folder.file("missing/keyring"))
        let message = failure { try file.set(newKey, for: Self.serial, on: "2026-11-27") }
        #expect(message?.contains("Create the folder") == true)
        #expect(message?.contains("AAECAw") == false)
    }

    private var text: String { SystemTree().contents(file.path) ?? "no file" }

    private var names: [String] {
        let all = SystemTree().names(in: folder.path)
        // What is hidden is what a change might leave behind.
        return all + (access(folder.file(".keyring.wellspring-new"), F_OK) == 0 ? ["left"] : [])
    }

    private func failure(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch {
            return "\(error)"
        }
    }
}
