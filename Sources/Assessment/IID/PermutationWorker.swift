// One thread's share of permutation testing (SP 800-90B, section 5.1, step 2).
// SPDX-License-Identifier: Apache-2.0

/// Permutes its own copy of a sample and compares the statistics. Shares nothing that is written, so
/// that workers do not wait for each other; one worker belongs to one thread.
///
/// Each permutation starts from the one before, which makes it no less uniform.
package final class PermutationWorker {
    private let unpermuted: PermutationStatistics
    private let sample: PermutationSample
    private var generator: Xoshiro256

    /// Takes a copy of the test's sample. Workers of one test need different seeds.
    package init(_ test: PermutationTest, seed: PermutationSeed) {
        unpermuted = test.unpermuted
        sample = PermutationSample(test.sample, compresses: true)
        generator = Xoshiro256(seed: seed)
    }

    /// Runs a task and returns how its permutations compare.
    package func run(_ task: PermutationTask) -> PermutationCounts {
        var counts = PermutationCounts()
        for _ in 0..<task.rounds {
            generator.shuffle(sample.symbols, sample.count)
            counts.add(sample.statistics(task.statistics), against: unpermuted, task.statistics)
        }
        return counts
    }
}
