// Skein-256 of 2008 and the key's own states against values of three independent implementations.
// SPDX-License-Identifier: Apache-2.0

import EntropyKeyProtocol
import Testing

@testable import EntropyKeyProtocol

@Suite("Skein-256 of October 2008")
struct Skein256Tests {
    @Test("Every hash of the vectors is reproduced, Final and Final-Pad")
    func hashes() {
        let hashes = Vectors.all.skein256_2008.hashes
        #expect(hashes.count == 14)
        for vector in hashes {
            let state: Words256
            if let personalisation = vector.personalisation_ascii {
                let name = EntropyKeyHash.Name.allCases.first {
                    personalisation.hasSuffix("/v1/" + $0.rawValue)
                        || personalisation.contains("/v1/\($0.rawValue) ")
                }
                let key = unhex(vector.key)
                guard let name,
                    let serial = key[..<12].withUnsafeBytes({
                        EntropyKeySerial(bytes: $0)
                    })
                else {
                    Issue.record("\(vector.name) has another personalisation")
                    continue
                }
                state = key[12...].withUnsafeBytes {
                    EntropyKeyHash.state(name, serial: serial, secret: $0)
                }
            } else {
                state = unhex(vector.key).withUnsafeBytes {
                    Skein256.state(key: $0.isEmpty ? nil : $0)
                }
            }
            let chain = unhex(vector.message).withUnsafeBytes {
                Skein256.absorb($0, .message, into: state)
            }
            #expect(hex(chain) == vector.final_pad, "\(vector.name)")
            #expect(hex(Skein256.output(chain)) == vector.final, "\(vector.name)")
        }
    }

    @Test(
        "The states of the key's names are those of its vectors, and two of them are one function"
    )
    func states() {
        let chains = Vectors.all.skein256_2008.ekey_chain_after_personalisation
        let names: [String: EntropyKeyHash.Name] = [
            "RS": .sessionKeying, "PMS": .frameMAC, "EES": .entropyEncryption,
            "LRS": .longTermKeying, "LKMS": .longTermMAC,
        ]
        #expect(chains.count == names.count)
        for (short, name) in names {
            let state = [UInt8](repeating: 0, count: 32).withUnsafeBytes {
                EntropyKeyHash.state(name, serial: Vectors.all.serialNumber, secret: $0)
            }
            #expect(hex(state) == chains[short], "\(short)")
        }
        #expect(chains["PMS"] == chains["LKMS"])
    }

    @Test("Without a key the state is the published initial value")
    func initialValue() {
        let state = Skein256.state(key: nil)
        #expect(state.a == 0x3885_1268_0e66_0046)
        #expect(state.b == 0x4b72_d5de_c5a8_ff01)
        #expect(state.c == 0x281a_9298_ca5e_b3a5)
        #expect(state.d == 0x54ca_5249_f460_70c4)
    }
}
