// Frames with a right MAC and a payload that is none: whoever holds the line can make them under the zero key.
// SPDX-License-Identifier: Apache-2.0

import Entropy
import EntropyKeyProtocol
import Testing
import WellspringTesting

@Suite("Forged frames") struct ForgedFramesTests {
    private let serial = EntropyKeySerial(Conversation.serial)!
    private var zeroState: Words256 { EntropyKeyHash.zeroState(serial) }

    private static let lengths = [0, 1, 11, 12, 13, 31, 33, 34, 36]

    private func greeting() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: EntropyKeySerial.byteCount)
        bytes.withUnsafeMutableBytes { serial.copyBytes(to: $0) }
        return EmulatedKeyFrame("S", subcode: 0, payload: bytes).sealed(zeroState)
    }

    private func session() -> EntropyKeySession {
        var session = EntropyKeySession(
            longTermKey: { _ in
                Conversation.longTermKey.withUnsafeBytes { EntropyKeySecret(copying: $0) }
            },
            nonce: { $0.initializeMemory(as: UInt8.self, repeating: 1) }
        )
        session.restart(at: .zero, expecting: serial)
        return session
    }

    private func actions(_ session: inout EntropyKeySession) -> [EntropyKeySession.Action] {
        var output = [UInt8](repeating: 0, count: EntropyKeySession.entropyByteCount)
        var actions: [EntropyKeySession.Action] = []
        while let action = output.withUnsafeMutableBytes({
            session.next(at: .zero, into: $0.baseAddress!)
        }) {
            actions.append(action)
        }
        return actions
    }

    @Test("A session key of another length than 32 bytes is none: one ^C", arguments: lengths)
    func sessionKey(length: Int) {
        var session = session()
        session.read(greeting())
        let nonce = [UInt8](repeating: 0, count: 4) + [UInt8](repeating: 1, count: 8)
        #expect(actions(&session) == [.send(.reset), .send(.sessionKey(nonce: nonce))])
        let payload = [UInt8](repeating: 9, count: length)
        session.read(EmulatedKeyFrame("K", subcode: 12, payload: payload).sealed(zeroState))
        #expect(actions(&session) == [.send(.reset)])
        #expect(session.counters.unexpectedFrames == 1)
        #expect(session.counters.sessions == 0)
    }

    @Test("Entropy of another length than 32 bytes is dropped", arguments: lengths)
    func entropy(length: Int) {
        var session = session()
        session.read(greeting())
        _ = actions(&session)
        let device = [UInt8](repeating: 9, count: 32)
        session.read(EmulatedKeyFrame("K", subcode: 12, payload: device).sealed(zeroState))
        _ = actions(&session)
        let nonces = device + [0, 0, 0, 0] + [UInt8](repeating: 1, count: 8)
        let key = Conversation.longTermKey.withUnsafeBytes { secret in
            nonces.withUnsafeBytes {
                EntropyKeyHash.digest(
                    $0,
                    EntropyKeyHash.state(.sessionKeying, serial: serial, secret: secret)
                )
            }
        }
        var secret = [UInt8](repeating: 0, count: 32)
        secret.withUnsafeMutableBytes { key.store(to: $0.baseAddress!) }
        let state = secret.withUnsafeBytes {
            EntropyKeyHash.state(.frameMAC, serial: serial, secret: $0)
        }
        let payload = [UInt8](repeating: 9, count: length)
        session.read(EmulatedKeyFrame("E", subcode: 0, payload: payload).sealed(state))
        #expect(actions(&session).isEmpty)
        #expect(session.state == .running)
        #expect(session.counters.unexpectedFrames == 1)
        // Its number is not used up.
        session.read(EmulatedKeyFrame("E", subcode: 0, payload: device).sealed(state))
        #expect(actions(&session) == [.entropy])
    }

    @Test("A long-term key of another length leaves open which one the key has", arguments: lengths)
    func longTermKey(length: Int) {
        var rekeying = EntropyKeyRekeying(
            expecting: serial,
            masterKey: Conversation.longTermKey.withUnsafeBytes { EntropyKeySecret(copying: $0) },
            nonce: [UInt8](repeating: 1, count: EntropyKeyRekeying.nonceByteCount),
            at: .zero
        )
        rekeying.read(greeting())
        while rekeying.next(at: .zero) != nil {}
        rekeying.read(EmulatedKeyFrame("M", text: "Long-term rekey unlocked").sealed(zeroState))
        while rekeying.next(at: .zero) != nil {}
        let payload = [UInt8](repeating: 9, count: length)
        rekeying.read(EmulatedKeyFrame("L", subcode: 12, payload: payload).sealed(zeroState))
        guard case .failed(.uncertain)? = rekeying.next(at: .zero) else {
            Issue.record("a key of \(length) bytes was taken")
            return
        }
        #expect(rekeying.next(at: .zero) == nil)
    }

    @Test("What is counted as sent was sent: a start that follows another at once is one ^C")
    func counts() {
        var session = session()
        session.restart(at: .zero, expecting: serial)
        #expect(actions(&session) == [.send(.reset)])
        #expect(session.counters.resets == 1)
        #expect(session.counters.bytesWritten == 1)
    }
}
