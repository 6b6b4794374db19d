// Rates and timers with times that the test makes up.
// SPDX-License-Identifier: Apache-2.0

import EGDService
import Testing

@Suite("TokenBucket")
struct TokenBucketTests {
    private let second = 1_000_000_000

    @Test(
        "it begins full, closes when it is used up, and opens after just the time that the rate says"
    )
    func life() {
        let rate = EGDRate(bytesPerSecond: 100, burst: 50)
        var bucket = TokenBucket()
        bucket.refill(rate, now: 7 * second)
        #expect(bucket.level == 50)
        bucket.take(50)
        #expect(!bucket.isOpen)
        let wait = bucket.nanosecondsToOpen(rate)
        #expect((second / 100...second / 100 + 1).contains(wait))
        bucket.refill(rate, now: 7 * second + wait - 2)
        #expect(!bucket.isOpen)
        bucket.refill(rate, now: 7 * second + wait)
        #expect(bucket.isOpen)
    }

    @Test("a request is served whole and made up for afterwards")
    func debt() {
        let rate = EGDRate(bytesPerSecond: 10, burst: 1)
        var bucket = TokenBucket()
        bucket.refill(rate, now: 0)
        bucket.take(255)
        #expect(bucket.level == -254)
        #expect(abs(Double(bucket.nanosecondsToOpen(rate)) / 25.5e9 - 1) < 1e-9)
    }

    @Test("it never holds more than the burst, and a clock that stands still gives nothing")
    func bounds() {
        let rate = EGDRate(bytesPerSecond: 1 << 30, burst: 255)
        var bucket = TokenBucket()
        for now in [0, 1, second, 100 * second, 100 * second, 3 * second] {
            bucket.refill(rate, now: now)
            #expect(bucket.level == 255)
        }
        bucket.take(255)
        bucket.refill(rate, now: 3 * second)
        #expect(bucket.level == 0)
    }

    @Test("over a long time exactly the rate comes through")
    func longRun() {
        let rate = EGDRate(bytesPerSecond: 1_000, burst: 64)
        var bucket = TokenBucket()
        var now = 0
        var taken = 0
        bucket.refill(rate, now: now)
        while now < 100 * second {
            if bucket.isOpen {
                bucket.take(32)
                taken += 32
            } else {
                now += bucket.nanosecondsToOpen(rate)
                bucket.refill(rate, now: now)
            }
        }
        #expect((100_000...100_100).contains(taken))
    }
}

@Suite("TimerHeap")
struct TimerHeapTests {
    @Test("entries come out by time, and only when they are due")
    func order() {
        var heap = TimerHeap()
        var random = SeededRandom(seed: 5)
        let times = (0..<500).map { _ in random.next(below: 1_000) }
        for (index, time) in times.enumerated() {
            heap.add(.init(time: time, client: Int32(index), stamp: 0))
        }
        #expect(heap.earliest == times.min())
        var out: [Int] = []
        while let entry = heap.next(due: 499) { out.append(entry.time) }
        #expect(out == times.filter { $0 <= 499 }.sorted())
        #expect(heap.next(due: 499) == nil)
        heap.hasten()
        var rest = 0
        while heap.next(due: 0) != nil { rest += 1 }
        #expect(rest == times.count { $0 > 499 })
        #expect(heap.earliest == nil)
    }
}
