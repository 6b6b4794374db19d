// What the tests of this target share: vectors, hexadecimal, a session with an emulated key.
// SPDX-License-Identifier: Apache-2.0

import Entropy
import EntropyKeyProtocol
import Foundation
import WellspringTesting

struct Vectors: Decodable {
    struct Hash: Decodable {
        let name: String
        let key: String
        let personalisationAscii: String?
        let message: String
        let final: String
        let finalPad: String
    }

    struct Skein: Decodable {
        let hashes: [Hash]
        let ekeyChainAfterPersonalisation: [String: String]
    }

    struct RealFrames: Decodable {
        let serial: String
        let sessionKey: String
        let frames: [[String]]
    }

    struct Decoded: Decodable {
        let serial: String?
        let hostNonce: String?
        let deviceNonce: String?
        let newSessionKey: String?
        let newLongTermKey: String?
        let sequence: Int?
        let plaintext: String?
    }

    struct Entry: Decodable {
        let dir: String?
        let hex: String?
        let decoded: Decoded?
        let macKey: String?

        var isFromDevice: Bool { dir == "device>host" }
        var bytes: [UInt8] { unhex(hex ?? "") }
    }

    struct LongTermRekey: Decodable {
        let longTermKeyBeforeBase64: String
        let longTermKeyAfterBase64: String
        let frames: [Entry]
    }

    let serial: String
    let serialHex: String
    let masterKeyHex: String
    let longTermKeyHex: String
    let ekeydOutputBytes: Int
    let ekeydOutputSha256: String
    let skein2562008: Skein
    let documentedFramesOfARealKey: RealFrames
    let session: [Entry]
    let longTermRekey: LongTermRekey

    static let all: Vectors = {
        let url = Bundle.module.bundleURL.appendingPathComponent("Vectors/session.json")
        do {
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            return try decoder.decode(Vectors.self, from: Data(contentsOf: url))
        } catch {
            preconditionFailure("the vectors cannot be read: \(error)")
        }
    }()

    var serialNumber: EntropyKeySerial { EntropyKeySerial(serial)! }
    var longTermKey: EntropyKeySecret { secret(longTermKeyHex) }
    var masterKey: EntropyKeySecret { secret(masterKeyHex) }
}

func unhex(_ text: String) -> [UInt8] {
    let digits = text.utf8.map { UInt8($0 < 0x3a ? $0 - 0x30 : $0 - 0x57) }
    return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

func hex(_ words: Words256) -> String {
    var bytes = [UInt8](repeating: 0, count: 32)
    bytes.withUnsafeMutableBytes { words.store(to: $0.baseAddress!) }
    return hex(bytes)
}

func secret(_ hex: String) -> EntropyKeySecret {
    unhex(hex).withUnsafeBytes { EntropyKeySecret(copying: $0) }
}

extension EntropyKeySession {
    mutating func read(_ bytes: [UInt8]) {
        _ = read { memory in
            memory.copyBytes(from: bytes)
            return bytes.count
        }
    }
}

extension EntropyKeyRekeying {
    mutating func read(_ bytes: [UInt8]) {
        _ = read { memory in
            memory.copyBytes(from: bytes)
            return bytes.count
        }
    }
}
