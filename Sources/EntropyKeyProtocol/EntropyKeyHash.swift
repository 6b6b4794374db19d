// The Entropy Key's own keyed and personalised Skein states, and what it computes with them.
// SPDX-License-Identifier: Apache-2.0

internal import Entropy

/// `state(NAME, secret)` of a key with a serial number. Its personalisation is never finished: of the
/// 96 characters two blocks are processed and the last 32 are dropped, so that states whose names agree
/// in their first characters are the same function. A correct Skein personalisation gives wrong MACs, as
/// frames of a real key show.
package enum EntropyKeyHash {
    package enum Name: String, CaseIterable {
        case sessionKeying = "ReKeyingState"
        case frameMAC = "MessageAuthenticationCodeState"
        case entropyEncryption = "EntropyEncryptionState"
        case longTermKeying = "LongTermReKeyingState"
        case longTermMAC = "MessageAuthenticationCodeStateForLongTermReKeying"
    }

    /// The state before the message; `secret` has 32 bytes.
    package static func state(
        _ name: Name,
        serial: EntropyKeySerial,
        secret: UnsafeRawBufferPointer
    ) -> Words256 {
        precondition(secret.count == EntropyKeySecret.byteCount)
        return withUnsafeTemporaryAllocation(
            byteCount: EntropyKeySerial.byteCount + EntropyKeySecret.byteCount,
            alignment: 8
        ) { key in
            serial.copyBytes(to: UnsafeMutableRawBufferPointer(rebasing: key[..<12]))
            UnsafeMutableRawBufferPointer(rebasing: key[12...]).copyMemory(from: secret)
            defer { wipe(key) }
            let keyed = Skein256.state(key: UnsafeRawBufferPointer(key))
            var text = Array((prefix + name.rawValue).utf8.prefix(personalisationByteCount))
            text += [UInt8](
                repeating: UInt8(ascii: " "),
                count: personalisationByteCount - text.count
            )
            return text.withUnsafeBytes {
                Skein256.absorbUnfinished($0, .personalisation, into: keyed)
            }
        }
    }

    /// The state for frame MACs after power-on and after every reset: that of 32 zero bytes.
    package static func zeroState(_ serial: EntropyKeySerial) -> Words256 {
        let zeros = [UInt8](repeating: 0, count: EntropyKeySecret.byteCount)
        return zeros.withUnsafeBytes { state(.frameMAC, serial: serial, secret: $0) }
    }

    /// "Final": 32 bytes.
    package static func digest(_ message: UnsafeRawBufferPointer, _ state: Words256) -> Words256 {
        Skein256.output(Skein256.absorb(message, .message, into: state))
    }

    /// "Final-Pad", shortened as on the wire: the chain's bytes 0, 1, 2, 29, 30 and 31, the first one in
    /// the low eight bits.
    @inline(__always)
    package static func mac(_ message: UnsafeRawBufferPointer, _ state: Words256) -> UInt64 {
        let chain = Skein256.absorb(message, .message, into: state)
        return chain.a & 0xff_ffff | (chain.d >> 40) << 24
    }

    private static let prefix = "20090609 support@simtec.co.uk EntropyKey/v1/"
    /// The two blocks that count.
    private static let personalisationByteCount = 64
}

extension Words256 {
    /// The 32 bytes as a key.
    var secret: EntropyKeySecret {
        withUnsafeTemporaryAllocation(
            byteCount: EntropyKeySecret.byteCount,
            alignment: 8
        ) { bytes in
            defer { wipe(bytes) }
            store(to: bytes.baseAddress!)
            return EntropyKeySecret(copying: UnsafeRawBufferPointer(bytes))
        }
    }
}
