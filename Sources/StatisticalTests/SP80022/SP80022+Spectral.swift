// Discrete Fourier transform (spectral) test (SP 800-22 rev. 1a, section 2.6).
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

extension SP80022.Spectrum {
    /// Section 2.6: how many peaks of the first half of the spectrum are below the threshold that
    /// 95 % are below.
    mutating func spectral(_ bits: SP80022.Bits) -> Double {
        let count = Double(bits.count)
        let below = countPeaks(bits, below: Self.squaredThreshold * count)
        let expected = 0.95 * count / 2
        let variance = count * 0.95 * 0.05 / 4
        return erfc(abs(Double(below) - expected) / variance.squareRoot() / 2.0.squareRoot())
    }

    /// T^2 / n = ln(1 / 0.05), with the digits of section 2.6.4 (4).
    private static let squaredThreshold = 2.995732274
}
