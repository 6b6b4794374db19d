// The texts around an Entropy Key: readings, keyring, card, serial number, base64, ekeyd.conf.
// SPDX-License-Identifier: Apache-2.0

internal import Configuration
internal import Entropy

@testable internal import EntropyKeyProtocol

/// Readings stay sums of what was said, and a key that is out of order is always objected to.
func checkReadings(_ input: inout Input) {
    var readings = EntropyKeyReadings()
    var vouching = EntropyKeyVouching()
    var frames = 0
    while !input.isEmpty {
        let choice = input.byte()
        for _ in 0..<choice >> 6 {
            readings.noteEntropyFrame()
            frames += 1
        }
        if choice & 0x20 != 0 { frames += Int(choice) << 3 }
        let before = readings
        input.take(Int(choice) % 51).withUnsafeBytes { readings.take($0) }
        vouching.note(readings, entropyFrames: frames)
        let objection = vouching.objection(readings)
        let isGood = readings.window?.badness.isGood ?? false
        let celsius = readings.celsius ?? 20
        let volts = readings.volts ?? 3.3
        if !isGood || !(0...70).contains(celsius) || !(2.97...3.63).contains(volts) {
            precondition(objection != nil, "a key that is out of order is vouched for")
        }
        precondition(readings.blockReports >= before.blockReports)
        for number in [readings.temperature, readings.voltage, readings.blocks?.done] {
            precondition((0..<1_000_000_000).contains(number ?? 0))
        }
        if let badness = readings.window?.badness {
            precondition(badness.character.unicodeScalars.count == 1)
            precondition(!badness.shortName.isEmpty && !badness.words.isEmpty)
        }
    }
}

/// A key that is set is the one found afterwards; all else is as before, byte for byte.
func checkKeyring(_ input: inout Input) {
    let choice = input.byte()
    let text = Array(input.rest)
    let keyring = text.withUnsafeBytes { Keyring(copying: $0) }
    for flaw in keyring.flaws { precondition(!flaw.description.isEmpty) }
    let known = keyring.entries
    for entry in known {
        precondition(keyring.longTermKey(for: entry.serial) != nil)
    }
    let serial =
        known.isEmpty
        ? EntropyKeySerial("NwBvBlg3OTBJORFD")! : known[Int(choice) % known.count].serial
    let old = known.last { $0.serial == serial }
    let new = Device.masterKey.withUnsafeBytes { EntropyKeySecret(copying: $0) }
    let changed = keyring.setting(new, for: serial, on: "2026-01-02")
    precondition(changed.longTermKey(for: serial)?.bytes == Device.masterKey)
    precondition(changed.flaws.count == keyring.flaws.count)
    precondition(changed.entries.count == known.count + (old == nil ? 1 : 0))
    for entry in known where entry.serial != serial {
        precondition(
            changed.longTermKey(for: entry.serial)?.bytes
                == keyring.longTermKey(for: entry.serial)?.bytes
        )
    }
    let line = Array("\(serial) ".utf8) + PEM64.characters(of: Device.masterKey)
    precondition(changed.withText { Array($0) } == expected(text, old?.line, line))
}

/// `text` with `line` at its end, or instead of its line of that number, which becomes a comment above.
private func expected(_ text: [UInt8], _ number: Int?, _ line: [UInt8]) -> [UInt8] {
    let lineFeed = UInt8(ascii: "\n")
    guard let number else {
        let heading = "# Long-term keys of Entropy Keys: a serial number and its key on each line. "
        let before = text.isEmpty ? Array((heading + "Keep it secret.\n").utf8) : text
        return before + (before.last == lineFeed ? [] : [lineFeed]) + line + [lineFeed]
    }
    var lines = text.split(separator: lineFeed, omittingEmptySubsequences: false).map(Array.init)
    let isLast = number == lines.count
    lines[number - 1] =
        Array("# replaced 2026-01-02: ".utf8) + lines[number - 1] + [lineFeed] + line
    return Array(lines.joined(separator: [lineFeed])) + (isLast ? [lineFeed] : [])
}

/// A card that is read has no wrong character, and would not be read with one.
func checkCard(_ bytes: UnsafeRawBufferPointer) {
    guard let key = try? MasterKeyCard.read(bytes) else { return }
    var text = bytes.filter { $0 != 0x20 && !(0x09...0x0d).contains($0) }
    precondition(text.count == EntropyKeySecret.base64Count)
    let again = text.withUnsafeBytes { try? MasterKeyCard.read($0) }
    precondition(again?.bytes == key.bytes)
    guard text.last != UInt8(ascii: "=") else { return }
    let place = Int(bytes[0]) % text.count
    text[place] = text[place] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
    let wrong = text.withUnsafeBytes { try? MasterKeyCard.read($0) }
    precondition(wrong == nil, "a card with a wrong character was read")
}

func checkSerial(_ bytes: UnsafeRawBufferPointer) {
    let text = String(decoding: bytes, as: UTF8.self)
    guard let serial = EntropyKeySerial(text) else { return }
    precondition(serial.description.utf8.count == EntropyKeySerial.characterCount)
    precondition(EntropyKeySerial(serial.description) == serial)
}

/// What is decoded is encoded as it was, but for bits that nothing is made of.
func checkBase64(_ bytes: UnsafeRawBufferPointer) {
    var decoded = [UInt8](repeating: 0, count: bytes.count / 4 * 3)
    let count = decoded.withUnsafeMutableBytes { PEM64.decode(bytes, into: $0) }
    if let count {
        let again = PEM64.characters(of: Array(decoded.prefix(count)))
        precondition(again.count == bytes.count)
        let last = bytes.lastIndex { $0 != UInt8(ascii: "=") } ?? 0
        for index in bytes.indices where index != last {
            precondition(again[index] == bytes[index])
        }
    }
    let text = PEM64.characters(of: Array(bytes))
    var back = [UInt8](repeating: 0, count: text.count / 4 * 3)
    let backCount = back.withUnsafeMutableBytes { output in
        text.withUnsafeBytes { PEM64.decode($0, into: output) }
    }
    precondition(backCount == bytes.count && back.prefix(bytes.count).elementsEqual(bytes))
    guard bytes.count >= 2, let number = TwelveBitNumber.decode(bytes[0], bytes[1]) else { return }
    precondition(TwelveBitNumber.encode(number) == (bytes[0], bytes[1]))
}

/// What is translated is a configuration that is read, or two sockets have one path.
func checkMigration(_ bytes: UnsafeRawBufferPointer) {
    let ekeyd: EkeydConfiguration
    do throws(ConfigurationError) {
        ekeyd = try EkeydConfiguration(parsing: Array(bytes), file: "f")
    } catch {
        for line in error.description.split(separator: "\n") {
            precondition(line.hasPrefix("f:") || line.hasPrefix("f "), "a problem has no place")
        }
        return
    }
    do throws(ConfigurationError) {
        _ = try Configuration(
            parsing: Array(ekeyd.wellspringConfiguration().utf8),
            file: "w",
            directories: .system
        )
    } catch {
        precondition(error.description.contains("every socket needs its own"))
    }
}

extension EntropyKeySecret {
    fileprivate var bytes: [UInt8] { withBytes { Array($0) } }
}
