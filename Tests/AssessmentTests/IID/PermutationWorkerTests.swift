// Tests of a worker of permutation testing (SP 800-90B, section 5.1).
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Assessment

@Suite("Permutation worker")
struct PermutationWorkerTests {
    /// With seeds other than the fixed ones, a test would fail to pass in 10,000 permutations with
    /// a probability of about 0.02; but which permutations are made is fixed.
    @Test(
        "lets independent symbols pass within few permutations",
        arguments: [NamedSequence.binary(2_000)[0], NamedSequence.symbols(1_000)[0]]
    )
    func independent(sequence: NamedSequence) throws {
        let test = PermutationTest(try PreparedSample(samples: sequence.symbols))
        let workers = (1...2).map {
            PermutationWorker(test, seed: PermutationSeed(UInt64($0), 2, 3, 4))
        }
        var tally = PermutationTally()
        for round in 0..<1_000 {
            guard let task = tally.nextTask() else { break }
            tally.add(workers[round % 2].run(task))
        }
        let result = try #require(tally.result)
        #expect(result.passes)
    }

    /// The chance that one of 40 permutations is as extreme is below 2^-40 for each of these.
    @Test("finds no permutation as extreme as a counter")
    func counter() throws {
        let samples = (0..<1_000).map { UInt8($0 % 250) }
        let test = PermutationTest(try PreparedSample(samples: samples))
        let worker = PermutationWorker(test, seed: PermutationSeed(1, 2, 3, 4))
        let counts = worker.run(PermutationTask(rounds: 40, statistics: .all))
        #expect(counts.rounds == 40)
        let comparison = { counts.comparisons[$0.rawValue] } as (PermutationStatistic) -> _
        for statistic in [
            PermutationStatistic.numDirectionalRuns, .avgCollision, .maxCollision, .compression,
        ] {
            #expect(!comparison(statistic).passes)
            #expect(comparison(statistic).rounds == 40)
        }
        #expect(comparison(.numDirectionalRuns).greater == 40)
        #expect(comparison(.avgCollision).less == 40)
        #expect(comparison(.compression).greater == 40)
    }

    @Test("leaves out the statistics that are not asked for")
    func someStatistics() throws {
        let samples = SyntheticData.bytes(seed: 9, count: 500)
        let test = PermutationTest(try PreparedSample(samples: samples))
        let worker = PermutationWorker(test, seed: PermutationSeed(1, 2, 3, 4))
        let asked: PermutationStatisticSet = [
            PermutationStatisticSet(.covariance8), PermutationStatisticSet(.periodicity1),
        ]
        let counts = worker.run(PermutationTask(rounds: 3, statistics: asked))
        for statistic in PermutationStatistic.allCases {
            let rounds = counts.comparisons[statistic.rawValue].rounds
            #expect(rounds == (asked.contains(statistic) ? 3 : 0))
        }
    }

    @Test("the order of the symbols themselves has the statistics of the test")
    func ownOrder() throws {
        for sequence in NamedSequence.symbols(700) + NamedSequence.binary(701) {
            for factor in [1, 85] as [UInt8] where sequence.symbols.max()! <= 255 / factor {
                let sample = try PreparedSample(samples: sequence.symbols.map { $0 * factor })
                let work = PermutationSample(sample, compresses: true)
                #expect(work.statistics(.all) == PermutationTest(sample).unpermuted)
            }
        }
    }
}
