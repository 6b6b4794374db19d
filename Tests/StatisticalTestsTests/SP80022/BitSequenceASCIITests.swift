// Tests of bits written as digits.
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import StatisticalTests

@Suite("Bit sequence from digits")
struct BitSequenceASCIITests {
    @Test("white space does not count")
    func whiteSpace() throws {
        let bits = try BitSequence(ascii: Array("  10\t1\r\n\n0110 ".utf8))
        #expect(bits.count == 7)
        #expect(bits.words == [0b1010110 << 57])
        #expect(try BitSequence(ascii: Array(" \n".utf8)) == BitSequence())
    }

    @Test("reads no further than it is asked for")
    func limit() throws {
        let bits = try BitSequence(ascii: Array("1010x".utf8), limit: 4)
        #expect(bits.count == 4)
        #expect(bits.words == [0b1010 << 60])
    }

    @Test("white space may stand anywhere among many digits", arguments: 0..<12)
    func mixed(place: Int) throws {
        let (packed, digits) = SP80022Generator.bits(seed: 12, count: 100)
        var text = digits.map { UInt8(0x30 + $0) }
        text.insert(0x0a, at: place)
        #expect(try BitSequence(ascii: text) == packed)
        let cut = try BitSequence(ascii: text, limit: place + 13)
        #expect(cut.count == place + 13)
        #expect((0..<cut.count).allSatisfy { Int(cut[$0]) == digits[$0] })
    }

    @Test("another byte is an error with its position")
    func errors() {
        #expect(throws: BitSequenceError(byte: 0x32, offset: 3)) {
            try BitSequence(ascii: Array("01 2".utf8))
        }
        #expect(
            "\(BitSequenceError(byte: 0x32, offset: 3))"
                == "\"2\" at offset 3 is neither 0 nor 1 nor white space. Is the input binary?"
        )
        #expect("\(BitSequenceError(byte: 0xff, offset: 0))".hasPrefix("The byte 255 at offset 0"))
    }
}
