// Bits written as digits, as the data files of SP 800-22's reference program have them.
// SPDX-License-Identifier: Apache-2.0

extension BitSequence {
    /// The digits 0 and 1 of an ASCII text; blanks, tabs and line ends between them do not count.
    /// Throws `BitSequenceError` at the first other byte. Reads no further than `limit` bits.
    package init(
        ascii text: some Sequence<UInt8>,
        limit: Int = .max
    ) throws(BitSequenceError) {
        self.init()
        var offset = 0
        for byte in text {
            if count >= limit { break }
            switch byte {
            case UInt8(ascii: "0"), UInt8(ascii: "1"): append(UInt64(byte & 1), width: 1)
            // Tab, line feed, vertical tab, form feed, carriage return, blank
            case 0x09...0x0d, 0x20: break
            default: throw BitSequenceError(byte: byte, offset: offset)
            }
            offset += 1
        }
    }
}

/// A byte in a text of bits that is neither a digit 0 or 1 nor white space.
package struct BitSequenceError: Error, Sendable, Equatable, CustomStringConvertible {
    package let byte: UInt8
    /// Bytes before it.
    package let offset: Int

    package var description: String {
        let name =
            (0x21...0x7e).contains(byte)
            ? "\"\(Character(UnicodeScalar(byte)))\"" : "The byte \(byte)"
        return
            "\(name) at offset \(offset) is neither 0 nor 1 nor white space. Is the input binary?"
    }
}
