// One feed: a block from the supply, credited by the rule, into the kernel.
// SPDX-License-Identifier: Apache-2.0

internal import Entropy
package import KernelRandom

/// Supply, kernel and rule brought together. Knows no time.
package struct Feeding<Supply: BlockSupply, Device: RandomDevice & ~Copyable>: ~Copyable {
    package private(set) var totalBits = 0
    private var supply: Supply
    private var pool: KernelPool<Device>
    private let rule: CreditRule
    private let request: PoolRequest

    package init(
        supply: Supply,
        pool: consuming KernelPool<Device>,
        rule: CreditRule,
        blockByteCount: Int
    ) {
        self.supply = supply
        self.pool = pool
        self.rule = rule
        request = PoolRequest(byteCount: blockByteCount)
    }

    var descriptor: Int32 { pool.descriptor }

    /// Takes one block from the supply and gives it to the kernel. Whatever happens, the block's
    /// memory is wiped and its bytes are never offered again.
    package mutating func feed(reseed: Bool) throws(FeedFailure) -> FeedOutcome {
        defer { request.wipe() }
        let assessed: Bits
        do throws(SupplyError) {
            assessed = try request.withPayload { (bytes) throws(SupplyError) in
                try supply.fill(bytes)
            }
        } catch {
            throw .supply(error)
        }
        let credit = rule.credit(assessed: assessed, byteCount: request.byteCount)
        do throws(KernelRandomError) {
            let bits = try pool.add(request, credit: credit)
            totalBits += bits
            let wantsReseed = reseed && bits >= reseedCreditFloor
            return FeedOutcome(
                byteCount: request.byteCount,
                creditedBits: bits,
                reseed: wantsReseed ? try pool.reseed() : nil,
                entropyAvailable: try pool.entropyAvailable()
            )
        } catch {
            throw .kernel(error)
        }
    }
}

package struct FeedOutcome: Sendable, Equatable {
    package var byteCount: Int
    package var creditedBits: Int
    /// Nil when the credit was too small to rekey for, or it was not asked for.
    package var reseed: ReseedOutcome?
    package var entropyAvailable: Int
}

package enum FeedFailure: Error, Equatable {
    case supply(SupplyError)
    case kernel(KernelRandomError)
}

/// Bits; a generator rekeyed with less would be weaker than the least security strength that
/// SP 800-90A knows a DRBG for.
private let reseedCreditFloor = 128
