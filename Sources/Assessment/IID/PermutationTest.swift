// Permutation testing (SP 800-90B, section 5.1).
// SPDX-License-Identifier: Apache-2.0

/// A sample and the statistics of its symbols in their own order. Workers compare these with the
/// statistics of permutations, a tally adds up what they find.
///
/// The caller runs each `PermutationWorker` on a thread of its own and keeps one `PermutationTally`
/// under a lock:
///
///     lock { tally.nextTask() } -> worker.run(task) -> lock { tally.add(counts) }
package struct PermutationTest: Sendable {
    /// Values of the statistics before any permutation.
    package let unpermuted: PermutationStatistics
    let sample: PreparedSample

    /// Computes the statistics of the sample as it is, the compression with libbz2.
    package init(_ sample: PreparedSample) {
        let work = PermutationSample(sample, compresses: false)
        var unpermuted = work.statistics(.all)
        unpermuted.compression = work.originalValues().withUnsafeBufferPointer(libraryTextLength)
        self.unpermuted = unpermuted
        self.sample = sample
    }
}

/// What a worker is to do next.
package struct PermutationTask: Sendable, Equatable {
    /// Number of permutations.
    package let rounds: Int
    /// Statistics that are compared after each.
    package let statistics: PermutationStatisticSet
}

/// How permutations compare with the sample, for each statistic by its raw value.
package struct PermutationCounts: Sendable, Equatable {
    /// Number of permutations.
    package private(set) var rounds = 0
    /// Comparisons of each statistic.
    package private(set) var comparisons = [PermutationComparison](
        repeating: PermutationComparison(),
        count: PermutationStatistic.allCases.count
    )

    package init() {}

    /// Adds one permutation.
    mutating func add(
        _ permuted: PermutationStatistics,
        against unpermuted: PermutationStatistics,
        _ statistics: PermutationStatisticSet
    ) {
        rounds += 1
        for statistic in PermutationStatistic.allCases where statistics.contains(statistic) {
            comparisons[statistic.rawValue].add(permuted[statistic], against: unpermuted[statistic])
        }
    }

    mutating func add(_ other: Self) {
        rounds += other.rounds
        for place in comparisons.indices { comparisons[place].add(other.comparisons[place]) }
    }
}

/// Counters of one statistic.
package struct PermutationComparison: Sendable, Equatable, Encodable {
    /// Permutations whose value is greater than the sample's (C0).
    package private(set) var greater = 0
    /// Permutations whose value is equal to the sample's (C1).
    package private(set) var equal = 0
    /// Permutations whose value is less than the sample's (C2).
    package private(set) var less = 0

    package init(greater: Int = 0, equal: Int = 0, less: Int = 0) {
        self.greater = greater
        self.equal = equal
        self.less = less
    }

    /// Number of comparisons.
    package var rounds: Int { greater + equal + less }

    /// Whether the statistic has passed. More rounds cannot change that.
    package var passes: Bool { greater + equal > Self.limit && equal + less > Self.limit }

    mutating func add(_ permuted: Double, against unpermuted: Double) {
        if permuted > unpermuted {
            greater += 1
        } else if permuted == unpermuted {
            equal += 1
        } else {
            less += 1
        }
    }

    mutating func add(_ other: Self) {
        greater += other.greater
        equal += other.equal
        less += other.less
    }

    /// Both C0 + C1 and C1 + C2 must exceed this: 0.05 % of the permutations (5.1, step 3).
    private static let limit = 5
}
