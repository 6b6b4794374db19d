// A decoder for what the tests compress (RFC 1951, fixed codes only).
// SPDX-License-Identifier: Apache-2.0

/// Reads one block with fixed codes; nil if the stream is not well-formed or ends early.
func inflate(_ stream: [UInt8]) -> [UInt8]? {
    var reader = BitReader(bytes: stream)
    guard reader.read(3) == 0b011 else { return nil }
    var output: [UInt8] = []
    while let symbol = reader.symbol() {
        if symbol < 256 {
            output.append(UInt8(symbol))
        } else if symbol == 256 {
            return reader.hasOnlyPadding ? output : nil
        } else {
            guard let length = reader.value(of: symbol - 257, in: lengthCodes),
                let code = reader.code(5), let distance = reader.value(of: code, in: distanceCodes),
                distance <= output.count
            else { return nil }
            for _ in 0..<length { output.append(output[output.count - distance]) }
        }
    }
    return nil
}

/// Smallest values and extra bits as printed in section 3.2.5.
private let lengthCodes: [(Int, Int)] = Array(
    zip(
        [
            3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99,
            115, 131, 163, 195, 227, 258,
        ],
        [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0]
    )
)
private let distanceCodes: [(Int, Int)] = Array(
    zip(
        [
            1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025,
            1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577,
        ],
        [
            0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12,
            12, 13, 13,
        ]
    )
)

private struct BitReader {
    let bytes: [UInt8]
    private var position = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// Fewer than eight bits, all of them zero, are left.
    var hasOnlyPadding: Bool {
        var rest = self
        let count = bytes.count * 8 - position
        return count < 8 && rest.read(count) == 0
    }

    mutating func read(_ count: Int) -> Int? {
        guard position + count <= bytes.count * 8 else { return nil }
        var value = 0
        for bit in 0..<count {
            value |= Int(bytes[position / 8] >> UInt8(position % 8) & 1) << bit
            position += 1
        }
        return value
    }

    mutating func code(_ count: Int) -> Int? {
        var value = 0
        for _ in 0..<count {
            guard let bit = read(1) else { return nil }
            value = value << 1 | bit
        }
        return value
    }

    mutating func symbol() -> Int? {
        guard var value = code(7) else { return nil }
        if value <= 0b001_0111 { return 256 + value }
        guard let eighth = code(1) else { return nil }
        value = value << 1 | eighth
        if (0b0011_0000...0b1011_1111).contains(value) { return value - 0b0011_0000 }
        if (0b1100_0000...0b1100_0111).contains(value) { return 280 + value - 0b1100_0000 }
        guard let ninth = code(1) else { return nil }
        return 144 + (value << 1 | ninth) - 0b1_1001_0000
    }

    mutating func value(of code: Int, in table: [(Int, Int)]) -> Int? {
        guard code < table.count, let extra = read(table[code].1) else { return nil }
        return table[code].0 + extra
    }
}
