// A session and an emulated key over a perfect wire, in emulated time.
// SPDX-License-Identifier: Apache-2.0

import EntropyKeyProtocol
import Testing
import WellspringTesting

struct Conversation: ~Copyable {
    var session: EntropyKeySession
    var key: EmulatedEntropyKey
    var now = Duration.zero
    private(set) var delivered: [[UInt8]] = []
    /// Commands sent, with their times.
    private(set) var commands: [(Duration, EntropyKeyCommand)] = []
    private(set) var revivals: [Duration] = []
    private var output = [UInt8](repeating: 0, count: EntropyKeySession.entropyByteCount)

    static let serial = "NwBvBlg3OTBJORFD"
    static let longTermKey = [UInt8](repeating: 7, count: 32)

    init(
        keyring: [String: [UInt8]] = [serial: longTermKey],
        key: EmulatedEntropyKey = EmulatedEntropyKey(serial: serial, longTermKey: longTermKey),
        expecting: String? = serial
    ) {
        self.key = key
        var nonce: UInt8 = 0
        session = EntropyKeySession(
            longTermKey: { serial in
                keyring[serial.description].map { bytes in
                    bytes.withUnsafeBytes { EntropyKeySecret(copying: $0) }
                }
            },
            nonce: { bytes in
                nonce &+= 1
                for index in bytes.indices { bytes[index] = nonce }
            }
        )
        session.restart(at: now, expecting: expecting.flatMap { EntropyKeySerial($0) })
    }

    /// Lets time pass.
    mutating func run(for time: Duration) {
        let end = now + time
        while true {
            settle()
            let next = min(key.nextEvent, max(session.deadline, now), end)
            now = next
            key.advance(to: now)
            settle()
            if now >= end { return }
        }
    }

    /// Both sides do what they can now.
    private mutating func settle() {
        while true {
            listen()
            let bytes = key.takeOutput()
            guard !bytes.isEmpty else { return }
            for start in stride(from: 0, to: bytes.count, by: 1_000) {
                session.read(Array(bytes[start..<min(start + 1_000, bytes.count)]))
                listen()
            }
        }
    }

    /// The host does what its session wants.
    private mutating func listen() {
        let now = self.now
        while let action = output.withUnsafeMutableBytes({
            session.next(at: now, into: $0.baseAddress!)
        }) {
            switch action {
            case .send(let command):
                commands.append((now, command))
                key.receive(command.bytes)
            case .entropy: delivered.append(output)
            case .readings: break
            case .revive: revivals.append(now)
            }
        }
    }

    var resets: Int { commands.count { $0.1 == .reset } }

    /// Every delivered piece is one that the key sent, in its order, and none is there twice.
    func requireGenuine(_ place: SourceLocation = #_sourceLocation) {
        var next = 0
        for (index, piece) in delivered.enumerated() {
            guard let found = key.plaintexts[next...].firstIndex(of: piece) else {
                Issue.record(
                    "piece \(index) is wrong, repeated or out of order",
                    sourceLocation: place
                )
                return
            }
            next = found + 1
        }
    }
}
