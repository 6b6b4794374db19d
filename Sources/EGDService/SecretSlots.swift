// Places in locked memory for the few bytes of a reply that have to wait.
// SPDX-License-Identifier: Apache-2.0

internal import Entropy

/// A slab of slots of ``slotByteCount`` bytes. A slot is zero when taken, and wiped when given back.
package struct SecretSlots: ~Copyable {
    private var chunks: [Chunk?] = []
    /// No chunk below this one has a free slot.
    private var firstWithSpace = 0

    /// Slots that were taken and not given back.
    package private(set) var usedCount = 0

    package init() {}

    /// The number of a free slot.
    package mutating func take() -> Int32 {
        usedCount += 1
        while firstWithSpace < chunks.count {
            if let chunk = chunks[firstWithSpace] {
                if chunk.free != 0 { return take(from: chunk) }
            } else {
                return addChunk(at: firstWithSpace)
            }
            firstWithSpace += 1
        }
        chunks.append(nil)
        return addChunk(at: firstWithSpace)
    }

    /// Wipes the slot and takes it back. A chunk without a slot in use goes back to the system, but
    /// for the first.
    package mutating func giveBack(_ slot: Int32) {
        let index = Int(slot) / Self.slotsPerChunk
        guard let chunk = chunks[index] else { preconditionFailure("slot \(slot) is not in use") }
        wipe(UnsafeMutableRawBufferPointer(start: self[slot], count: Self.slotByteCount))
        chunk.free |= 1 << UInt16(Int(slot) % Self.slotsPerChunk)
        usedCount -= 1
        firstWithSpace = min(firstWithSpace, index)
        if chunk.free == UInt16.max, index > 0 { chunks[index] = nil }
    }

    /// Where the slot's bytes are, while it is in use.
    package subscript(slot: Int32) -> UnsafeMutableRawPointer {
        guard let chunk = chunks[Int(slot) / Self.slotsPerChunk] else {
            preconditionFailure("slot \(slot) is not in use")
        }
        return chunk.base + Int(slot) % Self.slotsPerChunk * Self.slotByteCount
    }

    /// Locked bytes held now.
    package var heldByteCount: Int {
        chunks.count(where: { $0 != nil }) * Self.slotsPerChunk * Self.slotByteCount
    }

    private func take(from chunk: Chunk) -> Int32 {
        let index = chunk.free.trailingZeroBitCount
        chunk.free &= ~(1 << UInt16(index))
        return Int32(firstWithSpace * Self.slotsPerChunk + index)
    }

    private mutating func addChunk(at index: Int) -> Int32 {
        let chunk = Chunk()
        chunks[index] = chunk
        return take(from: chunk)
    }

    /// Locked memory of ``slotsPerChunk`` slots.
    private final class Chunk {
        let bytes = SecretBytes(count: slotsPerChunk * slotByteCount)
        let base: UnsafeMutableRawPointer
        /// One bit for each free slot.
        var free = UInt16.max

        init() {
            // The memory is mapped for as long as `bytes` lives, which is as long as this object.
            guard let base = bytes.withMutableBytes({ $0.baseAddress }) else {
                preconditionFailure("a chunk has memory")
            }
            self.base = base
        }
    }

    /// Bytes: one page, and all that a visit to a connection can leave over.
    package static let slotByteCount = 4_096
    /// The bits of ``Chunk/free``.
    private static let slotsPerChunk = 16
}
