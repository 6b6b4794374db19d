// AES-256 as the generator needs it, over swift-crypto.
// SPDX-License-Identifier: Apache-2.0

internal import Crypto
internal import CryptoExtras
internal import Entropy

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Shows `body` the encryption of the 128-bit big-endian counters from `counter` on, and wipes it.
/// False, and `body` was not called, when the cipher refused. Not inlined, so that its frame lies
/// where the caller wipes the stack.
@inline(never)
func withKeystream(
    key: UnsafeRawBufferPointer,
    counter: UnsafeRawBufferPointer,
    byteCount: Int,
    _ body: (UnsafeRawBufferPointer) -> Void
) -> Bool {
    precondition(byteCount <= zeros.count)
    return zeros.withUnsafeBufferPointer { zeros in
        let plaintext = UnsafeBufferPointer(rebasing: zeros[..<byteCount])
        guard let nonce = try? AES._CTR.Nonce(nonceBytes: counter),
            var stream = try? AES._CTR.encrypt(
                plaintext,
                using: SymmetricKey(data: key),
                nonce: nonce
            )
        else { return false }
        // The only reference, so that this is the memory that was encrypted into.
        stream.withUnsafeMutableBytes { bytes in
            body(UnsafeRawBufferPointer(bytes))
            wipe(bytes)
        }
        return true
    }
}

/// Encrypts one block of 16 bytes in place. False when the cipher refused.
@inline(never)
func encryptBlock(_ block: UnsafeMutableRawBufferPointer, key: SymmetricKey) -> Bool {
    var bytes = block.bindMemory(to: UInt8.self)
    do {
        try AES.permute(&bytes, key: key)
        return true
    } catch {
        return false
    }
}

/// One request of the greatest size and the update after it.
private let zeros = [UInt8](
    repeating: 0,
    count: CTRDRBG.greatestRequestByteCount + CTRDRBG.seedByteCount
)
