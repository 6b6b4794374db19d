// Where a listener's bytes come from.
// SPDX-License-Identifier: Apache-2.0

/// A pool as the EGD server sees it. The server calls it from its own threads only.
///
/// Listeners with the same tap share one ring of waiting clients; hence a class.
///
/// Who adds bytes to the pool calls ``EGDServer/wake()`` afterwards. For no wake-up to be lost, adding
/// and ``take(into:)`` must be ordered by a lock or by sequentially consistent atomics.
package protocol EntropyTap: AnyObject, Sendable {
    /// Moves up to `buffer.count` bytes out of the pool into `buffer` and says how many. They are
    /// gone from the pool: the server delivers them once, or wipes and counts them. Must not wait.
    func take(into buffer: UnsafeMutableRawBufferPointer) -> Int
    /// Bits that could be taken now, for command `00`.
    var availableBits: Int { get }
    /// Takes what a client wrote with `03`, to be mixed with no credit. A write may come in pieces.
    func mix(_ bytes: UnsafeRawBufferPointer)
    /// How many of `byteCount` bytes that a trusted client wrote with a claim of `claimedBits` the tap
    /// takes for samples that may count.
    func creditableCount(claimedBits: Int, byteCount: Int) -> Int
    /// Takes bytes that may count, which a trusted client wrote. The tap tests them first.
    func contribute(_ bytes: UnsafeRawBufferPointer)
    /// Says that clients wait for bytes. Must not wait itself; may be called again and again.
    func requestMore()
}

/// A tap that credits nobody's writes.
extension EntropyTap {
    package func creditableCount(claimedBits: Int, byteCount: Int) -> Int { 0 }
    package func contribute(_ bytes: UnsafeRawBufferPointer) { mix(bytes) }
}
