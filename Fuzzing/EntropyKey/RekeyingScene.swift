// One input as a rekeying: it ends once, and with a key that the device has.
// SPDX-License-Identifier: Apache-2.0

internal import EntropyKeyProtocol

struct RekeyingScene: ~Copyable {
    private var device = Device()
    private var rekeying: EntropyKeyRekeying
    private var wire: [UInt8] = []
    private var now = Duration.zero
    private var resets = 0
    private var hasEnded = false
    private let isCardOfKey: Bool

    /// The operations are those of ``step(_:)``.
    static func run(_ input: inout Input) {
        var scene = RekeyingScene(input.byte())
        for _ in 0..<mostOperations where !input.isEmpty && !scene.hasEnded {
            scene.step(&input)
            scene.settle()
        }
    }

    private init(_ choice: UInt8) {
        isCardOfKey = choice & 1 == 0
        rekeying = EntropyKeyRekeying(
            expecting: choice & 2 == 0 ? Device.number : nil,
            masterKey: isCardOfKey ? card : cardOfAnother,
            nonce: [UInt8](repeating: choice, count: EntropyKeyRekeying.nonceByteCount),
            at: now
        )
        settle()
    }

    private mutating func step(_ input: inout Input) {
        let operation = input.byte()
        switch operation % 8 {
        case 0, 1: wire += device.obey()
        case 2: wire += device.say("kWBMlLSI"[Int(operation >> 4)], text: [])
        case 3: wire += device.say("L", subcode: 12, payload: input.take(Int(input.byte() % 37)))
        case 4: wire += device.repeated(input.word())
        case 5: wire += device.raw(input.take(Int(input.byte())))
        case 6: device.ignore()
        default: now += .milliseconds(Int(input.byte()) * 40)
        }
    }

    /// Both do what they can now.
    private mutating func settle() {
        act()
        while !wire.isEmpty {
            let bytes = wire
            let taken = rekeying.read { memory in
                let count = min(memory.count, bytes.count)
                memory.copyBytes(from: bytes.prefix(count))
                return count
            }
            precondition(taken > 0, "there is no room for more")
            wire.removeFirst(taken)
            act()
        }
        precondition(hasEnded || rekeying.deadline > now)
        precondition(resets <= 3, "a storm of resets")
    }

    private mutating func act() {
        while let action = rekeying.next(at: now) {
            precondition(!hasEnded, "a rekeying goes on after its end")
            switch action {
            case .send(.sessionKey): preconditionFailure("a rekeying asks for a session key")
            case .send(let command):
                device.hear(command)
                if command == .reset { resets += 1 }
            case .done(let serial, let key):
                check(serial, key)
                hasEnded = true
            case .failed: hasEnded = true
            }
        }
        if hasEnded { wire = [] }
    }

    /// Frames under the zero key can be forged by whoever holds the line; without that all is as it should.
    private func check(_ serial: EntropyKeySerial, _ key: EntropyKeySecret) {
        guard device.forgeries == 0 else { return }
        precondition(isCardOfKey, "another card was taken")
        precondition(serial == Device.number)
        precondition(key.withBytes { Array($0) } == device.longTermKeys.last, "not the key's key")
    }
}

private let card = Device.masterKey.withUnsafeBytes { EntropyKeySecret(copying: $0) }
private let cardOfAnother = Device.longTermKey.withUnsafeBytes { EntropyKeySecret(copying: $0) }
private let mostOperations = 32
