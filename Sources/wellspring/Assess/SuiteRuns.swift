// The IID track and the suites of statistical tests over samples in memory, on all processors.
// SPDX-License-Identifier: Apache-2.0

internal import Assessment
internal import AssessmentReport
internal import Glibc
internal import StatisticalTests
internal import Synchronization

extension ThreadedWork {
    /// The IID track. Permutations are seeded by the kernel, as the reference tool's are.
    func iid(
        _ sample: PreparedSample,
        following reference: Reference,
        label: String
    ) -> AssessedIID {
        let test = PermutationTest(sample)
        let tally = Mutex(PermutationTally())
        let tests = Mutex<IIDAssessment?>(nil)
        let threads = (0..<threadCount).map { index in
            WorkSharing.Part("permutations \(index + 1)", cost: 1) {
                let worker = PermutationWorker(test, seed: .random)
                while let task = tally.withLock({ $0.nextTask() }) {
                    let counts = worker.run(task)
                    tally.withLock { $0.add(counts) }
                }
            }
        }
        let others = WorkSharing.Part("chi-square, repeats", cost: 1) {
            let result = IIDAssessment(sample, following: reference)
            tests.withLock { $0 = result }
        }
        let limit = PermutationTally.roundLimit
        perform([others], label: label)
        perform(threads, label: "permuting, at most \(limit) times", total: limit) {
            tally.withLock { $0.counts.rounds }
        }
        guard let found = tests.withLock({ $0 }), let result = tally.withLock({ $0.result }) else {
            preconditionFailure("a part of the IID track was not done")
        }
        return AssessedIID(tests: found, unpermuted: test.unpermuted, permutations: result)
    }

    /// SP 800-22 over as many whole streams of `bitCount` bits as there are, at most `most`; one shorter
    /// stream if there is not even one.
    func sp80022(
        _ bits: BitSequence,
        bitCount: Int,
        most: Int?,
        label: String
    ) -> AssessedStreams {
        let length = min(bitCount, bits.count)
        let count = length == 0 ? 0 : min(bits.count / length, most ?? .max)
        let results = Mutex([Int: SP80022StreamResult]())
        perform(
            (0..<count).map { index in
                WorkSharing.Part("stream \(index + 1)", cost: 30 * Double(length)) {
                    var worker = SP80022Worker(bitCount: length)
                    let result = worker.test(bits, from: index * length)
                    results.withLock { $0[index] = result }
                }
            },
            label: label
        )
        return AssessedStreams(
            results.withLock { results in (0..<count).compactMap { results[$0] } }
        )
    }

    /// AIS 31, procedures A and B, and version 3.0. The layout is that of procedure A.
    func ais31(
        _ bits: BitSequence,
        layout: AIS31Layout,
        label: String
    ) -> AssessedAIS31 {
        let a = Mutex<AIS31ProcedureA?>(nil)
        let b = Mutex<AIS31ProcedureB?>(nil)
        let c = Mutex<AIS31Version3?>(nil)
        perform(
            [
                WorkSharing.Part("procedure A", cost: 90) {
                    let result = AIS31ProcedureA(bits, layout: layout)
                    a.withLock { $0 = result }
                },
                WorkSharing.Part("procedure B", cost: 10) {
                    let result = AIS31ProcedureB(bits)
                    b.withLock { $0 = result }
                },
                WorkSharing.Part("version 3.0", cost: 70) {
                    let result = AIS31Version3(bits)
                    c.withLock { $0 = result }
                },
            ],
            label: label
        )
        guard let first = a.withLock({ $0 }), let second = b.withLock({ $0 }),
            let third = c.withLock({ $0 })
        else { preconditionFailure("a part of AIS 31 was not done") }
        return AssessedAIS31(procedureA: first, procedureB: second, version3: third)
    }
}

extension PermutationSeed {
    /// From the kernel.
    fileprivate static var random: Self {
        var generator = SystemRandomNumberGenerator()
        return Self(generator.next(), generator.next(), generator.next(), generator.next())
    }
}
