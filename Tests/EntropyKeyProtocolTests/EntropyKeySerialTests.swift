// Serial numbers as keys, people and file names write them.
// SPDX-License-Identifier: Apache-2.0

import EntropyKeyProtocol
import Testing

@Suite("EntropyKeySerial")
struct EntropyKeySerialTests {
    @Test("16 base64 characters and nothing else are a serial number")
    func text() {
        #expect(EntropyKeySerial("NwBvBlg3OTBJORFD")?.description == "NwBvBlg3OTBJORFD")
        for text in [
            "", "NwBvBlg3OTBJORF", "NwBvBlg3OTBJORFDA", "NwBvBlg3OTBJORF=", "NwBvBlg3OTBJ\nRFD",
            "M_3lUoWERuOdXD+R", "../../../etc/pas",
        ] {
            #expect(EntropyKeySerial(text) == nil)
        }
    }

    @Test("In the name of a file a slash is an underscore or a point")
    func fileNames() throws {
        let serial = try #require(EntropyKeySerial("M/3lUoWERuOdXD+R"))
        for name in ["M_3lUoWERuOdXD+R", "M.3lUoWERuOdXD+R", "M/3lUoWERuOdXD+R"] {
            #expect(EntropyKeySerial(fileName: name) == serial)
        }
        #expect(EntropyKeySerial(fileName: "ttyACM0") == nil)
    }

    @Test("The 12 bytes are those of the recorded key")
    func bytes() {
        let bytes = unhex(Vectors.all.serialHex)
        #expect(bytes.withUnsafeBytes { EntropyKeySerial(bytes: $0) } == Vectors.all.serialNumber)
        #expect(bytes.dropLast().withUnsafeBytes { EntropyKeySerial(bytes: $0) } == nil)
    }
}
