// The 11 frames of a real Entropy Key that its vendor printed: the only witnesses of the device itself.
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import EntropyKeyProtocol

@Suite("Frames of a real key")
struct RealKeyFramesTests {
    static let frames: [[UInt8]] = Vectors.all.documented_frames_of_a_real_key.frames.map { frame in
        let body = Array(frame[0].utf8)
        return Array("* ".utf8) + body + [UInt8](repeating: 0x20, count: 52 - body.count)
            + Array(frame[1].utf8) + [13, 10]
    }

    @Test("All 11 verify under the zero session key")
    func verify() throws {
        let vectors = Vectors.all.documented_frames_of_a_real_key
        let serial = try #require(EntropyKeySerial(vectors.serial))
        let state = EntropyKeyHash.zeroState(serial)
        #expect(Self.frames.count == 11)
        for bytes in Self.frames {
            bytes.withUnsafeBytes {
                let frame = EntropyKeyFrame($0)
                #expect(frame.kind != nil)
                #expect(frame.isAuthentic(under: state))
            }
        }
    }

    @Test("One changed bit anywhere but in the marks fails every one of them")
    func changed() throws {
        let serial = try #require(
            EntropyKeySerial(Vectors.all.documented_frames_of_a_real_key.serial)
        )
        let state = EntropyKeyHash.zeroState(serial)
        for bytes in Self.frames {
            for bit in 2 * 8..<62 * 8 {
                var changed = bytes
                changed[bit / 8] ^= 1 << UInt8(bit % 8)
                #expect(!changed.withUnsafeBytes { EntropyKeyFrame($0).isAuthentic(under: state) })
            }
        }
    }

    @Test("The serial number, the device's nonce and the readings are taken from them")
    func contents() throws {
        var readings = EntropyKeyReadings()
        var serials: [EntropyKeySerial] = []
        var nonceLengths: [Int?] = []
        for bytes in Self.frames {
            bytes.withUnsafeBytes {
                let frame = EntropyKeyFrame($0)
                switch frame.kind {
                case .information: readings.take(frame.text)
                case .serial: serials += [frame.provenSerial].compactMap { $0 }
                case .sessionKey: nonceLengths.append(frame.subcode)
                default: break
                }
            }
        }
        #expect(serials.map(\.description) == ["NwBvBlg3OTBJORFD"])
        #expect(nonceLengths == [0])
        #expect(readings.temperature == 3150)
        #expect(readings.voltage == 3254)
        #expect(readings.blocks == .init(done: 7342))
        let window = try #require(readings.window)
        #expect(window.rawByteCount == 8052)
        #expect(window.rawShannonsLeft == 23751)
        #expect(window.rawShannonsRight == 23792)
        #expect(window.rawShannonsXOR == 23584)
        #expect(window.debiasedByteCountLeft == 7112)
        #expect(window.debiasedShannonsLeft == 20876)
        #expect(window.debiasedByteCountRight == 8063)
        #expect(window.debiasedShannonsRight == 24150)
        #expect(window.badness.isGood)
    }
}
