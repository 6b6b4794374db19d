// The client's side of the EGD protocol: what is to come in answer to one request.
// SPDX-License-Identifier: Apache-2.0

/// Follows one reply byte by byte without seeing its payload: it says what is to be read next, the
/// caller reads as much as there is and reports it. So payload goes straight to where it belongs.
package struct EGDReplyReader: Equatable, Sendable {
    /// What the rest of the reply begins with.
    package enum Expectation: Equatable, Sendable {
        /// Up to so many bytes of framing, to be handed to ``take(framing:)`` one by one.
        case framing(byteCount: Int)
        /// Up to so many bytes of entropy or text, to be reported to ``takePayload(byteCount:)``.
        case payload(byteCount: Int)
        /// Nothing: the reply is complete.
        case end
    }

    package private(set) var expectation: Expectation
    /// The bits available, once a ``EGDRequest/level`` reply is complete.
    package private(set) var level: UInt32 = 0
    private let isLevel: Bool
    /// Most payload bytes that the count byte may announce without breaking the protocol.
    private let maximumPayload: Int

    package init(replyTo request: EGDRequest) {
        isLevel = request == .level
        switch request {
        case .level:
            expectation = .framing(byteCount: 4)
            maximumPayload = 0
        case .readNonBlocking(let count):
            expectation = .framing(byteCount: 1)
            maximumPayload = Int(count)
        case .readBlocking(let count):
            expectation = count == 0 ? .end : .payload(byteCount: Int(count))
            maximumPayload = Int(count)
        case .processID:
            expectation = .framing(byteCount: 1)
            maximumPayload = EGDWire.maximumByteCount
        }
    }

    /// Takes one byte of framing. False when the server announces more bytes than were asked for:
    /// the stream is then out of step and the connection of no use.
    package mutating func take(framing byte: UInt8) -> Bool {
        guard case .framing(let missing) = expectation else { return false }
        if isLevel {
            level = level << 8 | UInt32(byte)
            expectation = missing == 1 ? .end : .framing(byteCount: missing - 1)
            return true
        }
        guard Int(byte) <= maximumPayload else { return false }
        expectation = byte == 0 ? .end : .payload(byteCount: Int(byte))
        return true
    }

    /// Takes note of payload that arrived, at most as many bytes as were expected.
    package mutating func takePayload(byteCount: Int) {
        guard case .payload(let missing) = expectation, (0...missing).contains(byteCount) else {
            preconditionFailure("payload was reported that was not expected")
        }
        expectation = byteCount == missing ? .end : .payload(byteCount: missing - byteCount)
    }
}
