// Entropy that a conditioning component's output keeps (SP 800-90B, section 3.1.5).
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// The widths of a conditioning component and the entropy that goes in.
package struct ConditioningComponent: Sendable, Equatable {
    /// Bits of input per output (n_in), at least 1.
    package let inputBits: Int
    /// Bits of output (n_out), at least 1.
    package let outputBits: Int
    /// Narrowest internal width (nw), at least 1; for a hash its chaining value, for a CBC-MAC its block.
    package let narrowestBits: Int
    /// Min-entropy of the input in bits (h_in), 0...n_in.
    package let inputEntropy: Double

    /// Nil unless all widths are positive and the entropy fits the input.
    package init?(inputBits: Int, outputBits: Int, narrowestBits: Int, inputEntropy: Double) {
        let widths = 1...Self.widest
        guard widths.contains(inputBits), widths.contains(outputBits),
            widths.contains(narrowestBits), (0...Double(inputBits)).contains(inputEntropy)
        else { return nil }
        self.inputBits = inputBits
        self.outputBits = outputBits
        self.narrowestBits = narrowestBits
        self.inputEntropy = inputEntropy
    }

    /// Output_Entropy(n_in, n_out, nw, h_in) of section 3.1.5.1.2, for a vetted component.
    ///
    /// The formula asks for as many digits as the component has bits. Here each probability is the
    /// expected one, 2^-m with m = min(h_in, n), times 1 + x, and x is computed without cancellation;
    /// h_out = m - log2(1 + x).
    package var vettedOutput: ConditionedEntropy {
        let inputWidth = Double(inputBits)
        // Step: nw is at most n_in; n is the narrower of output and internal width.
        let n = Double(min(outputBits, narrowestBits, inputBits))
        let h = inputEntropy
        let isLimitedByInput = h < n
        let m = min(h, n)
        let rest = 1 - exp2(-inputWidth)
        // P_low 2^n_in, and its distance to 1.
        let low = -expm1(-h * M_LN2) / rest
        let lowExcess = (exp2(-inputWidth) - exp2(-h)) / rest
        // sqrt(2 n 2^(n_in - n) ln 2) as a share of 2^(n_in - n).
        let spread = sqrt(2 * n * M_LN2)
        let spreadLog2 = log2(spread) + (n - inputWidth) / 2

        let (psi, omega): (Double, Double)
        if isLimitedByInput {
            psi = low * exp2(h - n)
            omega = low * (exp2(h - n) + exp2(h - n + spreadLog2)) - 1
        } else {
            psi = lowExcess + exp2(n - h)
            omega = lowExcess + low * exp2(spreadLog2)
        }
        let excess = max(psi, omega)
        let lost = log1p(excess) / M_LN2
        // Where x is below the smallest number, its logarithm is the leading term's.
        let lostLog2 =
            excess >= .leastNormalMagnitude
            ? log2(lost)
            : (isLimitedByInput ? h - n : max(n - h, spreadLog2)) - log2(M_LN2)
        return ConditionedEntropy(
            bits: max(0, m - lost),
            bound: m,
            relativeLossLog2: m > 0 ? lostLog2 - log2(m) : 0,
            hasFullEntropyInput: h >= Double(outputBits) + fullEntropyMargin
        )
    }

    /// The same for a component that is not vetted: min(h_out, 0.999 n_out, h' n_out) of section
    /// 3.1.5.2, with h' the estimate per bit of the conditioned output, 0...1.
    package func unvettedOutput(estimatePerBit: Double) -> Double {
        let width = Double(outputBits)
        return min(vettedOutput.bits, 0.999 * width, estimatePerBit * width)
    }

    /// Widest component that is computed: far above any that exists, far below where a Double loses
    /// whole bits.
    package static let widest = 1 << 24
}

/// What comes out of a vetted conditioning component.
package struct ConditionedEntropy: Sendable, Equatable, Encodable {
    /// h_out in bits.
    package let bits: Double
    /// What it falls short of: min(h_in, n_out, nw, n_in).
    package let bound: Double
    /// log2 of the shortfall as a share of ``bound``, however small; 0 if nothing comes out.
    package let relativeLossLog2: Double
    /// Whether h_in is at least n_out + 64, from where on the output counts as full entropy (FIPS 140-3
    /// implementation guidance D.K).
    package let hasFullEntropyInput: Bool
}

/// Bits of input entropy beyond the output's width that full entropy asks for (FIPS 140-3 IG D.K).
private let fullEntropyMargin = 64.0
