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
        let personalisation_ascii: String?
        let message: String
        let final: String
        let final_pad: String
    }

    struct Skein: Decodable {
        let hashes: [Hash]
        let ekey_chain_after_personalisation: [String: String]
    }

    struct RealFrames: Decodable {
        let serial: String
        let session_key: String
        let frames: [[String]]
    }

    struct Decoded: Decodable {
        let serial: String?
        let host_nonce: String?
        let device_nonce: String?
        let new_session_key: String?
        let new_long_term_key: String?
        let sequence: Int?
        let plaintext: String?
        let temperature_dK: Int?
        let voltage_mV: Int?
    }

    struct Entry: Decodable {
        let dir: String?
        let hex: String?
        let decoded: Decoded?
        let mac_key: String?

        var isFromDevice: Bool { dir == "device>host" }
        var bytes: [UInt8] { unhex(hex ?? "") }
    }

    struct LongTermRekey: Decodable {
        let long_term_key_before_base64: String
        let long_term_key_after_base64: String
        let frames: [Entry]
    }

    let serial: String
    let serial_hex: String
    let master_key_hex: String
    let long_term_key_hex: String
    let ekeyd_output_bytes: Int
    let ekeyd_output_sha256: String
    let skein256_2008: Skein
    let documented_frames_of_a_real_key: RealFrames
    let session: [Entry]
    let long_term_rekey: LongTermRekey

    static let all: Vectors = {
        let url = Bundle.module.bundleURL.appendingPathComponent("Vectors/session.json")
        do {
            return try JSONDecoder().decode(Vectors.self, from: Data(contentsOf: url))
        } catch {
            preconditionFailure("the vectors cannot be read: \(error)")
        }
    }()

    var serialNumber: EntropyKeySerial { EntropyKeySerial(serial)! }
    var longTermKey: EntropyKeySecret { secret(long_term_key_hex) }
    var masterKey: EntropyKeySecret { secret(master_key_hex) }
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
