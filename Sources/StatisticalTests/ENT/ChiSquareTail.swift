// The chi-square distribution's upper tail for ENT 1.2.
// SPDX-License-Identifier: Apache-2.0

internal import Assessment

/// Probability that a chi-square variable with `degrees` degrees of freedom exceeds `value`.
func chiSquareTail(_ value: Double, degrees: Int) -> Double {
    upperIncompleteGamma(Double(degrees) / 2, value / 2)
}
