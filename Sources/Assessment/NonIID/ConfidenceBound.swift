// Upper confidence bound of a probability and its min-entropy (SP 800-90B, section 6.3.1).
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A probability that keeps its distance to 1 apart, so that tiny entropies lose no digits.
struct PreciseProbability {
    /// The probability, 0...1.
    let value: Double
    /// 1 minus the probability, computed without cancellation.
    let complement: Double

    /// The ratio of two counts, `part` at most `whole`.
    init(_ part: Int, of whole: Int) {
        value = Double(part) / Double(whole)
        complement = Double(whole - part) / Double(whole)
    }

    /// The probability with the natural logarithm given, which is at most 0.
    init(logarithm: Double) {
        value = exp(logarithm)
        complement = -expm1(logarithm)
    }

    /// The probability whose complement has the natural logarithm given, which is at most 0.
    init(complementLogarithm: Double) {
        value = -expm1(complementLogarithm)
        complement = exp(complementLogarithm)
    }

    private init(value: Double, complement: Double) {
        self.value = value
        self.complement = complement
    }

    /// min(1, p + Z sqrt(p (1 - p) / (count - 1))), the upper end of the 99 % confidence interval.
    func upperBound(count: Int, following reference: Reference) -> PreciseProbability {
        let margin =
            reference.normalQuantile * sqrt(value * complement / Double(count - 1))
        return PreciseProbability(
            value: min(1, value + margin),
            complement: max(0, complement - margin)
        )
    }

    /// -log2 of the probability in bits, never a negative zero.
    var minEntropy: Double {
        complement < 0.5 ? 0 - log1p(-complement) / M_LN2 : 0 - log2(value)
    }
}
