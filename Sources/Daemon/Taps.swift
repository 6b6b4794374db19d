// The two qualities a listener can have: full entropy from the pool, and the DRBG seeded from it.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import EGDService
internal import Entropy
internal import Glibc
internal import LinuxSystem
internal import RandomBitGenerator
internal import Synchronization

/// Every byte is backed by credit; clients wait when there is none.
final class FullEntropyTap: EntropyTap {
    private let pool: Pool
    private let writers: TrustedWriters?

    init(_ pool: Pool, writers: TrustedWriters? = nil) {
        (self.pool, self.writers) = (pool, writers)
    }

    func take(into buffer: UnsafeMutableRawBufferPointer) -> Int { pool.take(into: buffer) }
    var availableBits: Int { pool.level * 8 }
    func mix(_ bytes: UnsafeRawBufferPointer) { pool.mix(bytes) }

    func creditableCount(claimedBits: Int, byteCount: Int) -> Int {
        writers?.creditableCount(claimedBits: claimedBits, byteCount: byteCount) ?? 0
    }

    func contribute(_ bytes: UnsafeRawBufferPointer) {
        if let writers { writers.contribute(bytes) } else { pool.mix(bytes) }
    }

    // The pool gathers whenever it is below its mark; there is nobody else to ask.
    func requestMore() {}
}

/// SP 800-90A output; waits only before the first seed.
final class GeneratorTap: EntropyTap {
    private let pool: Pool
    private let writers: TrustedWriters?
    private let state: Mutex<State>

    private struct State: ~Copyable {
        var stream: DRBGStream?
        var policy: DRBGStream.ReseedPolicy
        var error: RandomBitGeneratorError?
    }

    init(_ pool: Pool, policy: DRBGStream.ReseedPolicy, writers: TrustedWriters? = nil) {
        self.pool = pool
        self.writers = writers
        state = Mutex(State(stream: nil, policy: policy))
    }

    func take(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        state.withLock { state in
            var supply = PoolSeedSupply(pool: pool)
            // Coarse: a seed's age is compared with seconds. Time asleep does not age it.
            let now = SystemClock.awakeCoarse
            do throws(RandomBitGeneratorError) {
                if state.stream == nil {
                    state.stream = try Self.makeStream(state.policy, now: now, from: &supply)
                }
                try state.stream?.take(into: buffer, now: now, from: &supply)
                state.error = nil
                return buffer.count
            } catch {
                state.error = error
                return 0
            }
        }
    }

    /// Takes the first seed before the first client asks, where there is one.
    func prepare() {
        _ = take(into: UnsafeMutableRawBufferPointer(start: nil, count: 0))
    }

    /// Bits, for command 00: a generator has no level, so this is the constant that EGD clients of old
    /// servers know (PRNGD's pool), once there is a seed.
    var availableBits: Int { facts.seeded ? generatorLevelBits : 0 }

    func mix(_ bytes: UnsafeRawBufferPointer) { pool.mix(bytes) }

    func creditableCount(claimedBits: Int, byteCount: Int) -> Int {
        writers?.creditableCount(claimedBits: claimedBits, byteCount: byteCount) ?? 0
    }

    func contribute(_ bytes: UnsafeRawBufferPointer) {
        if let writers { writers.contribute(bytes) } else { pool.mix(bytes) }
    }

    func requestMore() {}

    var facts: StatusReport.Generator {
        state.withLock { state in
            guard let facts = state.stream?.facts else {
                return StatusReport.Generator(seeded: false, reseeds: 0, generatedBytes: 0)
            }
            return StatusReport.Generator(
                seeded: true,
                reseeds: facts.reseeds,
                generatedBytes: facts.bytesDelivered
            )
        }
    }

    /// Why the generator gives nothing, if it failed for another reason than a missing first seed.
    var failure: String? {
        state.withLock { state in
            state.error.flatMap { $0.code == .noSeed ? nil : $0.description }
        }
    }

    private static func makeStream(
        _ policy: DRBGStream.ReseedPolicy,
        now: Duration,
        from supply: inout PoolSeedSupply
    ) throws(RandomBitGeneratorError) -> DRBGStream {
        // Not secret: tells the streams of two processes apart, whatever their seeds.
        var identity = (UInt64(getpid()), UInt64(SystemClock.secondsSinceEpoch), ws_cycles())
        return try withUnsafeBytes(of: &identity) {
            (bytes: UnsafeRawBufferPointer) throws(RandomBitGeneratorError) in
            try DRBGStream(personalization: bytes, policy: policy, now: now, from: &supply)
        }
    }
}

/// Seeds from full-entropy blocks, all or nothing.
private struct PoolSeedSupply: SeedSupply {
    let pool: Pool

    mutating func fill(into seed: UnsafeMutableRawBufferPointer) -> Bool {
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

/// Bits.
private let generatorLevelBits = 32_768
