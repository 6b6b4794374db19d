// Emulated Entropy Keys on pseudo-terminals, and a daemon that works with them.
// SPDX-License-Identifier: Apache-2.0

import Daemon
import Glibc
import Testing
import WellspringTesting

/// An emulated key at a link in a daemon's folder; pulled out for good when this object goes.
final class PluggedKey {
    let serial: String
    let link: String
    private let player: EmulatedKeyPlayer

    init(_ place: Workplace, _ name: String, serial: String = PluggedKey.serial) throws {
        self.serial = serial
        link = place.file(name)
        var key = EmulatedEntropyKey(
            serial: serial,
            longTermKey: Self.longTermKey,
            masterKey: Self.masterKey
        )
        // A second or two before it says how it is, without which it earns nothing.
        key.advance(to: .milliseconds(5_500))
        _ = key.takeOutput()
        player = try EmulatedKeyPlayer(key, on: .pseudoTerminal(link: link))
        letOthersOpenIt()
    }

    deinit { player.stop() }

    var key: EmulatedEntropyKey { player.key }

    func change(_ body: @Sendable (inout EmulatedKeyFaults) -> Void) {
        player.change { body(&$0.faults) }
    }

    func pullOut() throws {
        player.pullOut()
        try #require(waitUntil { access(link, F_OK) != 0 })
    }

    func plugIn() throws {
        player.plugIn()
        try #require(waitUntil { access(link, F_OK) == 0 })
        letOthersOpenIt()
    }

    /// What the rules for udev do.
    private func letOthersOpenIt() { chmod(link, 0o666) }

    static let serial = "NwBvBlg3OTBJORFD"
    static let otherSerial = "M/3lUoWERuOdXD+R"
    static let longTermKey = [UInt8](repeating: 7, count: 32)
    static let longTermKeyText = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="
    static let masterKey = [UInt8](repeating: 0x4d, count: 32)
    /// The master key with its checksum (CRC-8, polynomial 0x31, from 0xff).
    static let card = "TU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU2T"
    /// A good card that is that of another key: its first byte is 4e.
    static let otherCard = "Tk1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU2f"
}

/// A daemon whose sources are keys.
final class KeyDaemon {
    let daemon = RunningDaemon()
    var place: Workplace { daemon.place }
    private(set) var keys: [PluggedKey] = []
    let keyring: String

    /// `serials` are plugged in as sources key-1, key-2, ... The keyring knows those of `known`; it is the
    /// daemon's own, or root's where root starts the daemon and `isRoots`.
    init(
        _ serials: [String] = [PluggedKey.serial],
        known: [String]? = nil,
        keyringIsRoots: Bool = false
    ) throws {
        let entries = (known ?? serials).map { "\($0) \(PluggedKey.longTermKeyText)\n" }
        keyring = daemon.place.write("# my keys\n" + entries.joined(), to: "keyring")
        chmod(keyring, 0o600)
        if isRoot, !keyringIsRoots { chown(keyring, nobody, nobody) }
        var settings = "sources:\n"
        for (index, serial) in serials.enumerated() {
            let key = try PluggedKey(daemon.place, "tty-\(index + 1)", serial: serial)
            keys.append(key)
            settings += "  key-\(index + 1): {type: entropy-key, path: \(key.link), "
            settings += "keyring: \(keyring)}\n"
        }
        daemon.configure(settings)
        try daemon.startAndWait()
    }

    var keyringText: String { String(decoding: bytesOfFile(keyring), as: UTF8.self) }

    /// `wellspring key` with these words; nothing that it prints is a secret.
    func run(_ words: [String], input: ChildProcess.Stream = .null) throws -> Outcome {
        let process = try place.start(
            ["key"] + words + ["--socket", daemon.control],
            input: input
        )
        let status = process.finish()
        let outcome = Outcome(
            status: status,
            bytes: process.output,
            errors: String(decoding: process.errors, as: UTF8.self)
        )
        requireNoSecret(in: outcome.text + outcome.errors)
        return outcome
    }

    /// Neither in what a command said nor in the daemon's log.
    private func requireNoSecret(in text: String) {
        var secrets = [PluggedKey.card, PluggedKey.otherCard, PluggedKey.longTermKeyText]
        for line in keyringText.split(separator: "\n") {
            secrets += line.split(separator: " ").map(String.init).filter { $0.utf8.count == 44 }
        }
        for secret in secrets {
            #expect(!text.contains(secret.dropLast(4)), "a secret was printed")
            #expect(!daemon.log.contains(secret.dropLast(4)), "a secret was logged")
        }
    }

    /// Waits until the source of a key is as wished.
    @discardableResult
    func wait(
        for name: String = "key-1",
        _ condition: (StatusReport.Source) -> Bool
    ) throws -> StatusReport.Source {
        let report = try daemon.waitForStatus { report in
            report.sources.first { $0.name == name }.map(condition) ?? false
        }
        return try #require(report.sources.first { $0.name == name })
    }

    @discardableResult
    func waitUntilRunning(_ name: String = "key-1") throws -> StatusReport.Source {
        try wait(for: name) { $0.device?.state == "Running OK" && $0.totalEntropy > 0 }
    }
}

extension StatusReport.Source {
    /// Bytes that the key gave.
    var totalEntropy: UInt64 {
        if case .count(let count)? = device?.statistics["TotalEntropy"] { count } else { 0 }
    }
}
