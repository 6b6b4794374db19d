// Blocks from this processor's own timing, for boot and for boards without the daemon.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
package import Entropy

/// Time stamp differences around loads that miss the caches, folded into the block.
///
/// There is no health test and no conditioning component here, so the blocks are assessed at zero:
/// they carry credit only by the operator's own statement (``CreditRule/bitsPerByte(_:)``).
package struct CPUBlockSupply: BlockSupply {
    private let lines = CacheLines()

    package init() {}

    package mutating func fill(
        _ buffer: UnsafeMutableRawBufferPointer
    ) throws(SupplyError) -> Bits {
        var folded: UInt64 = 0
        for index in buffer.indices {
            for _ in 0..<Self.samplesPerByte {
                folded = (folded << 7 | folded >> 57) ^ lines.loadTime(of: Int(folded & 63))
            }
            let half = folded ^ folded >> 32
            let quarter = half ^ half >> 16
            buffer[index] = UInt8(truncatingIfNeeded: quarter ^ quarter >> 8)
        }
        return .zero
    }

    /// Loads per byte of output.
    private static let samplesPerByte = 16
}

/// A page of 64 cache lines, each of which can be flushed and loaded again.
private final class CacheLines: Sendable {
    private let page = SecretBytes(count: 4096)

    /// In ticks of the cycle counter.
    func loadTime(of line: Int) -> UInt64 {
        page.withBytes { bytes in
            let address = bytes.baseAddress! + line * 64
            ws_flush_line(address)
            ws_memory_fence()
            let before = ws_cycles()
            _ = UnsafePointer(address.assumingMemoryBound(to: UInt8.self)).pointee
            ws_memory_fence()
            return ws_cycles() &- before
        }
    }
}
