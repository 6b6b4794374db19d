// Compression with the fixed Huffman codes of the deflate format (RFC 1951, section 3.2.6).
// SPDX-License-Identifier: Apache-2.0

/// A deflate stream of one block. Repeats are looked for at few given distances only, which is
/// enough for pictures with even areas or equal rows.
package struct Deflate {
    /// Compresses; distances outside 1...32768 are ignored.
    package static func compress(_ bytes: [UInt8], distances: [Int]) -> [UInt8] {
        let distances = distances.filter { (1...32_768).contains($0) }
        var stream = Deflate()
        stream.append(0b1, bits: 1)  // the last block
        stream.append(0b01, bits: 2)  // with fixed codes
        var index = 0
        while index < bytes.count {
            var best = (length: 0, distance: 0)
            for distance in distances where distance <= index {
                let length = repeated(bytes, at: index, distance: distance)
                if length > best.length { best = (length, distance) }
            }
            if best.length >= shortestRepeat {
                stream.append(length: best.length, distance: best.distance)
                index += best.length
            } else {
                stream.append(symbol: Int(bytes[index]))
                index += 1
            }
        }
        stream.append(symbol: endOfBlock)
        stream.flush()
        return stream.output
    }

    /// How many bytes from `index` on equal those `distance` before, at most 258.
    private static func repeated(_ bytes: [UInt8], at index: Int, distance: Int) -> Int {
        let limit = min(longestRepeat, bytes.count - index)
        var length = 0
        while length < limit, bytes[index + length] == bytes[index + length - distance] {
            length += 1
        }
        return length
    }

    private var output: [UInt8] = []
    private var pending: UInt32 = 0
    private var pendingBits = 0

    /// Lowest bit first (section 3.1.1).
    private mutating func append(_ value: Int, bits: Int) {
        pending |= UInt32(value) << UInt32(pendingBits)
        pendingBits += bits
        while pendingBits >= 8 {
            output.append(UInt8(truncatingIfNeeded: pending))
            pending >>= 8
            pendingBits -= 8
        }
    }

    /// A Huffman code goes highest bit first.
    private mutating func append(code: Int, bits: Int) {
        var reversed = 0
        for position in 0..<bits where code >> position & 1 == 1 {
            reversed |= 1 << (bits - 1 - position)
        }
        append(reversed, bits: bits)
    }

    /// The fixed code of a literal, the end or a length, 0...287 (section 3.2.6).
    private mutating func append(symbol: Int) {
        switch symbol {
        case ..<144: append(code: 0b0011_0000 + symbol, bits: 8)
        case ..<256: append(code: 0b1_1001_0000 + symbol - 144, bits: 9)
        case ..<280: append(code: symbol - 256, bits: 7)
        default: append(code: 0b1100_0000 + symbol - 280, bits: 8)
        }
    }

    private mutating func append(length: Int, distance: Int) {
        let lengthIndex = Self.lengths.lastIndex { $0.base <= length } ?? 0
        let lengthCode = Self.lengths[lengthIndex]
        append(symbol: Self.endOfBlock + 1 + lengthIndex)
        append(length - lengthCode.base, bits: lengthCode.extraBits)
        let distanceIndex = Self.distances.lastIndex { $0.base <= distance } ?? 0
        let distanceCode = Self.distances[distanceIndex]
        append(code: distanceIndex, bits: 5)
        append(distance - distanceCode.base, bits: distanceCode.extraBits)
    }

    private mutating func flush() {
        if pendingBits > 0 { append(0, bits: 8 - pendingBits) }
    }

    private static let endOfBlock = 256
    /// Shortest and longest repeat in bytes that has a code (section 3.2.5).
    private static let shortestRepeat = 3
    private static let longestRepeat = 258

    /// Codes from 257: eight without extra bits, then four each with one more; the last is 258
    /// alone.
    private static let lengths: [Code] =
        Code.table(base: shortestRepeat, extraBits: (0..<28).map { $0 < 8 ? 0 : $0 / 4 - 1 })
        + [Code(base: longestRepeat, extraBits: 0)]
    /// Four codes without extra bits, then two each with one more.
    private static let distances = Code.table(
        base: 1,
        extraBits: (0..<30).map { $0 < 4 ? 0 : $0 / 2 - 1 }
    )
}

/// Where a code's range of lengths or distances starts, and how many bits tell the place in it.
private struct Code {
    let base: Int
    let extraBits: Int

    static func table(base: Int, extraBits: [Int]) -> [Code] {
        var next = base
        return extraBits.map { bits in
            defer { next += 1 << bits }
            return Code(base: next, extraBits: bits)
        }
    }
}
