// Samples that wait.
// SPDX-License-Identifier: Apache-2.0

import Entropy
import Testing

@testable import Conditioning

@Suite("Sample staging")
struct SampleStagingTests {
    @Test("random stages, releases and discards keep order and decide each sample once")
    func model() {
        for seed in 1...20 as ClosedRange<UInt64> {
            var random = SplitMix(state: seed)
            var staging = SampleStaging(sourceCount: 2, capacity: 50)
            // Undecided samples of each source, oldest first; nil where it was evicted.
            var model: [[UInt8?]] = [[], []]
            for _ in 0..<300 {
                let source = Int.random(in: 0...1, using: &random)
                switch Int.random(in: 0...9, using: &random) {
                case 0...4:
                    let samples = random.samples(Int.random(in: 0...130, using: &random))
                    var evicted: [UInt8] = []
                    samples.withUnsafeBufferPointer {
                        staging.stage($0, mask: 0x7f, from: source) { evicted += $0 }
                    }
                    model[source] += samples.map { UInt8($0 & 0x7f) }
                    let cut = max(0, model[source].count - 50)
                    #expect(evicted == model[source][..<cut].compactMap(\.self))
                    for index in 0..<cut { model[source][index] = nil }
                case 5...8:
                    let count = Int.random(in: -1...90, using: &random)
                    var released: [UInt8] = []
                    staging.release(count, from: source) { released += $0 }
                    #expect(released == model[source].prefix(max(0, count)).compactMap(\.self))
                    model[source].removeFirst(min(max(0, count), model[source].count))
                default:
                    var discarded: [UInt8] = []
                    staging.discard(from: source) { discarded += $0 }
                    #expect(discarded == model[source].compactMap(\.self))
                    model[source] = []
                }
                #expect(staging.pendingCount(of: 0) == model[0].count)
                #expect(staging.pendingCount(of: 1) == model[1].count)
            }
        }
    }

    @Test("decided samples are wiped")
    func wiped() {
        var staging = SampleStaging(sourceCount: 1, capacity: 8)
        let samples: [RawSample] = [1, 2, 3, 4, 5, 6]
        samples.withUnsafeBufferPointer { staging.stage($0, mask: 0xff, from: 0) { _ in } }
        staging.release(2, from: 0) { _ in }
        #expect(staging.withRing(of: 0) { Array($0) } == [0, 0, 3, 4, 5, 6, 0, 0])
        staging.discard(from: 0) { _ in }
        #expect(staging.withRing(of: 0) { $0.allSatisfy { $0 == 0 } })
    }
}
