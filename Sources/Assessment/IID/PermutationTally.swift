// Decision of permutation testing (SP 800-90B, section 5.1, step 3).
// SPDX-License-Identifier: Apache-2.0

/// Adds up what workers find, deals out what is left to do and says what is decided.
///
/// A statistic passes as soon as C0 + C1 > 5 and C1 + C2 > 5, which further permutations cannot undo,
/// and fails if it has not passed after 10,000. So the verdicts are those of the standard, which
/// always makes all 10,000.
///
/// They are random all the same. Let p be the true share of permutations whose value is at least
/// (or at most) the sample's, the smaller of the two: a statistic fails with probability
/// q = P(B <= 5), B binomial of 10,000 trials with p; q is 0.999 at p = 0.00011, 1/2 at
/// p = 0.00057 and 0.001 at p = 0.0016. Two runs, here or with the reference tool, disagree about a
/// statistic with probability 2 q (1 - q). For data that are IID, p is uniform and a statistic fails
/// with probability 12 / 10,001; two runs disagree about it with probability 0.00054.
package struct PermutationTally: Sendable, Equatable {
    /// Comparisons so far.
    package private(set) var counts = PermutationCounts()
    /// Permutations dealt out, at most 10,000.
    package private(set) var dealtRounds = 0

    /// Permutations that decide (section 5.1).
    package static let roundLimit = 10_000

    package init() {}

    /// Statistics that have neither passed nor had all permutations.
    package var undecided: PermutationStatisticSet {
        counts.rounds >= Self.roundLimit ? [] : failing
    }

    /// Whether nothing is left to do: all statistics have passed, or all permutations were made.
    package var isOver: Bool { undecided.isEmpty }

    /// The next few permutations to make, or nil if no more are needed than were dealt out. If
    /// another worker still runs when this returns nil, the test is over once that one has added.
    package mutating func nextTask(rounds: Int = 8) -> PermutationTask? {
        let rounds = min(rounds, Self.roundLimit - dealtRounds)
        guard rounds > 0, !isOver else { return nil }
        dealtRounds += rounds
        return PermutationTask(rounds: rounds, statistics: undecided)
    }

    /// Adds what a worker found.
    package mutating func add(_ other: PermutationCounts) {
        counts.add(other)
    }

    /// The result, or nil as long as something is left to do.
    package var result: PermutationResult? {
        guard isOver else { return nil }
        return PermutationResult(rounds: counts.rounds, comparisons: counts.comparisons)
    }

    private var failing: PermutationStatisticSet {
        var set: PermutationStatisticSet = []
        for statistic in PermutationStatistic.allCases
        where !counts.comparisons[statistic.rawValue].passes {
            set.insert(PermutationStatisticSet(statistic))
        }
        return set
    }
}

/// How permutation testing ended.
package struct PermutationResult: Sendable, Equatable, Encodable {
    /// Permutations made; fewer than 10,000 if everything passed before.
    package let rounds: Int
    /// Counters of each statistic at its raw value. Counting ends when a statistic passes.
    package let comparisons: [PermutationComparison]

    /// Whether one statistic passes.
    package func passes(_ statistic: PermutationStatistic) -> Bool {
        comparisons[statistic.rawValue].passes
    }

    /// Whether all statistics pass.
    package var passes: Bool { comparisons.allSatisfy(\.passes) }

    /// Writes the counters by the names of the statistics, and the verdict.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        let named = PermutationStatistic.allCases.map { ($0.name, comparisons[$0.rawValue]) }
        try container.encode(rounds, forKey: .rounds)
        try container.encode(passes, forKey: .passes)
        try container.encode(
            Dictionary(uniqueKeysWithValues: named),
            forKey: .comparisons
        )
    }

    private enum CodingKeys: String, CodingKey { case rounds, passes, comparisons }
}
