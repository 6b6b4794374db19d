// The ring of ready blocks.
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Conditioning

@Suite("Reservoir")
struct ReservoirTests {
    @Test(
        "random appends and takes deliver each byte once and in order, across the end of the ring"
    )
    func ring() {
        for seed in 1...20 as ClosedRange<UInt64> {
            var random = SplitMix(state: seed)
            var reservoir = Reservoir(capacity: 64 * Int.random(in: 1...5, using: &random))!
            var model: [UInt8] = []
            for _ in 0..<500 {
                if Bool.random(using: &random) {
                    let block = random.bytes(64)
                    let fits = model.count + 64 <= reservoir.capacity
                    #expect(reservoir.hasRoom == fits)
                    #expect(block.withUnsafeBytes { reservoir.append($0) } == fits)
                    if fits { model += block }
                } else {
                    let wanted = Int.random(in: 0...150, using: &random)
                    let taken = take(&reservoir, wanted)
                    #expect(taken == Array(model.prefix(wanted)))
                    model.removeFirst(taken.count)
                }
                #expect(reservoir.level == model.count)
            }
        }
    }

    @Test("what was taken is wiped, what was not is still there")
    func wiped() {
        var reservoir = Reservoir(capacity: 192)!
        let block = [UInt8](repeating: 0x5a, count: 64)
        for _ in 0..<3 { _ = block.withUnsafeBytes { reservoir.append($0) } }
        #expect(take(&reservoir, 100) == [UInt8](repeating: 0x5a, count: 100))
        reservoir.withRing { ring in
            #expect(ring[..<100].allSatisfy { $0 == 0 })
            #expect(ring[100...].allSatisfy { $0 == 0x5a })
        }
        // Across the end: 28 bytes of this block lie at the front.
        _ = block.withUnsafeBytes { reservoir.append($0) }
        #expect(take(&reservoir, 1000).count == 156)
        #expect(reservoir.withRing { $0.allSatisfy { $0 == 0 } })
    }

    @Test("refilling starts below the low mark and ends at the high mark")
    func hysteresis() {
        var reservoir = Reservoir(capacity: 640, lowMark: 0.25, highMark: 0.75)!
        #expect(reservoir.lowMark == 160)
        #expect(reservoir.highMark == 480)
        #expect(reservoir.wantsRefill == true)
        fill(&reservoir, to: 384)
        #expect(reservoir.wantsRefill == true)
        fill(&reservoir, to: 448)
        // 448 + 64 would be above 480.
        #expect(reservoir.wantsRefill == false)
        _ = take(&reservoir, 288)
        #expect(reservoir.level == 160)
        #expect(reservoir.wantsRefill == false)
        _ = take(&reservoir, 1)
        #expect(reservoir.wantsRefill == true)
        fill(&reservoir, to: 223)
        #expect(reservoir.wantsRefill == true)
        fill(&reservoir, to: 415)
        #expect(reservoir.wantsRefill == true)
        fill(&reservoir, to: 479)
        #expect(reservoir.wantsRefill == false)
    }

    @Test("a reservoir that no whole block fits into any more counts as full")
    func fullWithRemainder() {
        var reservoir = Reservoir(capacity: 128)!
        fill(&reservoir, to: 128)
        _ = take(&reservoir, 1)
        #expect(reservoir.wantsRefill == false)
        #expect(reservoir.hasRoom == false)
    }

    @Test(
        "impossible sizes and marks are refused",
        arguments: [
            (0, 0.25, 1.0), (-64, 0.25, 1.0), (100, 0.25, 1.0), (64, -0.1, 1.0), (64, 0.25, 1.1),
            (64, 0.8, 0.7), (64, .nan, 1.0), (2 << 30, 0.25, 1.0),
        ]
    )
    func refused(capacity: Int, low: Double, high: Double) {
        let reservoir = Reservoir(capacity: capacity, lowMark: low, highMark: high)
        let isRefused = reservoir == nil
        #expect(isRefused)
    }

    private func fill(_ reservoir: inout Reservoir, to level: Int) {
        let block = [UInt8](repeating: 1, count: 64)
        while reservoir.level < level {
            guard block.withUnsafeBytes({ reservoir.append($0) }) else { break }
        }
        #expect(reservoir.level == level)
    }

    private func take(_ reservoir: inout Reservoir, _ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let taken = bytes.withUnsafeMutableBytes { reservoir.take(into: $0) }
        return Array(bytes[..<taken])
    }
}
