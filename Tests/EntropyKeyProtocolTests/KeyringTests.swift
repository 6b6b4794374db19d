// The keyring file: read as it is found, changed in one place.
// SPDX-License-Identifier: Apache-2.0

import EntropyKeyProtocol
import Testing

@Suite struct KeyringTests {
    private static let other = EntropyKeySerial("AAAAAAAAAAAAAAAA")!
    private static let entry = "\(sampleSerial) \(sampleKey)\n"

    @Test("An entry is found by its serial number, others are not")
    func lookUp() {
        let keyring = keyring("# managed by a program\n\n\(Self.entry)")
        #expect(keyring.entries.map(\.serial) == [sampleSerial])
        #expect(keyring.entries.map(\.line) == [3])
        #expect(keyring.flaws.isEmpty)
        #expect(hexadecimal(keyring.longTermKey(for: sampleSerial)) == sampleKeyHex)
        #expect(hexadecimal(keyring.longTermKey(for: Self.other)) == nil)
    }

    @Test("The last line for a serial number counts")
    func last() {
        let keyring = keyring("\(sampleSerial) \(otherKey)\n\(Self.entry)")
        #expect(keyring.entries.count == 2)
        #expect(hexadecimal(keyring.longTermKey(for: sampleSerial)) == sampleKeyHex)
    }

    @Test(
        "Blanks, tabs, what follows the key, foreign line ends and a missing one do not matter",
        arguments: [
            "\(sampleSerial)\t \(sampleKey)", "\(sampleSerial) \(sampleKey) the key in rack 7\n",
            "\(sampleSerial) \(sampleKey)\r\n", "\n\n\(sampleSerial)    \(sampleKey)  \n\n",
        ]
    )
    func blanks(text: String) {
        let keyring = keyring(text)
        #expect(keyring.flaws.isEmpty)
        #expect(hexadecimal(keyring.longTermKey(for: sampleSerial)) == sampleKeyHex)
    }

    @Test(
        "A line that is no entry is left aside, and told",
        arguments: [
            ("nonsense", Keyring.Flaw.Reason.noSerial),
            (" \(sampleSerial) \(sampleKey)", .noSerial),
            ("\(sampleSerial.description.dropLast()) \(sampleKey)", .noSerial),
            ("\(sampleSerial)A \(sampleKey)", .noSerial), (sampleSerial.description, .noKey),
            ("NwBvBlg3OTBJORF= \(sampleKey)", .noSerial), ("\(sampleSerial)  \t", .noKey),
            ("\(sampleSerial) \(sampleKey.dropLast())", .badKey),
            ("\(sampleSerial) \(sampleCard)", .badKey), ("\(sampleSerial) \(sampleKey)=", .badKey),
            ("\(sampleSerial) \(sampleKey.dropLast(2))==", .badKey), ("\u{0}\u{FF}", .noSerial),
        ]
    )
    func flaws(line: String, reason: Keyring.Flaw.Reason) {
        let keyring = keyring("# comment\n\(line)\n\(Self.entry)")
        #expect(keyring.flaws.map(\.line) == [2])
        #expect(keyring.flaws.map(\.reason) == [reason])
        #expect(keyring.entries.map(\.line) == [3])
        #expect(keyring.flaws.first?.description.contains(sampleKey.prefix(8)) == false)
    }

    @Test(
        "An empty file, and none, have no key",
        arguments: ["", "\n", "# only words", "   \n\t\n"]
    )
    func empty(text: String) {
        #expect(keyring(text).entries.isEmpty)
        #expect(keyring(text).flaws.isEmpty)
        #expect(Keyring().entries.isEmpty)
    }

    @Test("A new key takes the place of the old one, which stays as a comment above it")
    func replace() throws {
        let before = "# mine\r\n\(Self.other) \(otherKey)\n"
        let after = "\nnonsense\n\(Self.other) \(otherKey)  # twice, no line end"
        let changed = try set(otherKey, in: before + Self.entry + after)
        #expect(
            text(of: changed) == before + "# replaced 2026-11-27: \(sampleSerial) \(sampleKey)\n"
                + "\(sampleSerial) \(otherKey)\n" + after
        )
        #expect(
            hexadecimal(changed.longTermKey(for: sampleSerial)) == hexadecimal(secret(otherKey))
        )
    }

    @Test("Of two lines for one serial number the one that counts is replaced")
    func replaceLast() throws {
        let changed = try set(otherKey, in: "\(Self.entry)\(Self.entry)")
        #expect(
            text(of: changed)
                == "\(Self.entry)# replaced 2026-11-27: \(Self.entry)\(sampleSerial) \(otherKey)\n"
        )
    }

    @Test("A last line without end is replaced, and gets one")
    func replaceWithoutEnd() throws {
        let changed = try set(otherKey, in: "\(sampleSerial) \(sampleKey)")
        #expect(
            text(of: changed)
                == "# replaced 2026-11-27: \(Self.entry)\(sampleSerial) \(otherKey)\n"
        )
    }

    @Test(
        "The first key for a serial number is added at the end",
        arguments: ["# mine\n", "\(other) \(otherKey)\n", "nonsense", "\n\n"]
    )
    func add(before: String) throws {
        let end = before.hasSuffix("\n") ? "" : "\n"
        #expect(text(of: try set(sampleKey, in: before)) == before + end + Self.entry)
    }

    @Test("A new file says what it is")
    func addToNothing() throws {
        let changed = text(of: try set(sampleKey, in: ""))
        #expect(changed.hasPrefix("# Long-term keys of Entropy Keys"))
        #expect(changed.hasSuffix("\n\(Self.entry)"))
        #expect(changed.split(separator: "\n").count == 2)
    }

    @Test("Every change leaves a history that is read again, however long")
    func history() throws {
        var keyring = Keyring()
        for round in 0..<20 {
            let key = try #require(secret(round % 2 == 0 ? sampleKey : otherKey))
            keyring = keyring.setting(key, for: sampleSerial, on: "2026-11-27")
        }
        #expect(keyring.entries.count == 1)
        #expect(keyring.flaws.isEmpty)
        #expect(text(of: keyring).split(separator: "\n").count == 21)
        #expect(
            hexadecimal(keyring.longTermKey(for: sampleSerial)) == hexadecimal(secret(otherKey))
        )
    }

    @Test("Printing a keyring prints no key")
    func printing() {
        var printed = ""
        dump(keyring(Self.entry), to: &printed)
        print(keyring(Self.entry), to: &printed)
        #expect(!printed.contains(sampleKey.prefix(6)))
    }

    private func keyring(_ text: String) -> Keyring {
        withBytes(of: text) { Keyring(copying: $0) }
    }

    private func set(_ key: String, in text: String) throws -> Keyring {
        keyring(text).setting(try #require(secret(key)), for: sampleSerial, on: "2026-11-27")
    }

    private func text(of keyring: Keyring) -> String {
        keyring.withText { String(decoding: $0, as: UTF8.self) }
    }
}
