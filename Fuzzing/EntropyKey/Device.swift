// The model of a key: it seals whatever it is told to, and remembers what it gave under which session.
// SPDX-License-Identifier: Apache-2.0

internal import Entropy
internal import EntropyKeyProtocol
internal import WellspringTesting

/// An entropy frame that was made, by the number in its plaintext.
struct Given {
    let session: Int
    let number: Int
}

struct Device {
    /// Every frame made, to be sent again.
    private(set) var frames: [[UInt8]] = []
    private(set) var given: [Given] = []
    /// Sessions agreed so far; the last one is that of the frames now.
    private(set) var sessions = 0
    /// Long-term keys given so far, the last one at the end.
    private(set) var longTermKeys: [[UInt8]] = []
    /// What was said that no good key says, and may yet have the right MAC.
    private(set) var forgeries = 0
    /// Frames that may be taken for the serial number.
    private(set) var greetings = 0
    private var macState = Self.zeroState
    private var encryptionState = Self.zeroState
    private var nextNumber = 0
    private var commands: [EntropyKeyCommand] = []
    private var announced: UInt64?

    // MARK: What the host says

    mutating func hear(_ command: EntropyKeyCommand) {
        // A host that nobody answers must not fill memory.
        if commands.count < 16 { commands.append(command) }
    }

    /// Answers the oldest command as a good key would; nothing where there is none.
    mutating func obey() -> [UInt8] {
        guard !commands.isEmpty else { return [] }
        switch commands.removeFirst() {
        case .reset: return begin()
        case .sessionKey(let nonce): return agree(nonce)
        case .unlockLongTerm(let mac):
            announced = mac
            return seal(EmulatedKeyFrame("M", text: "Long-term rekey unlocked"))
        case .longTermKey(let nonce): return agreeLongTerm(nonce)
        }
    }

    mutating func ignore() {
        if !commands.isEmpty { commands.removeFirst() }
    }

    /// As after a reset.
    mutating func begin() -> [UInt8] {
        macState = Self.zeroState
        encryptionState = Self.zeroState
        announced = nil
        return say(serial: Self.serial)
    }

    private mutating func agree(_ nonce: [UInt8]) -> [UInt8] {
        let deviceNonce = unique(frames.count)
        let bytes = seal(EmulatedKeyFrame("K", subcode: nonce.count, payload: deviceNonce))
        let key = Self.key(.sessionKeying, Self.longTermKey, deviceNonce + nonce)
        macState = Self.state(.frameMAC, key)
        encryptionState = Self.state(.entropyEncryption, key)
        sessions += 1
        nextNumber = 0
        return bytes
    }

    private mutating func agreeLongTerm(_ nonce: [UInt8]) -> [UInt8] {
        let mac = nonce.withUnsafeBytes {
            EntropyKeyHash.mac($0, Self.longTermState)
        }
        guard announced == mac else {
            return seal(EmulatedKeyFrame("l", text: "Nonce MAC does not match"))
        }
        let deviceNonce = unique(frames.count)
        longTermKeys.append(Self.key(.longTermKeying, Self.masterKey, deviceNonce + nonce))
        return seal(EmulatedKeyFrame("L", subcode: nonce.count, payload: deviceNonce))
    }

    // MARK: What it says of its own accord

    mutating func entropy(_ wanted: Int? = nil) -> [UInt8] {
        let number = min(wanted ?? nextNumber, TwelveBitNumber.maximum)
        nextNumber = number + 1
        let plain = unique(given.count)
        given.append(Given(session: sessions, number: number))
        let (first, second) = TwelveBitNumber.encode(number)
        let pad = [first, second].withUnsafeBytes {
            Self.bytes(EntropyKeyHash.digest($0, encryptionState))
        }
        return seal(
            EmulatedKeyFrame("E", subcode: number, payload: zip(plain, pad).map { $0 ^ $1 })
        )
    }

    mutating func say(serial: [UInt8]) -> [UInt8] {
        greetings += 1
        if serial != Self.serial { forgeries += 1 }
        let state = Self.zeroState(of: serial)
        let bytes = EmulatedKeyFrame("S", subcode: 0, payload: serial).sealed(state)
        frames.append(bytes)
        return bytes
    }

    mutating func say(_ type: Character, text: [UInt8]) -> [UInt8] {
        // ASCII, so that a character is a byte.
        let text = String(decoding: text.prefix(50).map { $0 & 0x7f }, as: UTF8.self)
        noteForgery()
        return seal(EmulatedKeyFrame(type, text: text))
    }

    mutating func say(_ type: Character, subcode: Int, payload: [UInt8]) -> [UInt8] {
        noteForgery()
        // That is no forgery but what the session is for.
        if type == "E", payload.count == 32 { return entropy(subcode & 4095) }
        return seal(EmulatedKeyFrame(type, subcode: subcode & 4095, payload: payload))
    }

    /// A frame of before.
    mutating func repeated(_ index: Int) -> [UInt8] {
        noteForgery()
        return frames.isEmpty ? [] : frames[index % frames.count]
    }

    /// Bytes of any kind.
    mutating func raw(_ bytes: [UInt8]) -> [UInt8] {
        noteForgery()
        return bytes
    }

    private mutating func noteForgery() {
        forgeries += 1
        greetings += 1
    }

    private mutating func seal(_ frame: EmulatedKeyFrame) -> [UInt8] {
        let bytes = frame.sealed(macState)
        frames.append(bytes)
        return bytes
    }

    // MARK: Bytes

    static let serial: [UInt8] = [0x37, 0, 0x6f, 5, 0x83, 0x73, 0x93, 4, 0x91, 0x39, 0x11, 0x43]
    static let longTermKey = [UInt8](repeating: 7, count: 32)
    static let masterKey = [UInt8](repeating: 0x4d, count: 32)
    static let number = serial.withUnsafeBytes { EntropyKeySerial(bytes: $0)! }
    private static let zeroState = EntropyKeyHash.zeroState(number)
    private static let longTermState = state(.longTermMAC, masterKey)

    private static func zeroState(of serial: [UInt8]) -> Words256 {
        guard serial != Self.serial else { return zeroState }
        return serial.withUnsafeBytes { EntropyKeyHash.zeroState(EntropyKeySerial(bytes: $0)!) }
    }

    private static func state(_ name: EntropyKeyHash.Name, _ secret: [UInt8]) -> Words256 {
        secret.withUnsafeBytes { EntropyKeyHash.state(name, serial: number, secret: $0) }
    }

    private static func key(
        _ name: EntropyKeyHash.Name,
        _ secret: [UInt8],
        _ message: [UInt8]
    ) -> [UInt8] {
        let state = state(name, secret)
        return message.withUnsafeBytes { bytes(EntropyKeyHash.digest($0, state)) }
    }

    private static func bytes(_ words: Words256) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 32)
        bytes.withUnsafeMutableBytes { words.store(to: $0.baseAddress!) }
        return bytes
    }
}

/// 32 bytes that tell their number.
func unique(_ number: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0xa5, count: 32)
    bytes.withUnsafeMutableBytes { $0.storeBytes(of: UInt64(number), as: UInt64.self) }
    return bytes
}

/// The number that ``unique(_:)`` was given; nil for other bytes.
func number(in bytes: [UInt8]) -> Int? {
    let number = bytes.withUnsafeBytes { Int(truncatingIfNeeded: $0.load(as: UInt64.self)) }
    return number >= 0 && bytes[8...].allSatisfy { $0 == 0xa5 } ? number : nil
}
