// Collision estimate (SP 800-90B, section 6.3.2).
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The entropy seen in the mean distance to the first repeated symbol, for binary sequences.
package struct CollisionEstimate: EntropyEstimate {
    /// Number of collisions (v).
    package let collisionCount: Int
    /// Sum of the distances t_i in symbols, which is also the number of symbols used.
    package let distanceSum: Int
    /// Mean distance (X-bar).
    package let mean: Double
    /// Sample standard deviation of the distance (sigma-hat).
    package let deviation: Double
    /// Lower confidence bound of the mean (X-bar').
    package let lowerBound: Double
    /// Probability of the more likely symbol that explains the bound (p).
    package let probability: Double
    package let minEntropy: Double

    /// Runs on binary sequences with at least two collisions.
    package static func estimate(
        _ symbols: SymbolView,
        following reference: Reference = .nistTool
    ) -> Estimate<Self> {
        guard symbols.isBinary else { return .notApplicable(.binaryOnly) }
        let (doubles, triples) = countCollisions(symbols)
        let count = doubles + triples
        guard count >= 2 else { return .notApplicable(.tooFewCollisions) }

        let sum = 2 * doubles + 3 * triples
        let mean = Double(sum) / Double(count)
        let squares = Double(4 * doubles + 9 * triples)
        let variance = (squares - Double(sum) * mean) / Double(count - 1)
        let deviation = sqrt(max(0, variance))
        let margin = reference.normalQuantile * deviation / sqrt(Double(count))
        let bound = mean - margin
        // Step 7: for two symbols the expected distance is 2 + 2 p (1 - p), which inverts directly.
        let effective = max(2, bound)
        let probability = effective < 2.5 ? 0.5 + sqrt(1.25 - 0.5 * effective) : 0.5
        return .value(
            Self(
                collisionCount: count,
                distanceSum: sum,
                mean: mean,
                deviation: deviation,
                lowerBound: bound,
                probability: probability,
                minEntropy: 0 - log2(probability)
            )
        )
    }

    /// Counts the distances of 2 and of 3: of any three bits, two are equal.
    private static func countCollisions(_ symbols: SymbolView) -> (doubles: Int, triples: Int) {
        let base = symbols.base
        let last = symbols.count - 1
        var doubles = 0
        var triples = 0
        var index = 0
        while index < last {
            if base[index] == base[index &+ 1] {
                doubles &+= 1
                index &+= 2
            } else {
                if index &+ 1 == last { break }
                triples &+= 1
                index &+= 3
            }
        }
        return (doubles, triples)
    }
}
