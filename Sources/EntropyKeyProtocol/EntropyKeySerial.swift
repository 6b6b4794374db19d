// An Entropy Key's serial number: 12 bytes, written as 16 base64 characters.
// SPDX-License-Identifier: Apache-2.0

package struct EntropyKeySerial: Hashable, Sendable, CustomStringConvertible {
    private let low: UInt64
    private let high: UInt32

    /// Nil unless there are 12 bytes.
    package init?(bytes: UnsafeRawBufferPointer) {
        guard bytes.count == Self.byteCount else { return nil }
        low = bytes.loadUnaligned(as: UInt64.self)
        high = bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self)
    }

    /// Nil unless `text` is 16 base64 characters.
    package init?(_ text: some StringProtocol) {
        guard let serial = Array(text.utf8).withUnsafeBytes({ Self(characters: $0) }) else {
            return nil
        }
        self = serial
    }

    /// Nil unless there are 16 base64 characters.
    package init?(characters: UnsafeRawBufferPointer) {
        guard characters.count == Self.characterCount else { return nil }
        let serial = withUnsafeTemporaryAllocation(byteCount: Self.byteCount, alignment: 8) {
            bytes in
            PEM64.decode(characters, into: bytes) == Self.byteCount
                ? Self(bytes: UnsafeRawBufferPointer(bytes)) : nil
        }
        guard let serial else { return nil }
        self = serial
    }

    /// The number that a name in /dev/entropykey stands for, where a slash cannot be: it is `_` where udev
    /// made the link, and `.` where the helper of old Red Hat systems did. The number as it stands is
    /// understood, too.
    package init?(fileName: some StringProtocol) {
        self.init(String(fileName.map { $0 == "_" || $0 == "." ? "/" : $0 }))
    }

    package var description: String {
        var text = [UInt8](repeating: 0, count: Self.characterCount)
        withUnsafeTemporaryAllocation(byteCount: Self.byteCount, alignment: 8) { bytes in
            copyBytes(to: bytes)
            text.withUnsafeMutableBytes {
                _ = PEM64.encode(UnsafeRawBufferPointer(bytes), into: $0)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    package func copyBytes(to bytes: UnsafeMutableRawBufferPointer) {
        bytes.storeBytes(of: low, as: UInt64.self)
        bytes.storeBytes(of: high, toByteOffset: 8, as: UInt32.self)
    }

    package static let byteCount = 12
    package static let characterCount = 16
}
