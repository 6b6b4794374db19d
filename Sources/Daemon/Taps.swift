// The two qualities a listener can have: full entropy from the pool, and the DRBG seeded from it.
// SPDX-License-Identifier: Apache-2.0

internal import EGDService
internal import Entropy
internal import LinuxSystem
internal import RandomBitGenerator
internal import Synchronization

/// Every byte is backed by credit; clients wait when there is none.
final class FullEntropyTap: EntropyTap {
    private let pool: Pool

    init(_ pool: Pool) { self.pool = pool }

    func take(into buffer: UnsafeMutableRawBufferPointer) -> Int { pool.take(into: buffer) }
    var availableBits: Int { pool.level * 8 }
    func mix(_ bytes: UnsafeRawBufferPointer) { pool.mix(bytes) }
    // The pool gathers whenever it is below its mark; there is nobody else to ask.
    func requestMore() {}
}

/// SP 800-90A output; waits only before the first seed.
final class GeneratorTap: EntropyTap {
    private let pool: Pool
    private let state: Mutex<State>

    private struct State: ~Copyable {
        var stream: DRBGStream
        var error: String?
    }

    init(_ pool: Pool, limits: DRBGStream.Limits) {
        self.pool = pool
        state = Mutex(State(stream: DRBGStream(limits: limits)))
    }

    func take(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        state.withLock { state in
            var supply = PoolSeedSupply(pool: pool)
            do throws(DRBGError) {
                let count = try state.stream.read(
                    into: buffer, at: SystemClock.now, seedSupply: &supply)
                state.error = nil
                return count
            } catch {
                state.error = error.description
                return 0
            }
        }
    }

    /// What EGD clients may ask for at once: a generator has no level of its own.
    var availableBits: Int { facts.seeded ? generatorLevelBits : 0 }

    func mix(_ bytes: UnsafeRawBufferPointer) { pool.mix(bytes) }
    func requestMore() {}

    var facts: StatusReport.Generator {
        state.withLock { state in
            StatusReport.Generator(
                seeded: state.stream.isSeeded, reseeds: state.stream.reseedCount,
                generatedBytes: state.stream.generatedByteCount)
        }
    }

    /// Why the generator gives nothing, if it failed.
    var error: String? { state.withLock { $0.error } }
}

/// Seeds from full-entropy blocks, all or nothing.
private struct PoolSeedSupply: SeedSupply {
    let pool: Pool

    mutating func fill(_ seed: UnsafeMutableRawBufferPointer) -> Bool {
        // Asked first, so that a pool that holds too little keeps what it holds.
        guard pool.level >= seed.count else { return false }
        let count = pool.take(into: seed)
        guard count == seed.count else {
            // Somebody was quicker; what came is not enough and is not used for anything else.
            wipe(seed)
            return false
        }
        return true
    }
}

/// Bits. PRNGD's pool size of old, which its clients know.
private let generatorLevelBits = 32_768
