// From a claim to credit: the one place where samples become bits of entropy.
// SPDX-License-Identifier: Apache-2.0

package import Entropy

/// What a source's samples count for: its claimed min-entropy per sample, at most the sample's
/// width, times a safety factor; nothing where nobody claims anything.
///
/// It does not judge the claim, and it does not know whether the samples passed their health tests:
/// ask only for those that did.
package struct CreditPolicy: Sendable, Equatable {
    package let claim: EntropyClaim
    package let safetyFactor: Double

    /// Credit per sample, in units of ``Credit``, rounded down.
    let unitsPerSample: Int64

    /// Nil unless `safetyFactor` is in 0...1 and `sampleBits` in 1...64.
    package init?(
        claim: EntropyClaim,
        sampleBits: Int,
        safetyFactor: Double = CreditPolicy.defaultSafetyFactor
    ) {
        guard (0...1).contains(safetyFactor), (1...64).contains(sampleBits) else { return nil }
        self.claim = claim
        self.safetyFactor = safetyFactor
        let rate = min(claim.minEntropy.value, Double(sampleBits)) * safetyFactor
        unitsPerSample = claim.origin == .none ? 0 : Int64(rate * Double(Credit.unitsPerBit))
    }

    /// For a source described by `descriptor`; nil unless `safetyFactor` is in 0...1.
    package init?(
        for descriptor: NoiseSourceDescriptor,
        safetyFactor: Double = CreditPolicy.defaultSafetyFactor
    ) {
        self.init(
            claim: descriptor.claim,
            sampleBits: descriptor.sampleBits,
            safetyFactor: safetyFactor
        )
    }

    /// The credit for `samples` samples, never negative; more than 2^32 count as 2^32.
    package func credit(samples: Int) -> Credit {
        Credit(units: unitsPerSample * Int64(min(max(samples, 0), maximumSampleCount)))
    }

    /// Half of what was assessed: estimates from a million samples of one machine are uncertain,
    /// and the next machine is another one.
    package static let defaultSafetyFactor = 0.5
}

/// An amount of entropy that counts. Only ``CreditPolicy`` makes one; others can only shrink it.
///
/// It is a whole number of units of 2^-24 bit, so that sums neither drift nor depend on their
/// order.
package struct Credit: Comparable, Sendable, Hashable {
    let units: Int64

    fileprivate init(units: Int64) { self.units = units }

    package var bits: Bits { Bits(Double(units) / Double(Credit.unitsPerBit)) }

    package static let zero = Credit(units: 0)

    package static func < (a: Credit, b: Credit) -> Bool { a.units < b.units }

    /// This credit, but no more than `limit` units (at least 0).
    func atMost(_ limit: Int64) -> Credit { Credit(units: min(units, max(0, limit))) }

    /// A claim of 0.001 bit per sample still has four significant digits, and 2^32 samples of 64
    /// bits (2^62 units) fit.
    static let unitsPerBit: Int64 = 1 << 24
}

/// 2^62 units are 2^32 samples x 64 bits x 2^24 units per bit.
private let maximumSampleCount = 1 << 32
