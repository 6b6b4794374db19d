// How much of a block the kernel is told to believe.
// SPDX-License-Identifier: Apache-2.0

package import Entropy

/// The operator's rule for crediting blocks.
package enum CreditRule: Sendable, Equatable {
    /// What the supply assessed, and nothing beyond it.
    case assessed
    /// Mix only.
    case none
    /// The operator's own statement, 0 < x <= 8, in place of the supply's.
    case bitsPerByte(Double)

    /// The credit for a block of `byteCount` bytes that was assessed at `assessed`. At most 8 bits
    /// per byte whatever the rule.
    package func credit(assessed: Bits, byteCount: Int) -> Bits {
        let most = Bits(Double(byteCount * 8))
        switch self {
        case .assessed: return min(assessed, most)
        case .none: return .zero
        case .bitsPerByte(let rate): return min(Bits(Double(byteCount) * rate), most)
        }
    }
}
