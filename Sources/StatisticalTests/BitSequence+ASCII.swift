// Bits written as digits, as the data files of SP 800-22's reference program have them.
// SPDX-License-Identifier: Apache-2.0

extension BitSequence {
    /// The digits 0 and 1 of an ASCII text; blanks, tabs and line ends between them do not count.
    /// Throws `BitSequenceError` at the first other byte. Reads no further than `limit` bits.
    package init(ascii text: some Collection<UInt8>, limit: Int = .max) throws(BitSequenceError) {
        self.init()
        var error: BitSequenceError?
        let isDone: Void? = text.withContiguousStorageIfAvailable {
            error = append(ascii: UnsafeRawBufferPointer($0), limit: limit)
        }
        if isDone == nil {
            error = Array(text).withUnsafeBytes { append(ascii: $0, limit: limit) }
        }
        if let error { throw error }
    }

    private mutating func append(
        ascii text: UnsafeRawBufferPointer,
        limit: Int
    ) -> BitSequenceError? {
        var offset = 0
        while offset < text.count, count < limit {
            if offset &+ 8 <= text.count, count <= limit &- 8 {
                // Eight digits at once: each is 0x30 or 0x31, the first in the lowest byte.
                let eight = UInt64(
                    littleEndian: text.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                )
                if (eight ^ 0x3030_3030_3030_3030) & ~0x0101_0101_0101_0101 == 0 {
                    // The product brings bit 8 k to bit 63 - k.
                    let digits = eight & 0x0101_0101_0101_0101
                    append((digits &* 0x8040_2010_0804_0201) &>> 56, width: 8)
                    offset &+= 8
                    continue
                }
            }
            let byte = text[offset]
            switch byte {
            case UInt8(ascii: "0"), UInt8(ascii: "1"): append(UInt64(byte & 1), width: 1)
            // Tab, line feed, vertical tab, form feed, carriage return, blank
            case 0x09...0x0d, 0x20: break
            default: return BitSequenceError(byte: byte, offset: offset)
            }
            offset &+= 1
        }
        return nil
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
