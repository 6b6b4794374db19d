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

    /// Nil unless `text` is 16 base64 characters. The device's name in /dev/entropykey has `_` for `/`,
    /// that of older systems `.`: both are understood.
    package init?(_ text: some StringProtocol) {
        let characters = text.utf8.map { byte in
            byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".") ? UInt8(ascii: "/") : byte
        }
        guard characters.count == Self.characterCount else { return nil }
        let serial = withUnsafeTemporaryAllocation(byteCount: Self.byteCount, alignment: 8) {
            bytes in
            characters.withUnsafeBytes { PEM64.decode($0, into: bytes) } == Self.byteCount
                ? Self(bytes: UnsafeRawBufferPointer(bytes)) : nil
        }
        guard let serial else { return nil }
        self = serial
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
