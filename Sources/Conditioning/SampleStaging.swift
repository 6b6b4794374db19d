// Samples that wait for their health window to pass.
// SPDX-License-Identifier: Apache-2.0

package import Entropy

/// Holds each source's youngest samples back until it is known whether they count.
///
/// A health test speaks about a window of samples only after the window's end. Were samples mixed
/// at once and credited then, a block drawn in between would contain them already, and their credit
/// would be counted for a block that they are not in. So samples wait here, one byte each,
/// unmixed: ``release(_:from:to:)`` hands the oldest out for mixing with credit,
/// ``discard(from:to:)`` all of them for mixing without. Where the room of a source is full, its
/// oldest samples leave unreleased, for mixing without credit, and a later release passes over
/// them. In a forked child there are none.
package struct SampleStaging: ~Copyable {
    /// Samples per source.
    package let capacity: Int
    package private(set) var sourceCount: Int
    private var memory: SecretBytes

    package init(sourceCount: Int, capacity: Int = SampleStaging.defaultCapacity) {
        precondition(sourceCount >= 0 && capacity > 0)
        self.capacity = capacity
        self.sourceCount = sourceCount
        memory = SecretBytes(count: sourceCount * (MemoryLayout<Slot>.stride + capacity))
    }

    /// Room for one source more; what waits keeps waiting.
    package mutating func addSource() {
        let larger = SecretBytes(count: (sourceCount + 1) * (MemoryLayout<Slot>.stride + capacity))
        memory.withBytes { old in
            larger.withMutableBytes { new in
                let slots = sourceCount * MemoryLayout<Slot>.stride
                new.copyMemory(from: UnsafeRawBufferPointer(rebasing: old[..<slots]))
                UnsafeMutableRawBufferPointer(rebasing: new[(slots + MemoryLayout<Slot>.stride)...])
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: old[slots...]))
            }
        }
        memory = larger
        sourceCount += 1
    }

    /// Samples of `source` that are undecided, evicted ones included.
    package func pendingCount(of source: Int) -> Int {
        withSlot(source) { slot, _ in slot.pointee.count + slot.pointee.evicted }
    }

    /// Adds samples as the youngest. `evict` gets those that had to leave: they may be mixed, but
    /// never credited.
    package mutating func stage(
        _ samples: UnsafeBufferPointer<RawSample>,
        mask: RawSample,
        from source: Int,
        evict: (UnsafeRawBufferPointer) -> Void
    ) {
        withSlot(source) { slot, ring in
            var next = 0
            while next < samples.count {
                if slot.pointee.count == capacity {
                    let leaving = min(capacity, samples.count - next)
                    pop(leaving, slot, ring, evict)
                    slot.pointee.evicted += leaving
                }
                let end = (slot.pointee.start + slot.pointee.count) % capacity
                let run = min(
                    samples.count - next,
                    capacity - slot.pointee.count,
                    capacity - end
                )
                for index in 0..<run {
                    ring[end + index] = UInt8(truncatingIfNeeded: samples[next + index] & mask)
                }
                slot.pointee.count += run
                next += run
            }
        }
    }

    /// Decides the oldest `count` undecided samples for credit. `body` gets those of them that are
    /// still here, in order, in at most two pieces.
    package mutating func release(
        _ count: Int,
        from source: Int,
        to body: (UnsafeRawBufferPointer) -> Void
    ) {
        withSlot(source) { slot, ring in
            let gone = min(max(count, 0), slot.pointee.evicted)
            slot.pointee.evicted -= gone
            pop(min(max(count, 0) - gone, slot.pointee.count), slot, ring, body)
        }
    }

    /// Decides all undecided samples against credit. `body` gets those that are still here.
    package mutating func discard(
        from source: Int,
        to body: (UnsafeRawBufferPointer) -> Void
    ) {
        withSlot(source) { slot, ring in
            slot.pointee.evicted = 0
            pop(slot.pointee.count, slot, ring, body)
        }
    }

    /// For tests that observe a wipe: the ring of one source.
    func withRing<R>(of source: Int, _ body: (UnsafeRawBufferPointer) -> R) -> R {
        withSlot(source) { _, ring in body(UnsafeRawBufferPointer(start: ring, count: capacity)) }
    }

    private func pop(
        _ count: Int,
        _ slot: UnsafeMutablePointer<Slot>,
        _ ring: UnsafeMutablePointer<UInt8>,
        _ body: (UnsafeRawBufferPointer) -> Void
    ) {
        var left = count
        while left > 0 {
            let start = slot.pointee.start
            let run = UnsafeMutableRawBufferPointer(
                start: ring + start,
                count: min(left, capacity - start)
            )
            body(UnsafeRawBufferPointer(run))
            wipe(run)
            slot.pointee.start = (start + run.count) % capacity
            slot.pointee.count -= run.count
            left -= run.count
        }
    }

    private func withSlot<R>(
        _ source: Int,
        _ body: (UnsafeMutablePointer<Slot>, UnsafeMutablePointer<UInt8>) -> R
    ) -> R {
        precondition((0..<sourceCount).contains(source))
        return memory.withMutableBytes { bytes in
            let slots = bytes.baseAddress!.assumingMemoryBound(to: Slot.self)
            let rings = UnsafeMutableRawPointer(slots + sourceCount)
                .assumingMemoryBound(to: UInt8.self)
            return body(slots + source, rings + source * capacity)
        }
    }

    /// Samples. The longest health window is that of the adaptive proportion test, 1,024 samples
    /// (SP 800-90B section 4.4.2); two of them and a batch as large again always fit.
    package static let defaultCapacity = 4096
}

/// Book-keeping of one source. All zeros is an empty one, as the memory is at first and in a
/// forked child.
private struct Slot {
    /// Offset of the oldest sample.
    var start: Int
    /// Samples in the ring.
    var count: Int
    /// Undecided samples, older than those, that had to leave.
    var evicted: Int
}
