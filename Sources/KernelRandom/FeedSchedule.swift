// When to feed the kernel: a timer, the events that make its state stale, and the watermark of older kernels.
// SPDX-License-Identifier: Apache-2.0

/// Decides from time and events; it knows no clock and no file. Times are durations since one
/// arbitrary start. Ask ``next(at:)``, do what it says, tell the outcome, ask again.
///
/// After every feed and every failure the next action is a wait, so that a loop around it hears its
/// signals between any two feeds.
package struct FeedSchedule: Sendable {
    package enum Action: Sendable, Equatable {
        /// Feed one block, and rekey the kernel's generator from it if the reason asks for it.
        case feed(Reason)
        /// Sleep until then or until an event; with `pollOut`, also until /dev/random polls POLLOUT.
        case wait(until: Duration, pollOut: Bool)
    }

    /// What a feed is for.
    package enum Reason: String, Sendable, CaseIterable {
        case start
        case interval
        /// A failed feed is tried again.
        case retry
        /// The wall clock jumped or the machine slept.
        case clockJump = "clock-jump"
        /// The kernel noticed that this virtual machine is a clone or was restored.
        case virtualMachineFork = "vm-fork"
        /// A signal from the operator or the daemon.
        case request
        /// The pool fell below its watermark.
        case watermark

        /// Refilling a pool is not a reason to rekey: on the kernels that have a watermark rekeying
        /// takes 256 bits out of the pool again.
        package var wantsReseed: Bool { self != .watermark }
    }

    package enum Event: Sendable, Equatable {
        case clockJump
        case virtualMachineFork
        case request
        /// /dev/random polled POLLOUT.
        case poolBelowWatermark
    }

    private let settings: Settings
    private let startedAt: Duration
    private var pending: Reason? = .start
    private var nextFeed: Duration
    private var lastEventFeed: Duration?
    private var nextRefill: Duration
    private var failures = 0
    /// Whether POLLOUT can end: a feed without credit never lifts the pool above its watermark.
    private var lastFeedCredited = false

    package init(settings: Settings, now: Duration) {
        self.settings = settings
        startedAt = now
        nextFeed = now
        nextRefill = now
    }

    package func next(at now: Duration) -> Action {
        if let reason = pending, reason != .watermark || now < nextFeed {
            let earliest = earliestFeed(for: reason, at: now)
            return earliest <= now ? .feed(reason) : .wait(until: earliest, pollOut: false)
        }
        if nextFeed <= now { return .feed(failures > 0 ? .retry : .interval) }
        guard followsWatermark else {
            return .wait(until: nextFeed, pollOut: false)
        }
        if nextRefill <= now { return .wait(until: nextFeed, pollOut: true) }
        return .wait(until: min(nextRefill, nextFeed), pollOut: false)
    }

    package mutating func note(_ event: Event) {
        let reason: Reason =
            switch event {
            case .clockJump: .clockJump
            case .virtualMachineFork: .virtualMachineFork
            case .request: .request
            case .poolBelowWatermark: .watermark
            }
        guard reason != .watermark || followsWatermark else { return }
        if reason.rank > pending?.rank ?? 0 { pending = reason }
    }

    /// The kernel took a block. While its pool stays below the watermark POLLOUT stays up, and refill
    /// follows refill, as long as the feeds carry credit.
    package mutating func fed(_ reason: Reason, creditedBits: Int, at now: Duration) {
        failures = 0
        lastFeedCredited = creditedBits > 0
        pending = nil
        if reason.isEvent { lastEventFeed = now }
        nextRefill = now + Settings.refillGap
        // Refills leave the timer alone: a pool that is drained all the time is rekeyed all the same.
        nextFeed =
            reason == .watermark
            ? max(nextFeed, nextRefill) : now + jittered(interval(at: now), at: now)
    }

    /// No block came, or the kernel refused it: the next attempt comes after a growing delay. POLLOUT
    /// is not listened to meanwhile, since it would not stop.
    package mutating func failed(_ reason: Reason, at now: Duration) {
        failures += 1
        pending = nil
        if reason.isEvent { lastEventFeed = now }
        // 8 doublings of the first delay are more than the longest interval of an idle retry.
        let delay = Settings.firstRetryDelay * (1 << min(failures - 1, 8))
        nextFeed = now + jittered(min(delay, settings.interval), at: now)
    }

    private var followsWatermark: Bool {
        settings.kernelClass?.signalsLowPool == true && lastFeedCredited && failures == 0
    }

    private func earliestFeed(for reason: Reason, at now: Duration) -> Duration {
        switch reason {
        case .start, .virtualMachineFork, .interval, .retry: now
        case .clockJump, .request: lastEventFeed.map { $0 + Settings.eventGap } ?? now
        case .watermark: nextRefill
        }
    }

    private func interval(at now: Duration) -> Duration {
        now - startedAt < Settings.earlyPeriod
            ? min(Settings.earlyInterval, settings.interval) : settings.interval
    }

    /// Spreads by +-10 %, so that the machines of a fleet that started together do not stay together.
    /// The spread comes from the nanoseconds of the time; it is no secret and no randomness.
    private func jittered(_ duration: Duration, at now: Duration) -> Duration {
        let nanoseconds = UInt64(truncatingIfNeeded: now.components.attoseconds / 1_000_000_000)
        // 2^64 / golden ratio: multiplying by it spreads neighbouring inputs over the high bits.
        let spread = (nanoseconds &* 0x9E37_79B9_7F4A_7C15) >> 32
        return duration * (0.9 + 0.2 * Double(spread) / 0x1p32)
    }
}

extension FeedSchedule {
    package struct Settings: Sendable {
        /// Without a known class nothing but the timer is relied on, which is right everywhere.
        package var kernelClass: KernelRandomClass?
        package var interval: Duration

        package init(
            kernelClass: KernelRandomClass?,
            interval: Duration = Settings.defaultInterval
        ) {
            self.kernelClass = kernelClass
            self.interval = interval
        }

        /// The kernel's own reseeding interval (CRNG_RESEED_INTERVAL, 60 s): feeding more often would
        /// not reach its output sooner.
        package static let defaultInterval = Duration.seconds(60)
        /// Boot is when the kernel has least; its own reseeds are seconds apart then, too.
        package static let earlyInterval = Duration.seconds(5)
        package static let earlyPeriod = Duration.seconds(120)
        /// Events in a burst (a stepping clock, a signal storm) cost at most one block a second.
        package static let eventGap = Duration.seconds(1)
        /// At most 100 refills a second: from empty to the usual threshold of 896 bits takes three, and
        /// a program that drains a blocking pool cannot make the feeder spin.
        package static let refillGap = Duration.milliseconds(10)
        /// Doubled with every failure up to the interval.
        package static let firstRetryDelay = Duration.milliseconds(250)
    }
}

extension FeedSchedule.Reason {
    fileprivate var isEvent: Bool { self == .clockJump || self == .request }

    /// The more urgent reason wins when several wait; 1 is the least.
    fileprivate var rank: Int {
        switch self {
        case .virtualMachineFork: 4
        case .start: 3
        case .clockJump, .request: 2
        case .watermark, .interval, .retry: 1
        }
    }
}
