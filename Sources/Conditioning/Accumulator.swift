// The conditioning component: one SHA-512 chain (SP 800-90B section 3.1.5.1.1, vetted).
// SPDX-License-Identifier: Apache-2.0

package import Entropy

/// Condenses samples into full-entropy blocks of 64 bytes.
///
/// Mixing and crediting are separate: anything may be mixed, any number of times, and never lowers
/// what is there; only credit opens a block. A block is SHA-512 over everything mixed since the
/// last one, the key that the last one left behind, and an ending that says "block"; the next key
/// is the same with an ending that says "key". Hence neither does a block tell the next key, nor
/// does a key, should it leak, tell any earlier block; and the next block needs new entropy.
///
/// **No credit carries over a draw.** Whatever was credited was mixed before and went into the
/// block, so a surplus above ``blockCriterionBits`` is spent with it (SP 800-90C counts an input
/// towards one output only). For the same reason credit beyond the criterion is not even kept:
/// whoever wants no loss mixes in small pieces, as ``EntropyPool`` does.
///
/// In a forked child state and credit read as zero, so that it has no block to give.
package struct Accumulator: ~Copyable {
    private var chain = SHA512()
    private var ending = SHA512()
    /// Credited units, and 64 bytes of scratch for the key. It lies in secret memory for the sake
    /// of forked children: the kernel wipes the credit there together with the state.
    private let memory = SecretBytes(count: 8 + SHA512.digestByteCount)

    package init() {}

    /// Mixes any bytes, as a record of its own kind.
    package mutating func mix(_ bytes: UnsafeRawBufferPointer) {
        append(to: &chain, .bytes, byteCount: bytes.count)
        chain.update(bytes)
    }

    /// Mixes the low `sampleBits` bits (1...8) of each sample as one byte each, under the name of
    /// the source, so that the samples of two sources never pass for each other's.
    package mutating func mix(
        samples: UnsafeBufferPointer<RawSample>,
        sampleBits: Int,
        source: Int
    ) {
        begin(sampleCount: samples.count, sampleBits: sampleBits, source: source)
        chain.update(samples: samples, mask: (1 << RawSample(sampleBits)) - 1)
    }

    /// The same for samples that are one byte each already.
    package mutating func mix(
        sampleBytes: UnsafeRawBufferPointer,
        sampleBits: Int,
        source: Int
    ) {
        begin(sampleCount: sampleBytes.count, sampleBits: sampleBits, source: source)
        chain.update(sampleBytes)
    }

    private mutating func begin(sampleCount: Int, sampleBits: Int, source: Int) {
        precondition((1...8).contains(sampleBits))
        append(
            to: &chain,
            .samples,
            sampleBits: sampleBits,
            source: source,
            byteCount: sampleCount
        )
    }

    /// Counts entropy of samples that were mixed since the last draw, up to one block's need.
    package mutating func credit(_ credit: Credit) {
        let missing = Accumulator.blockCriterionUnits - creditedUnits
        memory.withMutableBytes { bytes in
            let sum = Accumulator.blockCriterionUnits - missing + credit.atMost(missing).units
            bytes.storeBytes(of: sum, as: Int64.self)
        }
    }

    /// Writes 64 bytes of full entropy to the start of `block` and starts over without credit.
    /// False, and nothing changes, when less than ``blockCriterionBits`` was credited.
    package mutating func drawBlock(into block: UnsafeMutableRawBufferPointer) -> Bool {
        precondition(block.count >= Accumulator.blockByteCount)
        guard isBlockReady else { return false }
        finish(.blockEnding, of: chain, with: &ending, into: block)
        memory.withMutableBytes { bytes in
            let key = UnsafeMutableRawBufferPointer(rebasing: bytes[8...])
            finish(.keyEnding, of: chain, with: &ending, into: key)
            chain.reset()
            append(to: &chain, .key, byteCount: key.count)
            chain.update(UnsafeRawBufferPointer(key))
            wipe(bytes)
        }
        return true
    }

    package var isBlockReady: Bool { creditedUnits >= Accumulator.blockCriterionUnits }

    /// What was credited since the last draw, at most ``blockCriterionBits``.
    package var creditedBits: Bits {
        Bits(Double(creditedUnits) / Double(Credit.unitsPerBit))
    }

    var creditedUnits: Int64 { memory.withBytes { $0.load(as: Int64.self) } }

    /// For tests that observe a wipe: the chain, the scratch computation, credit and key scratch.
    borrowing func withState<R>(
        _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> R
    ) -> R {
        chain.withState { chain in
            ending.withState { ending in memory.withBytes { body(chain, ending, $0) } }
        }
    }

    /// 512 bits: the output of SHA-512, untruncated.
    package static let blockByteCount = SHA512.digestByteCount

    /// SP 800-90C: a vetted conditioning component's output of n bits has full entropy when its
    /// input holds at least n + 64 bits of it. n = 512.
    package static let blockCriterionBits = 8 * blockByteCount + fullEntropyMarginBits

    /// SP 800-90C, the excess that brings the output within 2^-64 of full entropy, in bits.
    package static let fullEntropyMarginBits = 64

    static let blockCriterionUnits = Int64(blockCriterionBits) * Credit.unitsPerBit

}

/// Every record starts with its kind and its length, so that two different sequences of calls never
/// hash the same bytes.
private enum RecordKind: UInt8 {
    case bytes = 1
    case samples = 2
    case key = 3
    case blockEnding = 4
    case keyEnding = 5
}

/// The digest of what `chain` holds and the ending `kind`; `chain` stays as it is.
private func finish(
    _ kind: RecordKind,
    of chain: borrowing SHA512,
    with ending: inout SHA512,
    into digest: UnsafeMutableRawBufferPointer
) {
    ending.copyState(of: chain)
    append(to: &ending, kind, byteCount: 0)
    ending.finalize(into: digest)
}

/// Sixteen bytes: kind, width of a sample in bits, two zeros, source and length, big-endian.
private func append(
    to hash: inout SHA512,
    _ kind: RecordKind,
    sampleBits: Int = 0,
    source: Int = 0,
    byteCount: Int
) {
    let what = UInt64(kind.rawValue) << 56 | UInt64(sampleBits) << 48
    let header = (
        (what | UInt64(UInt32(truncatingIfNeeded: source))).bigEndian, UInt64(byteCount).bigEndian
    )
    withUnsafeBytes(of: header) { hash.update($0) }
}
