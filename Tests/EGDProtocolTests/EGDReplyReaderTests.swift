// The client's side: requests as bytes, replies in any pieces.
// SPDX-License-Identifier: Apache-2.0

import EGDProtocol
import Testing

@Suite("EGDReplyReader")
struct EGDReplyReaderTests {
    @Test(
        "requests are encoded as the protocol has them",
        arguments: [
            (EGDRequest.level, [UInt8(0)]), (.readNonBlocking(7), [1, 7]),
            (.readBlocking(255), [2, 255]), (.processID, [4]),
        ]
    )
    func requests(_ request: EGDRequest, _ bytes: [UInt8]) {
        var buffer = [UInt8](repeating: 0xee, count: EGDWire.maximumRequestLength)
        let count = buffer.withUnsafeMutableBytes { request.encode(into: $0) }
        #expect(Array(buffer[..<count]) == bytes)
    }

    @Test("a write's header is big-endian")
    func writeHeader() {
        var buffer = [UInt8](repeating: 0, count: 4)
        buffer.withUnsafeMutableBytes {
            EGDWire.encodeWriteHeader(claimedBits: 0x0102, byteCount: 9, into: $0)
        }
        #expect(buffer == [3, 1, 2, 9])
    }

    @Test(
        "a level is big-endian and capped at 2^32 - 1",
        arguments: [
            (0, [UInt8](arrayLiteral: 0, 0, 0, 0)), (0x0102_0304, [1, 2, 3, 4]),
            (-5, [0, 0, 0, 0]),
            (0xffff_ffff, [255, 255, 255, 255]), (1 << 40, [255, 255, 255, 255]),
        ]
    )
    func level(_ bits: Int, _ bytes: [UInt8]) {
        var buffer = [UInt8](repeating: 0, count: 4)
        buffer.withUnsafeMutableBytes { EGDWire.encodeLevel(bits: bits, into: $0) }
        #expect(buffer == bytes)
        var reader = EGDReplyReader(replyTo: .level)
        for (index, byte) in bytes.enumerated() {
            #expect(reader.expectation == .framing(byteCount: 4 - index))
            let taken1 = reader.take(framing: byte)
            #expect(taken1)
        }
        #expect(reader.expectation == .end)
        #expect(Int(reader.level) == min(max(bits, 0), Int(UInt32.max)))
    }

    @Test("a blocking read is payload alone, in any pieces")
    func blocking() {
        var reader = EGDReplyReader(replyTo: .readBlocking(200))
        #expect(reader.expectation == .payload(byteCount: 200))
        let taken2 = reader.take(framing: 1)
        #expect(!taken2)
        reader.takePayload(byteCount: 1)
        reader.takePayload(byteCount: 150)
        #expect(reader.expectation == .payload(byteCount: 49))
        reader.takePayload(byteCount: 49)
        #expect(reader.expectation == .end)
        #expect(EGDReplyReader(replyTo: .readBlocking(0)).expectation == .end)
    }

    @Test("a non-blocking read may be short or empty, but not longer than asked")
    func nonBlocking() {
        var short = EGDReplyReader(replyTo: .readNonBlocking(10))
        let taken3 = short.take(framing: 4)
        #expect(taken3)
        #expect(short.expectation == .payload(byteCount: 4))
        var empty = EGDReplyReader(replyTo: .readNonBlocking(10))
        let taken4 = empty.take(framing: 0)
        #expect(taken4)
        #expect(empty.expectation == .end)
        var long = EGDReplyReader(replyTo: .readNonBlocking(10))
        let taken5 = long.take(framing: 11)
        #expect(!taken5)
    }

    @Test("a process id is counted text")
    func processID() {
        var reader = EGDReplyReader(replyTo: .processID)
        let taken6 = reader.take(framing: 5)
        #expect(taken6)
        #expect(reader.expectation == .payload(byteCount: 5))
    }
}
