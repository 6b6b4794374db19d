// The master key as it is printed on the card that came with an Entropy Key.
// SPDX-License-Identifier: Apache-2.0

internal import Entropy

/// What people type from the card, or keep in a file: 44 base64 characters in groups, which are the
/// 32 bytes of the master key and a checksum, or the 32 bytes alone with their filling.
package enum MasterKeyCard {
    /// The master key. Blanks and line ends are ignored wherever they stand. A form without checksum
    /// cannot be checked: any 43 characters and `=` are a key.
    package static func read(
        _ text: UnsafeRawBufferPointer
    ) throws(MasterKeyCardError) -> EntropyKeySecret {
        let characters = SecretBytes(count: characterCount)
        let count = copy(text, to: characters)
        guard count > 0 else { throw .empty }
        guard count == characterCount else { throw .wrongLength(count) }
        let decoded = SecretBytes(count: characterCount / 4 * 3)
        let byteCount = characters.withBytes { text in
            decoded.withMutableBytes { PEM64.decode(text, into: $0) }
        }
        switch byteCount {
        case EntropyKeySecret.byteCount: break
        case EntropyKeySecret.byteCount + 1:
            // Over the key and its checksum the remainder is zero (no final exclusive or).
            guard decoded.withBytes({ CRC8.remainder(of: $0) }) == 0 else { throw .wrongChecksum }
        default: throw .wrongCharacter(characters.withBytes { firstWrong(in: $0) })
        }
        return EntropyKeySecret(beginningOf: decoded)
    }

    /// Copies what is not blank as far as there is room, and returns how much of it there is.
    private static func copy(
        _ text: UnsafeRawBufferPointer,
        to characters: borrowing SecretBytes
    ) -> Int {
        characters.withMutableBytes { memory in
            var count = 0
            for byte in text where byte != 0x20 && !(0x09...0x0D).contains(byte) {
                if count < memory.count { memory[count] = byte }
                count += 1
            }
            return count
        }
    }

    /// The place, from 1, of the first character that has no value of its own; of text that is wrong.
    private static func firstWrong(in text: UnsafeRawBufferPointer) -> Int {
        let group = SecretBytes(count: 4)
        let bytes = SecretBytes(count: 3)
        let place = text.firstIndex { byte in
            group.withMutableBytes { group in
                for index in group.indices { group[index] = byte }
                let text = UnsafeRawBufferPointer(group)
                return bytes.withMutableBytes { PEM64.decode(text, into: $0) == nil }
            }
        }
        return (place ?? text.count - 1) + 1
    }

    /// Characters of both forms.
    private static let characterCount = 44
}

/// Why text is no master key. No description holds a character of the text.
package enum MasterKeyCardError: Error, Equatable, Sendable, CustomStringConvertible {
    case empty
    /// How many characters there are, blanks not counted.
    case wrongLength(Int)
    /// The place of the first wrong one, from 1, blanks not counted.
    case wrongCharacter(Int)
    case wrongChecksum

    package var description: String {
        switch self {
        case .empty: "No master key was given. Type the 44 characters on the card of the key."
        case .wrongLength(let count):
            "A master key has 44 characters, and these are \(count), blanks not counted. Compare "
                + "them with the card."
        case .wrongCharacter(let place):
            "Character \(place) of the master key cannot be right: it consists of letters, digits, "
                + "+ and /, with at most one = at the end. Compare it with the card."
        case .wrongChecksum:
            "The checksum of the master key is wrong, so a character was misread. Compare it with "
                + "the card; 0 and O, 1, l and I, 5 and S look alike."
        }
    }
}

/// CRC-8 with the polynomial x^8 + x^5 + x^4 + 1, from all ones, not reflected.
private enum CRC8 {
    static func remainder(of bytes: UnsafeRawBufferPointer) -> UInt8 {
        var remainder: UInt8 = 0xFF
        for byte in bytes {
            remainder ^= byte
            for _ in 0..<8 {
                remainder = remainder << 1 ^ (remainder >> 7) &* polynomial
            }
        }
        return remainder
    }

    private static let polynomial: UInt8 = 0x31
}
