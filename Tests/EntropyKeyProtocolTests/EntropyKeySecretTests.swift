// Secrets of 32 bytes from bytes and from text.
// SPDX-License-Identifier: Apache-2.0

import EntropyKeyProtocol
import Testing

@Suite struct EntropyKeySecretTests {
    @Test("A secret copies its bytes, and the source may be wiped")
    func copies() {
        var source = [UInt8](0..<32)
        let secret = source.withUnsafeBytes { EntropyKeySecret(copying: $0) }
        source = []
        #expect(secret.withBytes { Array($0) } == [UInt8](0..<32))
    }

    @Test("44 characters of base64 are a secret")
    func base64() {
        #expect(hexadecimal(secret(sampleKey)) == sampleKeyHex)
    }

    @Test(
        "Other text is none",
        arguments: [
            "", "=", String(sampleKey.dropLast()), sampleKey + "A", sampleKey + "\n",
            // 33 and 31 bytes.
            sampleCard, String(sampleKey.dropLast(2)) + "==",
            "!" + sampleKey.dropFirst(),
        ]
    )
    func otherText(text: String) {
        #expect(secret(text) == nil)
    }
}
