// An Entropy Key in software: what the device does with bytes and time, from its published description.
// SPDX-License-Identifier: Apache-2.0

internal import Entropy
internal import EntropyKeyProtocol

/// The device without its wire: it hears bytes, time passes, and it has bytes to send. Everything is
/// made from the seed. Debian's ekeyd takes it for a key, as Tests/Peers shows; what a real one does
/// beyond its description is not known.
package struct EmulatedEntropyKey: Sendable {
    package var faults = EmulatedKeyFaults()
    package let serialText: String
    /// 32 bytes.
    package private(set) var longTermKey: [UInt8]
    package let masterKey: [UInt8]
    /// The plaintext of each entropy frame that was sent whole and right, or dropped or damaged on its
    /// way, in order.
    package private(set) var plaintexts: [[UInt8]] = []
    package private(set) var resetCount = 0
    package private(set) var sessionCount = 0
    /// The number of a session's first entropy frame; a real key begins at 0.
    package var firstNumber = 0
    package private(set) var now = Duration.zero

    private let ownSerial: EntropyKeySerial
    private let otherSerial: EntropyKeySerial
    private var random: SeededGenerator
    private var command: [UInt8] = []
    private var isUnlocked: UInt64?
    private var encryptionState: Words256
    private var hasSession = false
    /// For a session key, since the last reset.
    private var hasAsked = false
    private var macState: Words256
    private var number = 0
    private var isLocked = false
    private var nextBlock: Duration
    private var nextReading: Duration
    private var readingTurn = 0
    private var blocksDone = 0
    private var blocksFailed = 0
    private var output: [UInt8] = []
    /// A frame that waits to change places with the next.
    private var held: [UInt8]?
    private var frameCount = 0

    /// `serial`: 16 base64 characters; the keys: 32 bytes. Powered on now: it says its number unless
    /// `saysHello` is false.
    package init(
        serial: String,
        longTermKey: [UInt8],
        masterKey: [UInt8] = [UInt8](repeating: 0x4d, count: 32),
        seed: UInt64 = 1,
        saysHello: Bool = true,
        at now: Duration = .zero
    ) {
        guard let number = EntropyKeySerial(serial),
            let other = EntropyKeySerial(String(serial.reversed()))
        else { preconditionFailure("no serial number") }
        serialText = serial
        ownSerial = number
        otherSerial = other
        self.longTermKey = longTermKey
        self.masterKey = masterKey
        random = SeededGenerator(seed)
        macState = EntropyKeyHash.zeroState(number)
        encryptionState = macState
        self.now = now
        nextBlock = now + blockTime
        nextReading = now + .milliseconds(500)
        if saysHello { sendSerial() }
    }

    /// What is to be sent now; it is forgotten here.
    package mutating func takeOutput() -> [UInt8] {
        defer { output = [] }
        return output
    }

    /// When something happens though nothing is heard.
    package var nextEvent: Duration { min(nextBlock, nextReading) }

    /// Power off and on.
    package mutating func powerCycle() {
        isLocked = false
        faults.isDead = false
        reset()
    }

    /// Begins anew by itself, as after a fault of its own.
    package mutating func resetItself() { reset() }

    /// As an older host left it: waiting for the rest of a command, silent meanwhile.
    package mutating func standInCommand() { command = [UInt8(ascii: "K"), UInt8(ascii: "A")] }

    // MARK: Time

    package mutating func advance(to time: Duration) {
        while nextEvent <= time {
            now = nextEvent
            if now == nextBlock {
                nextBlock += blockTime * faults.slowness
                if !faults.isDead, command.isEmpty { makeBlock() }
            } else {
                nextReading += .seconds(10) / 3
                if !faults.isDead, command.isEmpty { sendReading() }
            }
        }
        now = max(now, time)
    }

    private mutating func makeBlock() {
        blocksDone += 1
        if Int(random.next() % 100) < faults.failedBlocksPercent { blocksFailed += 1 }
        if faults.badness != "0", faults.locksOnBadness { isLocked = true }
        guard !isLocked else { return }
        for _ in 0..<framesPerBlock {
            guard hasSession, number <= TwelveBitNumber.maximum else {
                hasAsked = true
                send(EmulatedKeyFrame("k", text: "Unable to send entropy. Please re-key session."))
                return
            }
            sendEntropy()
        }
    }

    private mutating func sendEntropy() {
        let plain = (0..<32).map { _ in
            let byte = UInt8(truncatingIfNeeded: random.next())
            return faults.stuckPlaintext ?? byte
        }
        let (first, second) = TwelveBitNumber.encode(number)
        let pad = [first, second].withUnsafeBytes {
            bytes(EntropyKeyHash.digest($0, encryptionState))
        }
        send(
            EmulatedKeyFrame("E", subcode: number, payload: zip(plain, pad).map { $0 ^ $1 })
        )
        plaintexts.append(plain)
        number += 1
    }

    private mutating func sendReading() {
        readingTurn += 1
        switch readingTurn % 3 {
        case 1:
            send(
                EmulatedKeyFrame(
                    "I",
                    text: "T\(digits(faults.temperature)) V\(digits(faults.voltage))"
                )
            )
        case 2:
            let failed = digits(blocksFailed)
            send(
                EmulatedKeyFrame(
                    "I",
                    text: "F\(digits(blocksDone)):\(failed):00000:00000:\(failed)"
                )
            )
        default:
            send(
                EmulatedKeyFrame(
                    "I",
                    text: "S08052:23751:23792:23584:07112:20876:08063:24150:\(faults.badness)"
                )
            )
        }
    }

    // MARK: Commands

    /// One packet from the host.
    package mutating func receive(_ packet: [UInt8]) {
        guard !faults.isDead else { return }
        for byte in packet {
            if byte == 3 {
                reset()
                continue
            }
            if command.isEmpty {
                switch byte {
                case UInt8(ascii: "r"), UInt8(ascii: "R"): reset()
                case UInt8(ascii: "k"), UInt8(ascii: "K"), UInt8(ascii: "m"), UInt8(ascii: "M"),
                    UInt8(ascii: "l"), UInt8(ascii: "L"):
                    command = [byte & 0xdf]
                default:
                    let text = String(byte, radix: 16)
                    let hex = text.count < 2 ? "0" + text : text
                    send(EmulatedKeyFrame("W", text: "Unknown Input Character 0x\(hex)"))
                    return
                }
            } else {
                command.append(byte)
                carryOut()
            }
        }
    }

    private mutating func carryOut() {
        let isLong = command.count >= 9
        switch command[0] {
        case UInt8(ascii: "M") where isLong:
            let mac = decoded(command[1...])
            command = []
            isUnlocked = mac.enumerated().reduce(0) { $0 | UInt64($1.1) << UInt64($1.0 * 8) }
            send(EmulatedKeyFrame("M", text: "Long-term rekey unlocked"))
        case UInt8(ascii: "K") where command.last == UInt8(ascii: "."):
            let nonce = decoded(command[1..<(command.count - 1)])
            command = []
            agreeSession(nonce)
        case UInt8(ascii: "L") where command.last == UInt8(ascii: "."):
            let nonce = decoded(command[1..<(command.count - 1)])
            command = []
            agreeLongTermKey(nonce)
        default: break
        }
    }

    private mutating func agreeSession(_ nonce: [UInt8]) {
        guard !faults.refusesKeying, !isLocked else {
            return send(
                EmulatedKeyFrame("B", text: "Generators have gone bad, rekeying abandoned.")
            )
        }
        guard hasAsked || !faults.keysOnRequestOnly else { return }
        let device = (0..<32).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        send(EmulatedKeyFrame("K", subcode: nonce.count, payload: device))
        let secret =
            faults.hasOtherLongTermKey ? longTermKey.map { $0 ^ 0x55 } : longTermKey
        key(.sessionKeying, secret, device + nonce).withUnsafeBytes {
            macState = EntropyKeyHash.state(.frameMAC, serial: serial, secret: $0)
            encryptionState = EntropyKeyHash.state(.entropyEncryption, serial: serial, secret: $0)
        }
        hasSession = true
        number = firstNumber
        sessionCount += 1
    }

    private mutating func agreeLongTermKey(_ nonce: [UInt8]) {
        guard let announced = isUnlocked, !faults.refusesKeying else {
            return send(EmulatedKeyFrame("l", text: "Long-term rekey locked-out"))
        }
        isUnlocked = nil
        let expected = nonce.withUnsafeBytes { message in
            masterKey.withUnsafeBytes {
                EntropyKeyHash.mac(
                    message,
                    EntropyKeyHash.state(.longTermMAC, serial: serial, secret: $0)
                )
            }
        }
        guard announced == expected else {
            return send(EmulatedKeyFrame("l", text: "Nonce MAC does not match"))
        }
        let device = (0..<32).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        send(EmulatedKeyFrame("L", subcode: nonce.count, payload: device))
        longTermKey = key(.longTermKeying, masterKey, device + nonce)
    }

    private mutating func reset() {
        command = []
        isUnlocked = nil
        hasSession = false
        hasAsked = false
        held = nil
        resetCount += 1
        macState = EntropyKeyHash.zeroState(serial)
        sendSerial()
    }

    private mutating func sendSerial() {
        var bytes = [UInt8](repeating: 0, count: EntropyKeySerial.byteCount)
        bytes.withUnsafeMutableBytes { serial.copyBytes(to: $0) }
        send(EmulatedKeyFrame("S", subcode: 0, payload: bytes))
    }

    /// Whose it is now.
    private var serial: EntropyKeySerial { faults.hasOtherSerial ? otherSerial : ownSerial }

    // MARK: The wire

    private mutating func send(_ frame: EmulatedKeyFrame) {
        guard !faults.isDead else { return }
        frameCount += 1
        var bytes = frame.sealed(macState)
        if isDue(faults.corruptMACEvery) { bytes[56] ^= 2 }
        if isDue(faults.corruptTypeEvery) { bytes[2] ^= 1 }
        if isDue(faults.corruptBase64Every) { bytes[9] = UInt8(ascii: "~") }
        if isDue(faults.garbageEvery) {
            output += (0..<37).map { _ in UInt8(truncatingIfNeeded: random.next()) | 0x80 }
        }
        if let earlier = held {
            held = nil
            output += bytes + earlier
        } else if isDue(faults.reorderEvery) {
            held = bytes
        } else if isDue(faults.dropEvery) {
            return
        } else {
            output += bytes
            if isDue(faults.repeatEvery) { output += bytes }
        }
    }

    private func isDue(_ every: Int) -> Bool { every > 0 && frameCount % every == 0 }

    // MARK: Helpers

    private func key(
        _ name: EntropyKeyHash.Name,
        _ secret: [UInt8],
        _ message: [UInt8]
    ) -> [UInt8] {
        secret.withUnsafeBytes { secret in
            message.withUnsafeBytes {
                bytes(
                    EntropyKeyHash.digest(
                        $0,
                        EntropyKeyHash.state(name, serial: serial, secret: secret)
                    )
                )
            }
        }
    }

    private func bytes(_ words: Words256) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 32)
        bytes.withUnsafeMutableBytes { words.store(to: $0.baseAddress!) }
        return bytes
    }

    /// Nothing for text that is no base64, as a device would have it that takes what it understands.
    private func decoded(_ text: ArraySlice<UInt8>) -> [UInt8] {
        let text = Array(text)
        var bytes = [UInt8](repeating: 0, count: text.count / 4 * 3)
        let count = bytes.withUnsafeMutableBytes { output in
            text.withUnsafeBytes { PEM64.decode($0, into: output) }
        }
        return Array(bytes.prefix(count ?? 0))
    }

    /// Five digits.
    private func digits(_ value: Int) -> String {
        let text = String(value % 100_000)
        return String(repeating: "0", count: 5 - text.count) + text
    }
}

/// 78 frames at the 125.5 frames a second that were measured on a real key.
private let blockTime = Duration.microseconds(621_514)
/// Of 32 bytes, from one block of 2,500.
private let framesPerBlock = 78
