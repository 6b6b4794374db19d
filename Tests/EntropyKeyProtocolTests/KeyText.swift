// Text of keys for tests; none of it opens anything.
// SPDX-License-Identifier: Apache-2.0

import EntropyKeyProtocol

/// Recorded with an emulated key: its serial number, its keyring entry, its card.
let sampleSerial = EntropyKeySerial("NwBvBlg3OTBJORFD")!
let sampleKey = "ZN5z/Hhs6cv2WMLpsVV/oPdXU9q55IZ+4ODeoLxtq5I="
let sampleKeyHex = "64de73fc786ce9cbf658c2e9b1557fa0f75753dab9e4867ee0e0dea0bc6dab92"
let sampleCard = "S3VqD34VMXasYmjruxIfCSm+aB6tWA6XbqcdLAy413hv"
let sampleMasterHex = "4b756a0f7e153176ac6268ebbb121f0929be681ead580e976ea71d2c0cb8d778"
/// The entry's key after another rekeying.
let otherKey = "Tfm0W0D12r+v2ccUFxOLdT35X62Y5v1fuLLYMPxLFbQ="

func withBytes<R>(of text: String, _ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try Array(text.utf8).withUnsafeBytes(body)
}

func secret(_ base64: String) -> EntropyKeySecret? {
    withBytes(of: base64) { EntropyKeySecret(base64: $0) }
}

func hexadecimal(_ secret: EntropyKeySecret?) -> String? {
    secret?.withBytes { bytes in
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
