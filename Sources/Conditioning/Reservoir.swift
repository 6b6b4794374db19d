// Ready blocks, waiting in locked memory for someone to take them.
// SPDX-License-Identifier: Apache-2.0

internal import Entropy

/// A bounded ring of bytes: whole blocks in, any number of bytes out, each byte once.
///
/// Bytes are wiped as they are taken. Level and position lie in the same secret memory, so that
/// a forked child finds the reservoir empty rather than full of zeros (where the kernel knows
/// MADV_WIPEONFORK, Linux 4.14).
package struct Reservoir: ~Copyable {
    package let capacity: Int
    /// Refilling starts below this many bytes and ends at `highMark`.
    package let lowMark: Int
    package let highMark: Int

    private let memory: SecretBytes
    private var isFilling = true

    /// Nil unless `capacity` is a positive multiple of 64 bytes up to 1 GiB and the marks, as
    /// fractions of it, are 0 <= low <= high <= 1.
    package init?(
        capacity: Int = Reservoir.defaultCapacity,
        lowMark: Double = Reservoir.defaultLowMark,
        highMark: Double = Reservoir.defaultHighMark
    ) {
        guard capacity > 0, capacity <= Reservoir.greatestCapacity,
            capacity % Reservoir.blockByteCount == 0,
            (0...1).contains(lowMark), (0...1).contains(highMark), lowMark <= highMark
        else { return nil }
        self.capacity = capacity
        self.lowMark = Int(lowMark * Double(capacity))
        self.highMark = Int(highMark * Double(capacity))
        memory = SecretBytes(count: Ring.headerByteCount + capacity)
    }

    /// Bytes ready to be taken.
    package var level: Int {
        memory.withMutableBytes { Ring($0).level.pointee }
    }

    package var hasRoom: Bool { capacity - level >= Reservoir.blockByteCount }

    /// Whether sources should run. Becomes true below the low mark and false again when no further
    /// block fits below the high mark; in between it keeps its value. True at first.
    package var wantsRefill: Bool { isFilling && !isAtHighMark || level < lowMark }

    /// Copies one block of 64 bytes in; the caller wipes its own. False, and nothing changes, when
    /// there is no room.
    package mutating func append(_ block: UnsafeRawBufferPointer) -> Bool {
        precondition(block.count == Reservoir.blockByteCount)
        guard hasRoom else { return false }
        memory.withMutableBytes { bytes in
            let ring = Ring(bytes)
            let end = (ring.start.pointee + ring.level.pointee) % capacity
            let first = min(block.count, capacity - end)
            (ring.bytes + end).copyMemory(from: block.baseAddress!, byteCount: first)
            ring.bytes.copyMemory(
                from: block.baseAddress! + first,
                byteCount: block.count - first
            )
            ring.level.pointee += block.count
        }
        if isAtHighMark { isFilling = false }
        return true
    }

    /// Moves the oldest bytes, as many as there are and fit, to the start of `output`; returns
    /// their number. Their places here are wiped.
    package mutating func take(into output: UnsafeMutableRawBufferPointer) -> Int {
        guard let target = output.baseAddress else { return 0 }
        let taken = memory.withMutableBytes { bytes in
            let ring = Ring(bytes)
            let start = ring.start.pointee
            let taken = min(output.count, ring.level.pointee)
            let first = min(taken, capacity - start)
            move(ring.bytes + start, to: target, byteCount: first)
            move(ring.bytes, to: target + first, byteCount: taken - first)
            ring.start.pointee = (start + taken) % capacity
            ring.level.pointee -= taken
            return taken
        }
        if level < lowMark { isFilling = true }
        return taken
    }

    private var isAtHighMark: Bool { level > highMark - Reservoir.blockByteCount }

    /// For tests that observe a wipe: the ring without its header.
    borrowing func withRing<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
        memory.withBytes { body(UnsafeRawBufferPointer(rebasing: $0[Ring.headerByteCount...])) }
    }

    /// Bytes. 64 KiB answer 2,048 requests of 32 bytes at once. Where an ordinary user may lock no
    /// more than that in all (RLIMIT_MEMLOCK of older systems), ``SecretMemory`` counts the
    /// refusal.
    package static let defaultCapacity = 65_536
    /// 16 KiB left of 64: sources have that long to start.
    package static let defaultLowMark = 0.25
    package static let defaultHighMark = 1.0
    /// Bytes: locked memory is a shared good.
    package static let greatestCapacity = 1 << 30
    private static let blockByteCount = Accumulator.blockByteCount
}

/// Where the parts lie in the secret memory.
private struct Ring {
    /// Offset of the oldest byte.
    let start: UnsafeMutablePointer<Int>
    let level: UnsafeMutablePointer<Int>
    let bytes: UnsafeMutableRawPointer

    init(_ memory: UnsafeMutableRawBufferPointer) {
        start = memory.baseAddress!.assumingMemoryBound(to: Int.self)
        level = start + 1
        bytes = memory.baseAddress! + Ring.headerByteCount
    }

    /// Two words of 8 bytes.
    static let headerByteCount = 16
}

private func move(
    _ source: UnsafeMutableRawPointer,
    to target: UnsafeMutableRawPointer,
    byteCount: Int
) {
    target.copyMemory(from: source, byteCount: byteCount)
    wipe(UnsafeMutableRawBufferPointer(start: source, count: byteCount))
}
