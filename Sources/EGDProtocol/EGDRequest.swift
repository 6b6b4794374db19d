// Requests of the EGD protocol that get a reply, and the wire form of all five commands.
// SPDX-License-Identifier: Apache-2.0

/// A request that is answered, in the order of asking. Counts are bytes.
package enum EGDRequest: Equatable, Sendable {
    /// `00`: how many bits are available now. Reply: four bytes, big-endian.
    case level
    /// `01 nn`: up to nn bytes at once. Reply: one byte count m, then m bytes.
    case readNonBlocking(UInt8)
    /// `02 nn`: exactly nn bytes as soon as there are so many. Reply: nn bytes, no count.
    case readBlocking(UInt8)
    /// `04`: who serves. Reply: one byte length, then the process id in decimal digits.
    case processID

    /// Writes the request's one or two bytes to the start of `buffer` (at least
    /// ``EGDWire/maximumRequestLength`` bytes) and says how many.
    package func encode(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        switch self {
        case .level:
            buffer[0] = EGDWire.level
            return 1
        case .readNonBlocking(let count):
            buffer[0] = EGDWire.readNonBlocking
            buffer[1] = count
            return 2
        case .readBlocking(let count):
            buffer[0] = EGDWire.readBlocking
            buffer[1] = count
            return 2
        case .processID:
            buffer[0] = EGDWire.processID
            return 1
        }
    }

    /// Entropy bytes that the request asks for.
    package var byteCount: Int {
        switch self {
        case .level, .processID: 0
        case .readNonBlocking(let count), .readBlocking(let count): Int(count)
        }
    }
}

/// The protocol's numbers. There is no standard: they are those of egd.pl, as its clients send them.
package enum EGDWire {
    package static let level: UInt8 = 0x00
    package static let readNonBlocking: UInt8 = 0x01
    package static let readBlocking: UInt8 = 0x02
    package static let write: UInt8 = 0x03
    package static let processID: UInt8 = 0x04

    /// Bytes one request can ask for or one write can carry: the count is one byte.
    package static let maximumByteCount = 255
    /// The command and its count.
    package static let maximumRequestLength = 2
    /// The count byte of `01` and the most bytes it can announce.
    package static let maximumReplyLength = 1 + maximumByteCount

    /// Writes the level reply, big-endian, to the four bytes at `buffer`; a level beyond what four
    /// bytes hold is told as 2^32 - 1, a negative one as 0.
    package static func encodeLevel(bits: Int, into buffer: UnsafeMutableRawBufferPointer) {
        buffer.storeBytes(of: UInt32(clamping: bits).bigEndian, as: UInt32.self)
    }

    /// Writes `03`, the claimed bits and the count to the four bytes at `buffer`; the data follows.
    package static func encodeWriteHeader(
        claimedBits: UInt16,
        byteCount: UInt8,
        into buffer: UnsafeMutableRawBufferPointer
    ) {
        buffer[0] = write
        buffer[1] = UInt8(claimedBits >> 8)
        buffer[2] = UInt8(truncatingIfNeeded: claimedBits)
        buffer[3] = byteCount
    }
}
