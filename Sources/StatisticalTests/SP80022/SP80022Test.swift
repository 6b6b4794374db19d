// The fifteen tests of SP 800-22 rev. 1a.
// SPDX-License-Identifier: Apache-2.0

/// A test, in the order and under the names of the reference program's reports. The raw value is the
/// name.
package enum SP80022Test: String, Sendable, CaseIterable, Encodable {
    case frequency = "Frequency"
    case blockFrequency = "BlockFrequency"
    case cumulativeSums = "CumulativeSums"
    case runs = "Runs"
    case longestRun = "LongestRun"
    case rank = "Rank"
    case spectral = "FFT"
    case nonOverlappingTemplate = "NonOverlappingTemplate"
    case overlappingTemplate = "OverlappingTemplate"
    case universal = "Universal"
    case approximateEntropy = "ApproximateEntropy"
    case randomExcursions = "RandomExcursions"
    case randomExcursionsVariant = "RandomExcursionsVariant"
    case serial = "Serial"
    case linearComplexity = "LinearComplexity"

    /// Section of SP 800-22 rev. 1a.
    package var section: String {
        switch self {
        case .frequency: "2.1"
        case .blockFrequency: "2.2"
        case .runs: "2.3"
        case .longestRun: "2.4"
        case .rank: "2.5"
        case .spectral: "2.6"
        case .nonOverlappingTemplate: "2.7"
        case .overlappingTemplate: "2.8"
        case .universal: "2.9"
        case .linearComplexity: "2.10"
        case .serial: "2.11"
        case .approximateEntropy: "2.12"
        case .cumulativeSums: "2.13"
        case .randomExcursions: "2.14"
        case .randomExcursionsVariant: "2.15"
        }
    }

    /// Names of the P-values in their order: directions, templates, states. Empty for a test that
    /// has one P-value.
    package func subtestNames(_ parameters: SP80022Parameters) -> [String] {
        switch self {
        case .cumulativeSums: ["forward", "backward"]
        case .nonOverlappingTemplate:
            SP80022.aperiodicTemplates(length: parameters.templateLength).map { template in
                let digits = String(template, radix: 2)
                return String(repeating: "0", count: parameters.templateLength - digits.count)
                    + digits
            }
        case .randomExcursions: SP80022.excursionStates.map { "\($0)" }
        case .randomExcursionsVariant: SP80022.variantStates.map { "\($0)" }
        case .serial: ["1", "2"]
        default: []
        }
    }
}
