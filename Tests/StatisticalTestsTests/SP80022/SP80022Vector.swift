// Streams and P-values of SP 800-22's reference program, read from the files beside.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import StatisticalTests

/// A stream of the reference program and what it reports for the first million bits.
struct SP80022Vector: Decodable {
    let pValues: [String: [Double]]
    /// Whether the data are packed bits, not digits.
    let isBinary: Bool

    init(named name: String) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: Self.url("\(name).json")))
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let texts = try container.decode([String: [String]].self, forKey: .pValues)
        pValues = texts.mapValues { $0.compactMap(Double.init) }
        isBinary = try container.decode(String.self, forKey: .mode) == "binary"
    }

    /// The first `count` bits.
    func bits(_ name: String, count: Int = 1_000_000) throws -> BitSequence {
        let gzip = Process()
        gzip.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        gzip.arguments = ["gzip", "-dc", Self.url("data.\(name).gz").path]
        let pipe = Pipe()
        gzip.standardOutput = pipe
        try gzip.run()
        let data = [UInt8](try pipe.fileHandleForReading.readToEnd() ?? Data())
        gzip.waitUntilExit()
        if isBinary { return BitSequence(symbols: data.prefix(count / 8)) }
        return try BitSequence(ascii: data, limit: count)
    }

    private static func url(_ file: String) -> URL {
        Bundle.module.bundleURL.appendingPathComponent("Vectors/\(file)")
    }

    private enum CodingKeys: String, CodingKey {
        case pValues = "p_values"
        case mode
    }
}

/// Bits of a fixed generator: SplitMix64 (Steele, Lea and Flood, 2014).
struct SP80022Generator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
        return word ^ word >> 31
    }

    /// `count` bits, and the same as digits.
    static func bits(seed: UInt64, count: Int) -> (packed: BitSequence, digits: [Int]) {
        var generator = Self(seed: seed)
        var packed = BitSequence()
        var digits: [Int] = []
        while packed.count < count {
            let word = generator.next()
            let width = min(64, count - packed.count)
            packed.append(word >> UInt64(64 - width), width: width)
            digits += (0..<width).map { Int(word >> UInt64(63 - $0) & 1) }
        }
        return (packed, digits)
    }
}

#if DEBUG
    let isSP80022Optimised = false
#else
    let isSP80022Optimised = true
#endif
