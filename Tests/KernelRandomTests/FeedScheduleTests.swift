// The feeding schedule, by its actions under a manual clock.
// SPDX-License-Identifier: Apache-2.0

import KernelRandom
import Testing

@Suite struct FeedScheduleTests {
    @Test("the first action is to feed", arguments: KernelRandomClass.allCases)
    func start(kernelClass: KernelRandomClass) {
        let run = Run(kernelClass)
        #expect(run.next == .feed(.start))
    }

    @Test("every 5 s in the first two minutes, every 60 s afterwards, within a tenth")
    func intervals() throws {
        var run = Run(.selfSeeding)
        run.feed(.start)
        var early = 0
        while run.now < .seconds(1000) {
            let until = try run.waitTime()
            let length = until - run.now
            let nominal: Duration = run.now < .seconds(120) ? .seconds(5) : .seconds(60)
            #expect(length >= nominal * 0.9 && length <= nominal * 1.1)
            if nominal == .seconds(5) { early += 1 }
            run.now = until
            #expect(run.next == .feed(.interval))
            run.feed(.interval)
        }
        #expect((22...27).contains(early))
    }

    @Test("the jitter differs from feed to feed")
    func jitter() throws {
        var lengths: [Duration] = []
        for nanoseconds in 0..<16 {
            var run = Run(.selfSeeding)
            run.now = .seconds(500) + .nanoseconds(nanoseconds)
            run.feed(.start)
            let length = try run.waitTime() - run.now
            if !lengths.contains(length) { lengths.append(length) }
        }
        #expect(lengths.count == 16)
    }

    @Test("an interval below 5 s holds from the start")
    func shortInterval() throws {
        var run = Run(.selfSeeding, interval: .seconds(2))
        run.feed(.start)
        let length = try run.waitTime() - run.now
        #expect(length >= .seconds(1.8) && length <= .seconds(2.2))
    }

    @Test("a self-seeding kernel is never polled for POLLOUT, and its POLLOUT changes nothing")
    func noPollOutOnSelfSeeding() throws {
        for kernelClass in [KernelRandomClass.selfSeeding, nil] {
            var run = Run(kernelClass)
            run.feed(.start)
            for _ in 0..<200 {
                guard case .wait(let until, let pollOut) = run.next else {
                    run.feed(.interval)
                    continue
                }
                #expect(!pollOut)
                run.schedule.note(.poolBelowWatermark)
                #expect(run.next == .wait(until: until, pollOut: false))
                run.now = until
            }
        }
    }

    @Test(
        "older kernels are polled for POLLOUT and refilled while their pool is low",
        arguments: [KernelRandomClass.blockingPool, .watermark]
    )
    func watermark(kernelClass: KernelRandomClass) throws {
        var run = Run(kernelClass)
        run.feed(.start)
        for _ in 0..<5 {
            // A short pause first, so that a drained pool cannot make the feeder spin.
            let pause = try run.waitTime()
            #expect(pause - run.now == .milliseconds(10))
            #expect(run.next == .wait(until: pause, pollOut: false))
            run.now = pause
            guard case .wait(_, pollOut: true) = run.next else {
                Issue.record("expected to poll for POLLOUT, got \(run.next)")
                return
            }
            run.schedule.note(.poolBelowWatermark)
            #expect(run.next == .feed(.watermark))
            run.feed(.watermark)
        }
    }

    @Test("a pool that is always low is still fed and rekeyed by the timer")
    func refillsKeepTheTimer() {
        var run = Run(.watermark)
        run.feed(.start)
        var timed = 0
        while run.now < .seconds(12) {
            switch run.next {
            case .feed(let reason):
                if reason == .interval { timed += 1 }
                run.feed(reason)
            case .wait(let until, let pollOut):
                if pollOut {
                    run.schedule.note(.poolBelowWatermark)
                } else {
                    run.now = until
                }
            }
        }
        #expect(timed == 2)
    }

    @Test("without credit POLLOUT would never end, so it is not asked for")
    func noPollOutWithoutCredit() throws {
        var run = Run(.watermark, creditedBits: 0)
        run.feed(.start)
        run.now += .seconds(1)
        let until = try run.waitTime()
        #expect(run.next == .wait(until: until, pollOut: false))
        run.schedule.note(.poolBelowWatermark)
        #expect(run.next == .wait(until: until, pollOut: false))
    }

    @Test(
        "events feed at once",
        arguments: [
            (FeedSchedule.Event.clockJump, FeedSchedule.Reason.clockJump),
            (.virtualMachineFork, .virtualMachineFork), (.request, .request),
        ]
    )
    func events(event: FeedSchedule.Event, reason: FeedSchedule.Reason) {
        var run = Run(.selfSeeding)
        run.feed(.start)
        run.now += .milliseconds(1)
        run.schedule.note(event)
        #expect(run.next == .feed(reason))
    }

    @Test("a burst of events costs one block a second, a VM fork is never delayed")
    func burst() {
        var run = Run(.selfSeeding)
        run.feed(.start)
        run.schedule.note(.request)
        run.feed(.request)
        run.now += .milliseconds(200)
        run.schedule.note(.clockJump)
        run.schedule.note(.request)
        #expect(run.next == .wait(until: .seconds(1), pollOut: false))
        run.schedule.note(.virtualMachineFork)
        #expect(run.next == .feed(.virtualMachineFork))
        run.feed(.virtualMachineFork)
        guard case .wait = run.next else {
            Issue.record("one feed answers all events that came before it")
            return
        }
    }

    @Test("failures are retried after growing delays, without POLLOUT, up to the interval")
    func retries() throws {
        var run = Run(.watermark)
        var reason = FeedSchedule.Reason.start
        for nominal in [0.25, 0.5, 1, 2, 4, 8, 16, 32, 60, 60, 60] {
            #expect(run.next == .feed(reason))
            run.schedule.failed(reason, at: run.now)
            let until = try run.waitTime()
            #expect(run.next == .wait(until: until, pollOut: false))
            let length = until - run.now
            #expect(length >= .seconds(nominal * 0.9) && length <= .seconds(nominal * 1.1))
            run.now = until
            reason = .retry
        }
        run.feed(.retry)
        run.now += .milliseconds(20)
        guard case .wait(_, pollOut: true) = run.next else {
            Issue.record("after a success the watermark counts again")
            return
        }
    }

    @Test("a signal storm at a dead upstream costs one attempt a second")
    func eventsWhileFailing() {
        var run = Run(.selfSeeding)
        run.schedule.note(.request)
        run.schedule.failed(.request, at: run.now)
        run.schedule.note(.request)
        #expect(run.next == .wait(until: .seconds(1), pollOut: false))
    }

    @Test("after every feed and failure comes a wait", arguments: KernelRandomClass.allCases)
    func alwaysAWait(kernelClass: KernelRandomClass) {
        for reason in FeedSchedule.Reason.allCases {
            var run = Run(kernelClass)
            run.feed(reason)
            guard case .wait(let until, _) = run.next, until > run.now else {
                Issue.record("no wait after \(reason)")
                continue
            }
            run.schedule.failed(reason, at: run.now)
            guard case .wait(let retry, _) = run.next, retry > run.now else {
                Issue.record("no wait after a failed \(reason)")
                continue
            }
        }
    }

    @Test("only refills leave the generator's key alone", arguments: FeedSchedule.Reason.allCases)
    func reseeding(reason: FeedSchedule.Reason) {
        #expect(reason.wantsReseed == (reason != .watermark))
    }
}

/// A schedule and its clock.
private struct Run {
    var schedule: FeedSchedule
    var now = Duration.zero
    let creditedBits: Int

    init(
        _ kernelClass: KernelRandomClass?,
        creditedBits: Int = 512,
        interval: Duration = .seconds(60)
    ) {
        self.creditedBits = creditedBits
        schedule = FeedSchedule(
            settings: .init(kernelClass: kernelClass, interval: interval),
            now: .zero
        )
    }

    var next: FeedSchedule.Action { schedule.next(at: now) }

    mutating func feed(_ reason: FeedSchedule.Reason) {
        schedule.fed(reason, creditedBits: creditedBits, at: now)
    }

    /// When the wait ends that must come now.
    func waitTime() throws -> Duration {
        guard case .wait(let until, _) = next else {
            Issue.record("expected a wait, got \(next)")
            throw CancellationError()
        }
        return until
    }
}
