// `wellspring key rekey` with the card's master key, beside a daemon that has the key and without one.
// SPDX-License-Identifier: Apache-2.0

import Daemon
import FoundationEssentials
import Glibc
import Testing
import WellspringTesting

extension EndToEnd {
    @Suite struct KeyRekeyCommandTests {
        private func rekey(
            _ bench: KeyDaemon,
            card: String,
            input: ChildProcess.Stream = .null
        ) throws -> Outcome {
            try bench.run(
                [
                    "rekey", "--device", bench.keys[0].link, "--master-key", card, "--keyring",
                    bench.keyring,
                ],
                input: input
            )
        }

        /// The keyring's line for the key as it is now.
        private func line(_ bench: KeyDaemon) -> String {
            "\(PluggedKey.serial) \(base64(bench.keys[0].key.longTermKey))\n"
        }

        @Test("a new key gets its first long-term key from the card in a file, and goes to work")
        func newKey() throws {
            let bench = try KeyDaemon(known: [], keyringIsRoots: true)
            try bench.wait { $0.state == "failed" }
            let card = bench.place.write("\(PluggedKey.card)\n", to: "card")
            let outcome = try rekey(bench, card: card)
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.text.contains("\(PluggedKey.serial) has a new long-term key"))
            #expect(outcome.text.contains("key-1 is at work"))
            #expect(bench.keys[0].key.longTermKey != PluggedKey.longTermKey)
            #expect(bench.keyringText == "# my keys\n" + line(bench))
            // Root made the daemon's user able to read what only root could.
            #expect(outcome.text.contains("may read \(bench.keyring) now") == isRoot)
            try bench.waitUntilRunning()
        }

        @Test(
            "a key at work is rekeyed by standard input; the keyring keeps comments and the old entry"
        )
        func again() throws {
            let bench = try KeyDaemon()
            let before = try bench.waitUntilRunning()
            // Groups as they are printed, and no line end.
            let card = bench.place.write(
                "TU1NTU1N TU1NTU1N TU1NTU1N TU1NTU1N TU1NTU1N TU2T",
                to: "card"
            )
            let outcome = try rekey(bench, card: "-", input: .file(card))
            #expect(outcome.status == 0, "\(outcome.errors)")
            let lines = bench.keyringText.split(separator: "\n")
            try #require(lines.count == 3)
            #expect(lines[0] == "# my keys")
            #expect(lines[1].hasPrefix("# replaced 20"))
            #expect(
                lines[1].hasSuffix(": \(PluggedKey.serial) \(PluggedKey.longTermKeyText)")
            )
            #expect("\(lines[2])\n" == line(bench))
            #expect(namesIn(bench.place.path).filter { $0.hasPrefix("keyring") } == ["keyring"])
            var facts = stat()
            #expect(stat(bench.keyring, &facts) == 0)
            #expect(facts.st_mode & 0o007 == 0)
            let source = try bench.wait {
                $0.device?.state == "Running OK" && $0.totalEntropy > 0
            }
            #expect(source.name == before.name)
            #expect(source.creditedBitsPerSample == before.creditedBitsPerSample)
        }

        @Test("another key's card is refused, nothing changes, and the daemon goes on with the key")
        func wrongCard() throws {
            let bench = try KeyDaemon()
            try bench.waitUntilRunning()
            let before = bench.keyringText
            let card = bench.place.write(PluggedKey.otherCard, to: "card")
            let outcome = try rekey(bench, card: card)
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("the key refused the master key. Nothing was changed"))
            #expect(bench.keyringText == before)
            #expect(bench.keys[0].key.longTermKey == PluggedKey.longTermKey)
            try bench.waitUntilRunning()
        }

        @Test(
            "a card that is misread is refused before the key is touched",
            arguments: [
                ("TU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU3T", "checksum"),
                ("TU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU2", "these are 43"),
                ("TU1NTU1NTU1NTU1NTU1NTU1N!U1NTU1NTU1NTU1NTU2T", "Character 25"),
                ("\n", "empty"),
            ]
        )
        func misread(card: String, complaint: String) throws {
            let bench = try KeyDaemon()
            try bench.waitUntilRunning()
            let resets = bench.keys[0].key.resetCount
            let before = bench.keyringText
            let file = bench.place.write(card, to: "card")
            let outcome = try rekey(bench, card: file)
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains(complaint))
            #expect(bench.keyringText == before)
            #expect(bench.keys[0].key.resetCount == resets)
            #expect(try bench.daemon.status().sources[0].device?.state == "Running OK")
        }

        @Test("a keyring that cannot be written is found out before the key forgets its old key")
        func unwritable() throws {
            let bench = try KeyDaemon()
            try bench.waitUntilRunning()
            let card = bench.place.write(PluggedKey.card, to: "card")
            let outcome = try bench.run([
                "rekey", "--device", bench.keys[0].link, "--master-key", card, "--keyring",
                bench.place.file("nowhere/keyring"),
            ])
            #expect(outcome.status == 74)
            #expect(bench.keys[0].key.longTermKey == PluggedKey.longTermKey)
            #expect(try bench.daemon.status().sources[0].device?.state == "Running OK")
        }

        @Test("a key that does not answer is told after three tries, and nothing changes")
        func silent() throws {
            let place = Workplace()
            let key = try PluggedKey(place, "tty-1")
            key.change { $0.isDead = true }
            let card = place.write(PluggedKey.card, to: "card")
            let start = ContinuousClock.now
            let outcome = try place.run([
                "key", "rekey", "--device", key.link, "--master-key", card, "--keyring",
                place.file("keyring"),
            ])
            #expect(outcome.status == 69)
            #expect(outcome.errors.contains("the key gives no answer"))
            #expect(!outcome.errors.contains(PluggedKey.card))
            #expect(place.contents.sorted() == ["card", "tty-1"])
            #expect(ContinuousClock.now - start >= .seconds(6))
        }

        @Test(
            "without a daemon a keyring is made, readable for its owner alone; another key is refused"
        )
        func alone() throws {
            let place = Workplace()
            let key = try PluggedKey(place, "tty-1")
            let card = place.write(PluggedKey.card, to: "card")
            let words = [
                "--device", key.link, "--master-key", card, "--keyring", place.file("keyring"),
            ]
            let other = try place.run(["key", "rekey", PluggedKey.otherSerial] + words)
            #expect(other.status == 1)
            #expect(other.errors.contains("the key says that it is \(PluggedKey.serial)"))
            #expect(access(place.file("keyring"), F_OK) != 0)
            let outcome = try place.run(["key", "rekey", PluggedKey.serial] + words)
            #expect(outcome.status == 0, "\(outcome.errors)")
            var facts = stat()
            #expect(stat(place.file("keyring"), &facts) == 0)
            #expect(facts.st_mode & 0o777 == 0o600)
            let text = String(decoding: bytesOfFile(place.file("keyring")), as: UTF8.self)
            #expect(text.hasSuffix("\n\(PluggedKey.serial) \(base64(key.key.longTermKey))\n"))
        }
    }
}

private func base64(_ bytes: [UInt8]) -> String {
    Data(bytes).base64EncodedString()
}
