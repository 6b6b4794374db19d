// What a host says to an Entropy Key: plain bytes, each command in one write.
// SPDX-License-Identifier: Apache-2.0

package enum EntropyKeyCommand: Sendable, Equatable {
    /// ^C: begins anew, in any state and also in the middle of another command.
    case reset
    /// Asks for a session key. The nonce is no secret.
    case sessionKey(nonce: [UInt8])
    /// Announces the MAC of a long-term nonce: six bytes, the first one lowest.
    case unlockLongTerm(mac: UInt64)
    /// Asks for a long-term key.
    case longTermKey(nonce: [UInt8])

    package var bytes: [UInt8] {
        switch self {
        case .reset: [3]
        case .sessionKey(let nonce):
            [UInt8(ascii: "K")] + PEM64.characters(of: nonce) + [UInt8(ascii: ".")]
        case .unlockLongTerm(let mac):
            [UInt8(ascii: "M")]
                + PEM64.characters(
                    of: (0..<6).map { UInt8(truncatingIfNeeded: mac >> ($0 * 8)) }
                )
        case .longTermKey(let nonce):
            [UInt8(ascii: "L")] + PEM64.characters(of: nonce) + [UInt8(ascii: ".")]
        }
    }
}
