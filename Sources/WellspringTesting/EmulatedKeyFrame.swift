// Frames as an Entropy Key makes them, for the emulated one.
// SPDX-License-Identifier: Apache-2.0

package import EntropyKeyProtocol

/// A frame before its MAC.
package struct EmulatedKeyFrame: Sendable {
    private let body: [UInt8]

    /// At most 50 characters of `text`.
    package init(_ type: Character, text: String) {
        self.init(type, ">", Array(text.utf8))
    }

    /// `subcode` in 0...4095 and at most 36 bytes of `payload`.
    package init(_ type: Character, subcode: Int, payload: [UInt8]) {
        let (first, second) = TwelveBitNumber.encode(subcode)
        self.init(type, "!", [first, second] + PEM64.characters(of: payload))
    }

    private init(_ type: Character, _ coding: Character, _ payload: [UInt8]) {
        guard let type = type.asciiValue, let coding = coding.asciiValue,
            payload.count <= payloadCount
        else { preconditionFailure("no payload of a frame") }
        body =
            [type, coding] + payload
            + [UInt8](repeating: UInt8(ascii: " "), count: payloadCount - payload.count)
    }

    /// The 64 bytes on the wire, with the MAC under a frame-MAC state.
    package func sealed(_ state: Words256) -> [UInt8] {
        let mac = body.withUnsafeBytes { EntropyKeyHash.mac($0, state) }
        return [0x2a, 0x20] + body
            + PEM64.characters(of: (0..<6).map { UInt8(truncatingIfNeeded: mac >> ($0 * 8)) })
            + [0x0d, 0x0a]
    }
}

/// Characters of a frame's payload.
private let payloadCount = 50
