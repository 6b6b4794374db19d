// The keyring file: the long-term key of each Entropy Key that this host works with.
// SPDX-License-Identifier: Apache-2.0

internal import Entropy

/// The text of a keyring file, as ekeyd reads it: a line for each key, which begins with the serial
/// number, blanks and the long-term key. All other lines are left alone, and the last line for a
/// serial number is the one that counts.
///
/// The text is secret. It leaves by ``withText(_:)`` and ``setting(_:for:on:)`` only.
package final class Keyring: Sendable {
    /// In the order of the file, those that a later line overrules included.
    package let entries: [Entry]
    /// Lines that were meant to be entries, it seems, and are not.
    package let flaws: [Flaw]
    private let text: SecretBytes

    package struct Entry: Sendable, Equatable {
        package let serial: EntropyKeySerial
        /// From 1.
        package let line: Int
        /// Where the line lies in the text, without its end, and where its key does.
        fileprivate let place: Range<Int>
        fileprivate let key: Range<Int>
    }

    package struct Flaw: Sendable, Equatable, CustomStringConvertible {
        /// From 1.
        package let line: Int
        package let reason: Reason

        package enum Reason: String, Sendable, Equatable {
            case noSerial = "it does not begin with a serial number of 16 base64 characters"
            case noKey = "blanks and a long-term key do not follow the serial number"
            case badKey = "its long-term key is not 44 base64 characters for 32 bytes"
        }

        package var description: String { "line \(line) is ignored: \(reason.rawValue)" }
    }

    /// Copies `source`, which stays the caller's to wipe.
    package init(copying source: UnsafeRawBufferPointer) {
        text = SecretBytes(count: source.count)
        text.withMutableBytes { $0.copyMemory(from: source) }
        (entries, flaws) = Self.parse(source)
    }

    /// Without any key, as a file that does not exist.
    package convenience init() {
        self.init(copying: UnsafeRawBufferPointer(start: nil, count: 0))
    }

    /// The long-term key of the Entropy Key with this serial number, if it is known.
    package func longTermKey(for serial: EntropyKeySerial) -> EntropyKeySecret? {
        guard let entry = entries.last(where: { $0.serial == serial }) else { return nil }
        return text.withBytes { text in
            EntropyKeySecret(base64: UnsafeRawBufferPointer(rebasing: text[entry.key]))
        }
    }

    package func withText<R: ~Copyable, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try text.withBytes(body)
    }

    private static func parse(_ text: UnsafeRawBufferPointer) -> ([Entry], [Flaw]) {
        var entries: [Entry] = []
        var flaws: [Flaw] = []
        var number = 0
        var start = 0
        while start < text.count {
            number += 1
            let end = text[start...].firstIndex(of: lineFeed) ?? text.count
            switch line(UnsafeRawBufferPointer(rebasing: text[start..<end])) {
            case .entry(let serial, let key):
                entries.append(
                    Entry(
                        serial: serial,
                        line: number,
                        place: start..<end,
                        key: start + key.lowerBound..<start + key.upperBound
                    )
                )
            case .flaw(let reason): flaws.append(Flaw(line: number, reason: reason))
            case .other: break
            }
            start = end + 1
        }
        return (entries, flaws)
    }

    private enum Line {
        case entry(serial: EntropyKeySerial, key: Range<Int>)
        case flaw(Flaw.Reason)
        /// A comment, or nothing but blanks.
        case other
    }

    private static func line(_ line: UnsafeRawBufferPointer) -> Line {
        guard let first = line.first(where: { !isBlank($0) }), first != UInt8(ascii: "#") else {
            return .other
        }
        let number = UnsafeRawBufferPointer(rebasing: line.prefix(EntropyKeySerial.characterCount))
        guard let serial = EntropyKeySerial(characters: number) else { return .flaw(.noSerial) }
        let rest = line[number.count...]
        guard let key = rest.firstIndex(where: { !isBlank($0) }) else { return .flaw(.noKey) }
        guard key > number.count else { return .flaw(.noSerial) }
        let end = line[key...].firstIndex(where: isBlank) ?? line.count
        guard EntropyKeySecret(base64: UnsafeRawBufferPointer(rebasing: line[key..<end])) != nil
        else { return .flaw(.badKey) }
        return .entry(serial: serial, key: key..<end)
    }

    /// Blanks and tabs, and the carriage return of a file from elsewhere.
    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0D
    }
}

// MARK: - Changing

extension Keyring {
    /// The text in which `key` is the long-term key of `serial`. The new line takes the place of the one
    /// that counted; that one stays above it as a comment, for a key that never learned of the change.
    /// All else is as before, byte for byte.
    ///
    /// `date` is written as it stands and has no line end.
    package func setting(
        _ key: EntropyKeySecret,
        for serial: EntropyKeySerial,
        on date: String
    ) -> Keyring {
        precondition(!date.utf8.contains(lineFeed), "a date is one line")
        let old = entries.last { $0.serial == serial }
        let words = old == nil ? "" : "# replaced \(date): "
        return text.withBytes { text in
            let head = text.isEmpty ? Self.heading : ""
            let added =
                head.utf8.count + words.utf8.count + EntropyKeySerial.characterCount
                + EntropyKeySecret.base64Count + 3
            let output = SecretBytes(count: text.count + added)
            let count = output.withMutableBytes { memory in
                var writer = TextWriter(memory: memory)
                writer.write(head)
                if let old {
                    writer.write(UnsafeRawBufferPointer(rebasing: text[..<old.place.lowerBound]))
                    writer.write(words)
                    writer.write(UnsafeRawBufferPointer(rebasing: text[old.place]))
                    writer.write("\n\(serial) ")
                } else {
                    writer.write(text)
                    if let last = text.last, last != lineFeed { writer.write("\n") }
                    writer.write("\(serial) ")
                }
                writer.write(key)
                if let old, old.place.upperBound < text.count {
                    writer.write(UnsafeRawBufferPointer(rebasing: text[old.place.upperBound...]))
                } else {
                    writer.write("\n")
                }
                return writer.count
            }
            return output.withBytes {
                Keyring(copying: UnsafeRawBufferPointer(rebasing: $0[..<count]))
            }
        }
    }

    /// The first line of a new file.
    private static let heading =
        "# Long-term keys of Entropy Keys: a serial number and its key on each line. Keep it secret.\n"
}

/// Appends to memory that is large enough.
private struct TextWriter {
    let memory: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    init(memory: UnsafeMutableRawBufferPointer) { self.memory = memory }

    mutating func write(_ bytes: UnsafeRawBufferPointer) {
        UnsafeMutableRawBufferPointer(rebasing: memory[count...]).copyMemory(from: bytes)
        count += bytes.count
    }

    /// Never a secret.
    mutating func write(_ words: String) {
        var words = words
        words.withUTF8 { write(UnsafeRawBufferPointer($0)) }
    }

    mutating func write(_ key: EntropyKeySecret) {
        let rest = UnsafeMutableRawBufferPointer(rebasing: memory[count...])
        count += key.withBytes { PEM64.encode($0, into: rest) }
    }
}

private let lineFeed = UInt8(ascii: "\n")
