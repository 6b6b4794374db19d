// Whose word counts where the text of SP 800-90B and NIST's reference tool differ.
// SPDX-License-Identifier: Apache-2.0

/// The text of the standard, or the tool SP800-90B_EntropyAssessment (v1.1.8), which laboratories run.
///
/// They differ in: the normal quantile (2.576 in the text, all digits in the tool); a MultiMMC step without
/// a prediction (a wrong prediction in the text, left out by the tool); the cut-off of the restart sanity
/// check (see `RestartCutoff`); and the rounding of the probabilities in the chi-square tests.
package enum Reference: String, Sendable, Equatable, CaseIterable, Codable {
    case nistTool = "nist-tool"
    case standard

    /// 0.995 quantile of the standard normal distribution: half-width, in standard errors, of the
    /// two-sided 99 % confidence interval (section 6.3.1, step 2).
    package var normalQuantile: Double {
        switch self {
        case .nistTool: Specification.normalQuantile
        case .standard: Specification.roundedNormalQuantile
        }
    }

    /// Whether a step in which the leading sub-predictor is silent counts as a wrong prediction
    /// (section 6.3.9, step 4).
    var countsSilence: Bool { self == .standard }
}
