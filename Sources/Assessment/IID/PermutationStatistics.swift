// Values of the statistics of the permutation test (SP 800-90B, section 5.1).
// SPDX-License-Identifier: Apache-2.0

/// The 19 values of one sequence, named as the reference tool prints them.
package struct PermutationStatistics: Sendable, Equatable, Encodable {
    /// Largest distance of a partial sum from its expectation, in units of the symbols (5.1.1).
    package internal(set) var excursion = 0.0
    /// Runs of steps up and down (5.1.2).
    package internal(set) var numDirectionalRuns = 0
    /// Longest run of steps up or down (5.1.3).
    package internal(set) var lenDirectionalRuns = 0
    /// The larger of the numbers of steps up and down (5.1.4).
    package internal(set) var numIncreasesDecreases = 0
    /// Runs of symbols at or above and below the median (5.1.5).
    package internal(set) var numRunsMedian = 0
    /// Longest run of symbols at or above or below the median (5.1.6).
    package internal(set) var lenRunsMedian = 0
    /// Mean number of symbols up to a repeat, 0 if nothing repeats (5.1.7).
    package internal(set) var avgCollision = 0.0
    /// Largest number of symbols up to a repeat, 0 if nothing repeats (5.1.8).
    package internal(set) var maxCollision = 0
    /// Number of symbols that are equal to the one `PermutationStatistic.lags` later (5.1.9).
    package internal(set) var periodicity = [Int](repeating: 0, count: 5)
    /// Sum of the products of symbols at the distance of a lag (5.1.10).
    package internal(set) var covariance = [Int](repeating: 0, count: 5)
    /// Length in bytes of the compressed text (5.1.11).
    package internal(set) var compression = 0

    /// The value of one statistic; equal values stay equal as numbers of this type.
    package subscript(statistic: PermutationStatistic) -> Double {
        switch statistic {
        case .excursion: excursion
        case .numDirectionalRuns: Double(numDirectionalRuns)
        case .lenDirectionalRuns: Double(lenDirectionalRuns)
        case .numIncreasesDecreases: Double(numIncreasesDecreases)
        case .numRunsMedian: Double(numRunsMedian)
        case .lenRunsMedian: Double(lenRunsMedian)
        case .avgCollision: avgCollision
        case .maxCollision: Double(maxCollision)
        case .periodicity1, .periodicity2, .periodicity8, .periodicity16, .periodicity32:
            Double(periodicity[statistic.rawValue - PermutationStatistic.periodicity1.rawValue])
        case .covariance1, .covariance2, .covariance8, .covariance16, .covariance32:
            Double(covariance[statistic.rawValue - PermutationStatistic.covariance1.rawValue])
        case .compression: Double(compression)
        }
    }
}
