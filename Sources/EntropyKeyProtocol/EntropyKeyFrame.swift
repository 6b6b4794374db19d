// One frame of the Entropy Key: 64 bytes with a type, a coding, a payload and a MAC.
// SPDX-License-Identifier: Apache-2.0

internal import Entropy

/// `* `, type, coding, 50 characters of payload, 8 of MAC, CR LF. A view of bytes that somebody else owns.
struct EntropyKeyFrame {
    let bytes: UnsafeRawBufferPointer

    /// `bytes` are those of a whole frame with its marks.
    @inline(__always)
    init(_ bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count == Self.byteCount)
        self.bytes = bytes
    }

    /// What a frame is for.
    enum Kind: UInt8 {
        case serial = 0x53  // S
        case sessionWanted = 0x6b  // k
        case sessionKey = 0x4b  // K
        case entropy = 0x45  // E
        case information = 0x49  // I
        case longTermUnlocked = 0x4d  // M
        case longTermKey = 0x4c  // L
        case longTermRefused = 0x6c  // l
        case unknownInput = 0x57  // W
        case generatorsBad = 0x42  // B

        var isBinary: Bool {
            switch self {
            case .serial, .sessionKey, .entropy, .longTermKey: true
            default: false
            }
        }
    }

    /// Nil when the type is unknown or the coding is not that of its type.
    @inline(__always)
    var kind: Kind? {
        guard let kind = Kind(rawValue: bytes[2]),
            bytes[3] == (kind.isBinary ? Self.binaryMark : Self.textMark)
        else { return nil }
        return kind
    }

    /// Whether the MAC is that of the type, the coding and the payload under a frame-MAC state.
    @inline(__always)
    func isAuthentic(under state: Words256) -> Bool {
        var mac: UInt64 = 0
        let isText = withUnsafeMutableBytes(of: &mac) {
            PEM64.decode(
                UnsafeRawBufferPointer(rebasing: bytes[Self.macRange]),
                into: UnsafeMutableRawBufferPointer(rebasing: $0[..<6])
            ) == 6
        }
        guard isText else { return false }
        return UInt64(littleEndian: mac)
            == EntropyKeyHash.mac(UnsafeRawBufferPointer(rebasing: bytes[Self.macedRange]), state)
    }

    /// Of a binary frame: the number before the payload; nil when it is none.
    @inline(__always)
    var subcode: Int? { TwelveBitNumber.decode(bytes[4], bytes[5]) }

    /// The two characters of ``subcode``, which the pad of an entropy frame is computed from.
    @inline(__always)
    var subcodeText: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[4..<6]) }

    /// Of a binary frame: writes the payload to `output`. False unless it has just as many bytes.
    @inline(__always)
    func decodePayload(into output: UnsafeMutableRawBufferPointer) -> Bool {
        let count = PEM64.characterCount(byteCount: output.count)
        let end = Self.binaryPayloadStart + count
        guard bytes[end..<Self.macRange.lowerBound].allSatisfy({ $0 == Self.space }) else {
            return false
        }
        // Without its filling the text stands for more bytes than there is room for.
        let filling = count / 4 * 3 - output.count
        guard bytes[(end - filling)..<end].allSatisfy({ $0 == Self.filling }) else { return false }
        return PEM64.decode(
            UnsafeRawBufferPointer(rebasing: bytes[Self.binaryPayloadStart..<end]),
            into: output
        ) == output.count
    }

    /// Of a serial-number frame: the number, proven by the MAC under the zero key, which every session
    /// begins with; nil for any other frame.
    var provenSerial: EntropyKeySerial? {
        guard kind == .serial else { return nil }
        return withUnsafeTemporaryAllocation(
            byteCount: EntropyKeySerial.byteCount,
            alignment: 8
        ) { bytes in
            guard decodePayload(into: bytes),
                let serial = EntropyKeySerial(bytes: UnsafeRawBufferPointer(bytes)),
                isAuthentic(under: EntropyKeyHash.zeroState(serial))
            else { return nil }
            return serial
        }
    }

    /// Of a frame with the device's nonce: the key that both sides make of `secret` and the two nonces,
    /// Final(state(name, secret) over device nonce and host nonce); nil without such a nonce.
    func agreedKey(
        _ name: EntropyKeyHash.Name,
        serial: EntropyKeySerial,
        secret: UnsafeRawBufferPointer,
        hostNonce: [UInt8]
    ) -> Words256? {
        withUnsafeTemporaryAllocation(
            byteCount: Self.deviceNonceByteCount + hostNonce.count,
            alignment: 8
        ) { nonces in
            let device = UnsafeMutableRawBufferPointer(
                rebasing: nonces[..<Self.deviceNonceByteCount]
            )
            guard decodePayload(into: device) else { return nil }
            UnsafeMutableRawBufferPointer(rebasing: nonces[Self.deviceNonceByteCount...])
                .copyBytes(from: hostNonce)
            return EntropyKeyHash.digest(
                UnsafeRawBufferPointer(nonces),
                EntropyKeyHash.state(name, serial: serial, secret: secret)
            )
        }
    }

    /// Of a text frame: the payload without the blanks at its end. Not only printable characters, since
    /// a device may send anything.
    var text: UnsafeRawBufferPointer {
        var end = Self.macRange.lowerBound
        while end > 4, bytes[end - 1] == Self.space { end -= 1 }
        return UnsafeRawBufferPointer(rebasing: bytes[4..<end])
    }

    static let byteCount = 64
    /// `* ` and CR LF.
    static let startMark: (UInt8, UInt8) = (0x2a, 0x20)
    static let endMark: (UInt8, UInt8) = (0x0d, 0x0a)

    private static let deviceNonceByteCount = 32
    private static let binaryMark = UInt8(ascii: "!")
    private static let textMark = UInt8(ascii: ">")
    private static let space = UInt8(ascii: " ")
    /// Of base64.
    private static let filling = UInt8(ascii: "=")
    private static let binaryPayloadStart = 6
    private static let macedRange = 2..<54
    private static let macRange = 54..<62
}
