// The base64 of the Entropy Key: RFC 4648 section 4, strict.
// SPDX-License-Identifier: Apache-2.0

/// Base64 with the standard alphabet and `=` filling, without white space. Long-term keys pass here, so
/// no character is looked up in a table: which memory is touched does not depend on them.
package enum PEM64 {
    /// Writes the bytes that `text` stands for and returns their count, nil when a character or the
    /// filling is wrong; then what was written means nothing. Bits that the filling leaves over may be
    /// anything. `output` has room for three bytes for each four characters, less one for each `=`.
    package static func decode(
        _ text: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) -> Int? {
        guard text.count & 3 == 0 else { return nil }
        guard text.count > 0 else { return 0 }
        var filling = 0
        if text[text.count - 1] == fill { filling = text[text.count - 2] == fill ? 2 : 1 }
        let byteCount = text.count / 4 * 3 - filling
        precondition(output.count >= byteCount)

        // Words without filling, and then what is left.
        let wordCount = (text.count - filling) / 8
        for word in 0..<wordCount {
            let characters = text.loadUnaligned(fromByteOffset: word * 8, as: UInt64.self)
            guard let bits = sixBytes(of: UInt64(littleEndian: characters)) else { return nil }
            let place = word * 6
            output.storeBytes(
                of: UInt32(truncatingIfNeeded: bits >> 16).bigEndian,
                toByteOffset: place,
                as: UInt32.self
            )
            output.storeBytes(
                of: UInt16(truncatingIfNeeded: bits).bigEndian,
                toByteOffset: place + 4,
                as: UInt16.self
            )
        }
        guard wordCount * 6 < byteCount else { return byteCount }
        var last = everyByte &* UInt64(zeroDigit)
        for index in wordCount * 8..<text.count - filling {
            let shift = UInt64(index - wordCount * 8) * 8
            last = last & ~(0xFF << shift) | UInt64(text[index]) << shift
        }
        guard let bits = sixBytes(of: last) else { return nil }
        for index in wordCount * 6..<byteCount {
            let shift = UInt64(40 - (index - wordCount * 6) * 8)
            output[index] = UInt8(truncatingIfNeeded: bits >> shift)
        }
        return byteCount
    }

    /// Writes `bytes` as text with its filling and returns the count of characters, which is
    /// ``characterCount(byteCount:)``. `output` has room for them.
    @discardableResult
    package static func encode(
        _ bytes: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) -> Int {
        let count = characterCount(byteCount: bytes.count)
        precondition(output.count >= count)
        for group in 0..<count / 4 {
            let first = group * 3
            let held = min(3, bytes.count - first)
            var bits: UInt32 = 0
            for index in 0..<held { bits |= UInt32(bytes[first + index]) << UInt32(16 - index * 8) }
            for index in 0..<4 {
                let digit = Int32(truncatingIfNeeded: bits >> UInt32(18 - index * 6) & 0x3F)
                output[group * 4 + index] = index <= held ? character(digit) : fill
            }
        }
        return count
    }

    /// The characters of `bytes`, which are no secret.
    package static func characters(of bytes: [UInt8]) -> [UInt8] {
        var text = [UInt8](repeating: 0, count: characterCount(byteCount: bytes.count))
        text.withUnsafeMutableBytes { output in
            bytes.withUnsafeBytes { _ = encode($0, into: output) }
        }
        return text
    }

    /// The characters that `byteCount` bytes take, filling included.
    package static func characterCount(byteCount: Int) -> Int { (byteCount + 2) / 3 * 4 }
}

/// The 48 bits of eight characters, the first of them in the low byte; nil when one is not of the
/// alphabet. All eight are worked on at once, one byte of a word each: `first(n)` has the top bit of a
/// byte set where the character is at least n.
private func sixBytes(of characters: UInt64) -> UInt64? {
    let tops = everyByte &* 0x80
    guard characters & tops == 0 else { return nil }
    // At most 0x7F + 0x80: no sum carries into the next byte.
    func first(_ character: UInt64) -> UInt64 {
        (characters &+ everyByte &* (0x80 - character)) & tops
    }
    let plus = first(0x2B) & ~first(0x2C)
    let slash = first(0x2F) & ~first(0x30)
    let digit = first(0x30) & ~first(0x3A)
    let upper = first(0x41) & ~first(0x5B)
    let lower = first(0x61) & ~first(0x7B)
    guard plus | slash | digit | upper | lower == tops else { return nil }

    // `+` is 43 and stands for 62, so 19 is added to all; what the other classes then have too much is
    // taken off. No difference is negative, so none borrows from the next byte.
    var excess = (slash >> 7) &* 3  // 47 + 19 - 63
    excess |= (digit >> 7) &* 15  // 48 + 19 - 52
    excess |= (upper >> 7) &* 84  // 65 + 19 - 0
    excess |= (lower >> 7) &* 90  // 97 + 19 - 26
    let values = (characters &+ everyByte &* 19 &- excess).byteSwapped

    // Six bits in each eight become 12 in 16, 24 in 32, 48 in 64.
    let pairs = values & 0x003F_003F_003F_003F | (values & 0x3F00_3F00_3F00_3F00) >> 2
    let groups = pairs & 0x0000_0FFF_0000_0FFF | (pairs & 0x0FFF_0000_0FFF_0000) >> 4
    return groups & 0x00FF_FFFF | (groups & 0x00FF_FFFF_0000_0000) >> 8
}

/// The character of a value below 64: A to Z, a to z, 0 to 9, `+`, `/`. Each step from one run of
/// characters to the next is added by a mask, which is all ones where the value is above the limit.
private func character(_ value: Int32) -> UInt8 {
    func step(above limit: Int32, by distance: Int32) -> Int32 {
        (limit &- value) >> 8 & distance
    }
    var code = value &+ 65
    code &+= step(above: 25, by: 6)  // a is 97, and Z is 90
    code &+= step(above: 51, by: -75)  // 0 is 48, and z is 122
    code &+= step(above: 61, by: -15)  // + is 43, and 9 is 57
    code &+= step(above: 62, by: 3)  // / is 47
    return UInt8(truncatingIfNeeded: code)
}

private let everyByte: UInt64 = 0x0101_0101_0101_0101
/// `=`.
private let fill: UInt8 = 0x3D
/// `A`, which stands for 0.
private let zeroDigit: UInt8 = 0x41
