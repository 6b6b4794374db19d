// Sessions of Debian's ekeyd and ekey-setkey: every frame, every key, every byte.
// SPDX-License-Identifier: Apache-2.0

import Crypto
import Testing

@testable import EntropyKeyProtocol

@Suite("Recorded sessions")
struct RecordedSessionTests {
    @Test("Every frame of the session verifies, and keys and plaintexts are those recorded")
    func frames() throws {
        let vectors = Vectors.all
        var entropyFrames = 0
        for entry in vectors.session where entry.isFromDevice {
            let state = unhex(try #require(entry.mac_key)).withUnsafeBytes {
                EntropyKeyHash.state(.frameMAC, serial: vectors.serialNumber, secret: $0)
            }
            entry.bytes.withUnsafeBytes { bytes in
                let frame = EntropyKeyFrame(bytes)
                #expect(frame.isAuthentic(under: state))
                if let key = entry.decoded?.new_session_key, let nonce = entry.decoded?.host_nonce {
                    let agreed = vectors.longTermKey.withBytes {
                        frame.agreedKey(
                            .sessionKeying,
                            serial: vectors.serialNumber,
                            secret: $0,
                            hostNonce: unhex(nonce)
                        )
                    }
                    #expect(agreed.map { hex($0) } == key)
                }
                if frame.kind == .entropy { entropyFrames += 1 }
            }
        }
        #expect(entropyFrames == 574)
    }

    /// Our state machine in ekeyd's place: it draws the nonces that ekeyd drew, and hears what the device
    /// said then.
    @Test("The recorded session gives our state machine the bytes that ekeyd wrote")
    func replay() throws {
        let vectors = Vectors.all
        let nonces = vectors.session.compactMap { $0.decoded?.host_nonce }.map { unhex($0) }
        #expect(nonces.count == 3)
        var drawn = 0
        var session = EntropyKeySession(
            longTermKey: { $0 == vectors.serialNumber ? vectors.longTermKey : nil },
            nonce: { bytes in
                bytes.copyBytes(from: nonces[drawn][4...])
                drawn += 1
            }
        )
        var written: [UInt8] = []
        var commands: [[UInt8]] = []
        var output = [UInt8](repeating: 0, count: EntropyKeySession.entropyByteCount)
        func settle() {
            while let action = output.withUnsafeMutableBytes({
                session.next(at: .zero, into: $0.baseAddress!)
            }) {
                if case .entropy = action { written += output }
                if case .send(let command) = action { commands.append(command.bytes) }
            }
        }
        session.restart(at: .zero, expecting: vectors.serialNumber)
        settle()
        for entry in vectors.session where entry.isFromDevice {
            session.read(entry.bytes)
            settle()
        }
        #expect(written.count == 574 * 32)
        let digest = SHA256.hash(data: written.prefix(vectors.ekeyd_output_bytes))
        #expect(hex(Array(digest)) == vectors.ekeyd_output_sha256)
        // One ^C at the start, and three session keys; ekeyd sent three ^C more for the same frames.
        let recorded = vectors.session.filter { $0.dir == "host>device" }.map(\.bytes)
        #expect(commands == [[3]] + recorded.filter { $0.first == UInt8(ascii: "K") })
        #expect(session.state == .running)
        #expect(session.counters.selfResets == 1)
        #expect(session.counters.damagedFrames == 0)
        #expect(session.counters.replays == 0)
        #expect(session.readings.temperature == 3287)
    }

    @Test("ekey-setkey's rekeying gives our state machine the same new key and the same words")
    func longTermKey() throws {
        let vectors = Vectors.all
        let frames = vectors.long_term_rekey.frames
        let nonces = frames.compactMap { $0.decoded?.host_nonce }
        let nonce = try #require(nonces.first)
        var rekeying = EntropyKeyRekeying(
            expecting: vectors.serialNumber,
            masterKey: vectors.masterKey,
            nonce: unhex(nonce),
            at: .zero
        )
        var commands: [[UInt8]] = []
        var newKey: EntropyKeySecret?
        for entry in frames.prefix(6) where entry.isFromDevice {
            func settle() {
                while let action = rekeying.next(at: .zero) {
                    switch action {
                    case .send(let command): commands.append(command.bytes)
                    case .done(let serial, let key):
                        #expect(serial == vectors.serialNumber)
                        newKey = key
                    case .failed(let failure): Issue.record("failed: \(failure)")
                    }
                }
            }
            settle()
            rekeying.read(entry.bytes)
            settle()
        }
        #expect(commands == frames.prefix(6).filter { $0.dir == "host>device" }.map(\.bytes))
        let keys = frames.compactMap { $0.decoded?.new_long_term_key }
        let expected = try #require(keys.first)
        #expect(newKey?.withBytes { hex(Array($0)) } == expected)
        let text = Array(vectors.long_term_rekey.long_term_key_after_base64.utf8)
        let stored = text.withUnsafeBytes { EntropyKeySecret(base64: $0) }
        #expect(stored?.withBytes { hex(Array($0)) } == expected)
    }
}
