// The queue of unanswered requests: order, bounds, reuse.
// SPDX-License-Identifier: Apache-2.0

import EGDProtocol
import Testing

@Suite("EGDRequestQueue")
struct EGDRequestQueueTests {
    @Test("requests come out as they went in, through growth and wrap-around")
    func order() {
        var queue = EGDRequestQueue()
        var random = SplitMix(seed: 7)
        var model: [EGDRequest] = []
        var next = 0
        for _ in 0..<20_000 {
            if random.next(below: 100) < 52, !queue.isFull {
                let kinds: [EGDRequest] = [
                    .level, .readNonBlocking(UInt8(next & 0xff)), .processID,
                    .readBlocking(UInt8(next & 0xf)),
                ]
                queue.append(kinds[next & 3])
                model.append(kinds[next & 3])
                next += 1
            } else if !model.isEmpty {
                let first = queue.first
                #expect(first == model.removeFirst())
                queue.removeFirst()
            }
            let (count, requested) = (Int(queue.count), Int(queue.requestedByteCount))
            #expect(count == model.count)
            #expect(requested == model.reduce(0) { $0 + $1.byteCount })
        }
        while !model.isEmpty {
            let first = queue.first
            #expect(first == model.removeFirst())
            queue.removeFirst()
        }
        let isEmpty = queue.isEmpty
        #expect(isEmpty)
    }

    @Test("4,096 requests fill it, one less does not")
    func countBound() {
        var queue = EGDRequestQueue()
        for _ in 0..<(EGDRequestQueue.maximumCount - 1) { queue.append(.level) }
        let before = queue.isFull
        queue.append(.level)
        let after = queue.isFull
        #expect(!before)
        #expect(after)
    }

    @Test("64 KiB asked for fill it, one byte less does not")
    func byteBound() {
        var queue = EGDRequestQueue()
        for _ in 0..<257 { queue.append(.readBlocking(255)) }
        let before = queue.isFull
        queue.append(.readNonBlocking(1))
        let after = queue.isFull
        #expect(!before)
        #expect(after)
    }

    @Test("an emptied queue can be used again")
    func removeAll() {
        var queue = EGDRequestQueue()
        for _ in 0..<100 { queue.append(.processID) }
        queue.removeAll()
        let requested = queue.requestedByteCount
        let nothing = queue.first
        queue.append(.readBlocking(3))
        let first = queue.first
        #expect(requested == 0)
        #expect(nothing == nil)
        #expect(first == .readBlocking(3))
    }
}
