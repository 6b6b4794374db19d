// The statistics of the permutation test (SP 800-90B, section 5.1).
// SPDX-License-Identifier: Apache-2.0

/// The 19 statistics: eleven kinds, two of them at five lags each.
package enum PermutationStatistic: Int, Sendable, CaseIterable {
    case excursion
    case numDirectionalRuns
    case lenDirectionalRuns
    case numIncreasesDecreases
    case numRunsMedian
    case lenRunsMedian
    case avgCollision
    case maxCollision
    case periodicity1
    case periodicity2
    case periodicity8
    case periodicity16
    case periodicity32
    case covariance1
    case covariance2
    case covariance8
    case covariance16
    case covariance32
    case compression

    /// The name that the reference tool prints, such as "periodicity(8)".
    package var name: String {
        if let lag = periodicityLag { return "periodicity(\(lag))" }
        if let lag = covarianceLag { return "covariance(\(lag))" }
        return String(describing: self)
    }

    /// Distances in symbols at which periodicity and covariance are measured (5.1.9, 5.1.10).
    package static let lags = [1, 2, 8, 16, 32]

    /// The lag of a periodicity, nil for others.
    var periodicityLag: Int? { lag(from: .periodicity1) }
    /// The lag of a covariance, nil for others.
    var covarianceLag: Int? { lag(from: .covariance1) }

    private func lag(from first: Self) -> Int? {
        let place = rawValue - first.rawValue
        return Self.lags.indices.contains(place) ? Self.lags[place] : nil
    }
}

/// A set of statistics.
package struct PermutationStatisticSet: OptionSet, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    package init(_ statistic: PermutationStatistic) {
        rawValue = 1 << UInt32(statistic.rawValue)
    }

    package func contains(_ statistic: PermutationStatistic) -> Bool {
        contains(Self(statistic))
    }

    package static let all = Self(rawValue: 1 << 19 - 1)
    static let directional: Self = [
        Self(.numDirectionalRuns), Self(.lenDirectionalRuns), Self(.numIncreasesDecreases),
    ]
    static let median: Self = [Self(.numRunsMedian), Self(.lenRunsMedian)]
    static let collision: Self = [Self(.avgCollision), Self(.maxCollision)]
}
