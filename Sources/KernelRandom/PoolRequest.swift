// The argument of RNDADDENTROPY: struct rand_pool_info of linux/random.h.
// SPDX-License-Identifier: Apache-2.0

internal import Entropy

/// A block for the kernel, in locked memory, laid out as the ioctl wants it: credited bits and byte
/// count as two C ints, then the bytes. Reused from block to block; wiped by ``wipe()`` and at its end.
package struct PoolRequest: ~Copyable {
    /// Bytes of payload, 0...``maximumByteCount``.
    package let byteCount: Int
    private let memory: SecretBytes

    package init(byteCount: Int) {
        precondition((0...Self.maximumByteCount).contains(byteCount))
        self.byteCount = byteCount
        memory = SecretBytes(count: Self.headerByteCount + byteCount)
    }

    /// The payload alone, to be filled.
    package borrowing func withPayload<R, E: Error>(
        _ body: (UnsafeMutableRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try memory.withMutableBytes { (bytes) throws(E) -> R in
            try body(UnsafeMutableRawBufferPointer(rebasing: bytes[Self.headerByteCount...]))
        }
    }

    /// The whole request with its header set to `creditedBits`.
    borrowing func withRequest<R>(
        creditedBits: Int,
        _ body: (UnsafeMutableRawPointer) -> R
    ) -> R {
        memory.withMutableBytes { bytes in
            bytes.storeBytes(of: CInt(creditedBits), as: CInt.self)
            bytes.storeBytes(of: CInt(byteCount), toByteOffset: 4, as: CInt.self)
            return body(bytes.baseAddress!)
        }
    }

    package borrowing func wipe() {
        memory.wipe()
    }

    /// Bytes; the feeder's largest block. A page holds it with its header, so that every kernel takes
    /// it in one piece (drivers since 5.18 stop at page boundaries when a signal is pending).
    package static let maximumByteCount = 512
    /// Bytes: int entropy_count, int buf_size.
    private static let headerByteCount = 8
}
