// The suites of statistical tests over samples in memory, on all processors.
// SPDX-License-Identifier: Apache-2.0

internal import Assessment
internal import StatisticalTests
internal import Synchronization

extension ThreadedWork {
    /// SP 800-22 over as many whole streams of `bitCount` bits as there are, at most `most`; one shorter
    /// stream if there is not even one.
    func sp80022(_ bits: BitSequence, bitCount: Int, most: Int?, label: String) -> SP80022Summary {
        let length = min(bitCount, bits.count)
        let count = length == 0 ? 0 : min(bits.count / length, most ?? .max)
        let results = Mutex([Int: SP80022StreamResult]())
        let sharing = sharing(label)
        sharing.perform(
            (0..<count).map { index in
                WorkSharing.Part("stream \(index + 1)", cost: 30 * Double(length)) {
                    var worker = SP80022Worker(bitCount: length)
                    let result = worker.test(bits, from: index * length)
                    results.withLock { $0[index] = result }
                }
            }
        )
        let inOrder = results.withLock { results in (0..<count).compactMap { results[$0] } }
        return SP80022Summary(inOrder)
    }
}
