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
        let tests = Slot<IIDAssessment>()
        let threads = (0..<threadCount).map { index in
            WorkSharing.Part(cost: 1) {
                let worker = PermutationWorker(test, seed: .random)
                while let task = tally.withLock({ $0.nextTask() }) {
                    let counts = worker.run(task)
                    tally.withLock { $0.add(counts) }
                }
            }
        }
        let others = WorkSharing.Part(cost: 1) {
            tests.fill(IIDAssessment(sample, following: reference))
        }
        let limit = PermutationTally.roundLimit
        perform([others], label: label)
        perform(threads, label: "permuting, at most \(limit) times", total: limit) {
            tally.withLock { $0.counts.rounds }
        }
        guard let result = tally.withLock({ $0.result }) else {
            preconditionFailure("permutations are left to do")
        }
        return AssessedIID(
            tests: tests.take(),
            unpermuted: test.unpermuted,
            permutations: result
        )
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
        let results = (0..<count).map { _ in Slot<SP80022StreamResult>() }
        perform(
            results.enumerated().map { index, slot in
                WorkSharing.Part(cost: 30 * Double(length)) {
                    var worker = SP80022Worker(bitCount: length)
                    slot.fill(worker.test(bits, from: index * length))
                }
            },
            label: label
        )
        return AssessedStreams(results.map { $0.take() })
    }

    /// AIS 31, procedures A and B, and version 3.0. The layout is that of procedure A.
    func ais31(
        _ bits: BitSequence,
        layout: AIS31Layout,
        label: String
    ) -> AssessedAIS31 {
        let a = Slot<AIS31ProcedureA>()
        let b = Slot<AIS31ProcedureB>()
        let c = Slot<AIS31Version3>()
        // Nanoseconds per bit, measured on 8 million bits.
        let count = Double(bits.count)
        perform(
            [
                WorkSharing.Part(cost: 11 * count) {
                    a.fill(AIS31ProcedureA(bits, layout: layout))
                },
                WorkSharing.Part(cost: count) { b.fill(AIS31ProcedureB(bits)) },
                WorkSharing.Part(cost: 40 * min(count, 1e6)) { c.fill(AIS31Version3(bits)) },
            ],
            label: label
        )
        return AssessedAIS31(
            procedureA: a.take(),
            procedureB: b.take(),
            version3: c.take()
        )
    }
}

extension PermutationSeed {
    /// From the kernel.
    fileprivate static var random: Self {
        var generator = SystemRandomNumberGenerator()
        return Self(generator.next(), generator.next(), generator.next(), generator.next())
    }
}
