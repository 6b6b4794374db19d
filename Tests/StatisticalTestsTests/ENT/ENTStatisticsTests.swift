// Tests of the statistics and the output of ENT against the program itself (Fourmilab, version 1.2).
// SPDX-License-Identifier: Apache-2.0

import Foundation
import StatisticalTests
import Testing

@Suite("ENT statistics")
struct ENTStatisticsTests {
    @Test("prints what ent prints, character by character")
    func vectors() throws {
        let url = Bundle.module.bundleURL.appendingPathComponent("Vectors/ent.json")
        let vectors = try JSONDecoder().decode([ENTVector].self, from: Data(contentsOf: url))
        #expect(vectors.count == 96)
        for vector in vectors {
            let bytes = try #require(ENTVector.bytes(vector.input), "\(vector.input)")
            var input = bytes
            if vector.options.contains("f") { input.withUnsafeMutableBytes { ENTFolding.fold($0) } }
            var statistics = ENTStatistics()
            input.withUnsafeBytes { statistics.update($0) }
            let result = statistics.finish(vector.options.contains("b") ? .bit : .byte)
            let hasTable = vector.options.contains("c")
            let text =
                vector.options.contains("t")
                ? ENTText.values(result, occurrences: hasTable)
                : ENTText.prose(result, occurrences: hasTable)
            let expected = vector.output.unicodeScalars.map { UInt8($0.value) }
            #expect(text == expected, "\(vector.input) \(vector.options)")
        }
    }

    @Test("pieces of any size give the same as the whole", arguments: [1, 2, 5, 6, 7, 13, 64, 999])
    func pieces(size: Int) {
        let bytes = SeededBytes.sticky(seed: 31, count: 2000)
        var whole = ENTStatistics()
        bytes.withUnsafeBytes { whole.update($0) }
        var parts = ENTStatistics()
        for start in stride(from: 0, to: bytes.count, by: size) {
            let part = Array(bytes[start..<min(start + size, bytes.count)])
            part.withUnsafeBytes { parts.update($0) }
            parts.update(UnsafeRawBufferPointer(start: nil, count: 0))
        }
        #expect(parts.finish() == whole.finish())
        #expect(parts.finish(.bit) == whole.finish(.bit))
    }

    @Test("agrees with the definitions on bits")
    func bits() {
        let bytes = SeededBytes.biased(seed: 32, count: 501)
        var statistics = ENTStatistics()
        bytes.withUnsafeBytes { statistics.update($0) }
        let result = statistics.finish(.bit)
        let bits = bytes.flatMap { byte in (0..<8).map { Int(byte >> (7 - $0) & 1) } }
        let ones = bits.reduce(0, +)
        #expect(result.occurrences == [bits.count - ones, ones])
        let products = (0..<bits.count).reduce(0) { $0 + bits[$1] * bits[($1 + 1) % bits.count] }
        let n = Double(bits.count)
        let sum = Double(ones)
        #expect(result.mean == sum / n)
        #expect(
            result.serialCorrelation
                == (n * Double(products) - sum * sum) / (n * sum - sum * sum)
        )
    }

    @Test("what is undefined is nil, never a number")
    func undefined() throws {
        let empty = ENTStatistics().finish()
        #expect(empty.count == 0)
        #expect(empty.entropy == 0)
        #expect(empty.compressionPercent == 100)
        #expect(empty.chiSquare == nil && empty.chiSquareProbability == nil && empty.mean == nil)
        #expect(empty.monteCarloPi == nil && empty.monteCarloErrorPercent == nil)
        #expect(empty.serialCorrelation == nil)
        var one = ENTStatistics()
        [UInt8(7)].withUnsafeBytes { one.update($0) }
        #expect(one.finish().serialCorrelation == nil)
        #expect(one.finish().monteCarloPi == nil)
        // JSON has no numbers that are none: encoding them would throw.
        for result in [empty, one.finish(), one.finish(.bit)] {
            #expect(throws: Never.self) { try JSONEncoder().encode(result) }
        }
    }
}

/// Output of ent for one input; its characters are those of ISO 8859-1.
private struct ENTVector: Decodable {
    let input: String
    let options: String
    let output: String

    static func bytes(_ name: String) -> [UInt8]? {
        switch name {
        case "empty": []
        case "one": Array("a".utf8)
        case "zeros": [UInt8](repeating: 0, count: 1000)
        case "five": Array("Hello".utf8)
        case "uniform-6": SeededBytes.uniform(seed: 3, count: 6)
        case "uniform-10007": SeededBytes.uniform(seed: 1, count: 10_007)
        case "sticky-5000": SeededBytes.sticky(seed: 2, count: 5000)
        case "counter-768": SeededBytes.counter(count: 768)
        case "biased-20000": SeededBytes.biased(seed: 4, count: 20_000)
        case "latin": (0..<3).flatMap { _ in (32...255).map { UInt8($0) } }
        default: nil
        }
    }
}
