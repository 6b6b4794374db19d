// A secret of 32 bytes: an Entropy Key's long-term key or its master key.
// SPDX-License-Identifier: Apache-2.0

internal import Entropy

/// 32 bytes that a key and its host share, locked and wiped as ``SecretBytes`` are.
///
/// Like those it has no equality, hash, coding or description. One object is shared by all who need
/// the secret, so that it lies in memory once.
package final class EntropyKeySecret: Sendable {
    private let bytes: SecretBytes

    /// Copies the 32 bytes of `source`, which stays the caller's to wipe.
    package init(copying source: UnsafeRawBufferPointer) {
        precondition(source.count == Self.byteCount, "a secret of an Entropy Key has 32 bytes")
        bytes = SecretBytes(count: Self.byteCount)
        bytes.withMutableBytes { $0.copyMemory(from: source) }
    }

    /// The secret that 44 characters of base64 stand for; nil for other text.
    package init?(base64 text: UnsafeRawBufferPointer) {
        guard text.count == Self.base64Count else { return nil }
        let decoded = SecretBytes(count: Self.base64Count / 4 * 3)
        let count = decoded.withMutableBytes { PEM64.decode(text, into: $0) }
        guard count == Self.byteCount else { return nil }
        bytes = Self.beginning(of: decoded)
    }

    /// Copies the first 32 bytes of `longer`, which has at least so many.
    init(beginningOf longer: borrowing SecretBytes) {
        bytes = Self.beginning(of: longer)
    }

    private static func beginning(of longer: borrowing SecretBytes) -> SecretBytes {
        let bytes = SecretBytes(count: byteCount)
        longer.withBytes { source in
            bytes.withMutableBytes {
                $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[..<byteCount]))
            }
        }
        return bytes
    }

    package func withBytes<R: ~Copyable, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try bytes.withBytes(body)
    }

    /// Bytes: the width of Skein-256, of which each of the key's secrets is a key or an output.
    package static let byteCount = 32
    /// Characters of the base64 of 32 bytes, one of them filling.
    package static let base64Count = 44
}
