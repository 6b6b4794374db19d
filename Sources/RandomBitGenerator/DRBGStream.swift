// A generator that hands out any number of bytes and keeps itself seeded.
// SPDX-License-Identifier: Apache-2.0

internal import Entropy

/// Where seeds come from. A stream asks for 48 bytes of full entropy.
package protocol SeedSupply: ~Copyable {
    /// Fills all of `seed` and returns true, or returns false. Must not wait.
    mutating func fill(into seed: UnsafeMutableRawBufferPointer) -> Bool
}

/// CTR_DRBG behind a buffer: generates in large requests, hands out byte by byte, wipes what it
/// hands out, and reseeds itself by amount and by age, as far as there are seeds.
///
/// Without new seeds it goes on until ``CTRDRBG/requestsPerSeed``; how long that has been so is in
/// ``facts``. In a forked child it refuses. It knows no clock: `now` is the time since any fixed
/// start.
package struct DRBGStream: ~Copyable {
    /// When to ask for a new seed, whichever comes first.
    package struct ReseedPolicy: Sendable, Equatable {
        /// Bytes handed out since the last seed.
        package var byteCount: UInt64
        /// Time since the last seed.
        package var age: Duration
        /// Time to wait after a supply that had none.
        package var retry: Duration

        package init(
            byteCount: UInt64 = 1 << 28,
            age: Duration = .seconds(60),
            retry: Duration = .seconds(1)
        ) {
            self.byteCount = byteCount
            self.age = age
            self.retry = retry
        }
    }

    package struct Facts: Sendable, Equatable {
        package fileprivate(set) var bytesDelivered: UInt64 = 0
        package fileprivate(set) var bytesSinceSeed: UInt64 = 0
        package fileprivate(set) var reseeds: UInt64 = 0
        /// Reseeds that were due, asked for, and not to be had.
        package fileprivate(set) var missedReseeds: UInt64 = 0
        package fileprivate(set) var lastSeed: Duration
    }

    package private(set) var facts: Facts
    private let policy: ReseedPolicy
    private var nextTry: Duration
    private var drbg: CTRDRBG
    private let guardian = ForkGuard()
    /// Bytes ready (8 bytes), then the buffer, filled at its end. The count lies in secret memory
    /// so that a forked child finds nothing ready.
    private let memory = SecretBytes(count: 8 + DRBGStream.requestByteCount)
    private let seed = SecretBytes(count: CTRDRBG.seedByteCount)

    /// Throws `noSeed` when `supply` has none. `personalization`, at most 48 bytes, tells streams
    /// apart; it need not be secret.
    package init<Supply: SeedSupply & ~Copyable>(
        personalization: UnsafeRawBufferPointer,
        policy: ReseedPolicy = ReseedPolicy(),
        now: Duration,
        from supply: inout Supply
    ) throws(RandomBitGeneratorError) {
        drbg = try seed.withMutableBytes { (seed) throws(RandomBitGeneratorError) in
            defer { wipe(seed) }
            guard supply.fill(into: seed) else { throw RandomBitGeneratorError(code: .noSeed) }
            return try CTRDRBG(
                fullEntropySeed: UnsafeRawBufferPointer(seed),
                personalization: personalization
            )
        }
        self.policy = policy
        facts = Facts(lastSeed: now)
        nextTry = now
    }

    /// Fills all of `output`, reseeding first where that is due. On error `output` is wiped.
    package mutating func take<Supply: SeedSupply & ~Copyable>(
        into output: UnsafeMutableRawBufferPointer,
        now: Duration,
        from supply: inout Supply
    ) throws(RandomBitGeneratorError) {
        do throws(RandomBitGeneratorError) {
            guard guardian.isSameProcess else {
                throw RandomBitGeneratorError(code: .otherProcess)
            }
            var filled = 0
            repeat {
                try reseedIfDue(now: now, from: &supply)
                // In steps of one request, so that the limit by amount holds inside long takes too.
                let end = min(output.count, filled + DRBGStream.requestByteCount)
                let part = UnsafeMutableRawBufferPointer(rebasing: output[filled..<end])
                try fill(part)
                filled = end
                facts.bytesSinceSeed += UInt64(part.count)
                facts.bytesDelivered += UInt64(part.count)
            } while filled < output.count
        } catch {
            wipe(output)
            throw error
        }
    }

    package func isSeedDue(now: Duration) -> Bool {
        facts.bytesSinceSeed >= policy.byteCount || now - facts.lastSeed >= policy.age
    }

    /// For tests that observe a wipe: count and buffer.
    borrowing func withBuffer<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
        memory.withBytes(body)
    }

    private mutating func reseedIfDue<Supply: SeedSupply & ~Copyable>(
        now: Duration,
        from supply: inout Supply
    ) throws(RandomBitGeneratorError) {
        guard isSeedDue(now: now), now >= nextTry else { return }
        let isSeeded = try seed.withMutableBytes { (seed) throws(RandomBitGeneratorError) in
            defer { wipe(seed) }
            guard supply.fill(into: seed) else { return false }
            try drbg.reseed(entropy: UnsafeRawBufferPointer(seed))
            return true
        }
        guard isSeeded else {
            facts.missedReseeds += 1
            nextTry = now + policy.retry
            return
        }
        // What is left of the old seed is not handed out under the new one.
        memory.wipe()
        facts.reseeds += 1
        facts.bytesSinceSeed = 0
        facts.lastSeed = now
    }

    /// At most one request.
    private mutating func fill(
        _ output: UnsafeMutableRawBufferPointer
    ) throws(RandomBitGeneratorError) {
        try memory.withMutableBytes { (bytes) throws(RandomBitGeneratorError) in
            let ready = bytes.baseAddress!.assumingMemoryBound(to: Int.self)
            let buffer = UnsafeMutableRawBufferPointer(rebasing: bytes[8...])
            let first = min(output.count, ready.pointee)
            hand(first, of: buffer, ready, to: output, at: 0)
            let rest = output.count - first
            guard rest > 0 else { return }
            guard rest < buffer.count else {
                // A whole request needs no buffer.
                return try drbg.generate(into: output)
            }
            try drbg.generate(into: buffer)
            ready.pointee = buffer.count
            hand(rest, of: buffer, ready, to: output, at: first)
        }
    }

    /// Bytes. At most 2^19 bits, the limit of one request (SP 800-90A table 3); buffer, cipher
    /// output and destination together stay in a level 2 cache, and replacing the key costs little.
    package static let requestByteCount = 16_384
}

/// Moves the oldest `count` ready bytes out and wipes them.
private func hand(
    _ count: Int,
    of buffer: UnsafeMutableRawBufferPointer,
    _ ready: UnsafeMutablePointer<Int>,
    to output: UnsafeMutableRawBufferPointer,
    at offset: Int
) {
    guard count > 0 else { return }
    let start = buffer.count - ready.pointee
    let bytes = UnsafeMutableRawBufferPointer(rebasing: buffer[start..<(start + count)])
    UnsafeMutableRawBufferPointer(rebasing: output[offset..<(offset + count)])
        .copyMemory(from: UnsafeRawBufferPointer(bytes))
    wipe(bytes)
    ready.pointee -= count
}
