// Tests of packed bits.
// SPDX-License-Identifier: Apache-2.0

import StatisticalTests
import Testing

@Suite("Bit sequence")
struct BitSequenceTests {
    @Test("bytes are their own bits, the most significant first")
    func bytes() {
        let bits = BitSequence(symbols: [0x80, 0x01, 0xff])
        #expect(bits.count == 24)
        #expect(bits.words == [0x8001_ff00_0000_0000])
        #expect((0..<24).filter { bits[$0] == 1 } == [0] + Array(15...23))
    }

    @Test("narrow symbols give their low bits", arguments: 1...8)
    func narrow(width: Int) {
        let symbols = (0..<200).map { UInt8(truncatingIfNeeded: $0 * 37) }
        let bits = BitSequence(symbols: symbols, width: width)
        let expected = symbols.flatMap { symbol in
            (0..<width).map { symbol >> UInt8(width - 1 - $0) & 1 }
        }
        #expect((0..<bits.count).map { bits[$0] } == expected)
    }
}
