// When it is time to look at what is plugged in, with announcements and a clock that are made up.
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Daemon

@Suite struct PlugWatchTests {
    /// What was announced and not yet heard.
    private final class Announcements: DeviceAnnouncements {
        let descriptor: Int32 = 4711
        var isThere = false

        func drain() -> Bool {
            defer { isThere = false }
            return isThere
        }
    }

    /// An expectation changes nothing that it looks at, and ``PlugWatch/isDue(at:)`` does.
    private final class Watch {
        private var watch: PlugWatch

        init(_ watch: PlugWatch) { self.watch = watch }

        var descriptor: Int32 { watch.descriptor }
        var deadline: Duration? { watch.deadline }
        func isDue(at now: Duration) -> Bool { watch.isDue(at: now) }
    }

    private let announcements = Announcements()
    private let start = Duration.seconds(100)

    private func watch() -> Watch {
        Watch(PlugWatch(hearing: announcements, looksWithoutThem: true, at: start))
    }

    @Test("nothing announced, nothing to look for, ever")
    func quiet() {
        let watch = watch()
        #expect(watch.descriptor == 4711)
        #expect(watch.deadline == nil)
        #expect(!watch.isDue(at: start))
        #expect(!watch.isDue(at: start + .seconds(86_400)))
        #expect(watch.deadline == nil)
    }

    @Test("what is announced is looked at once udev is through with it, and once more")
    func announced() {
        let watch = watch()
        announcements.isThere = true
        #expect(!watch.isDue(at: start))
        #expect(watch.deadline == start + .milliseconds(300))
        #expect(!watch.isDue(at: start + .milliseconds(299)))
        #expect(watch.isDue(at: start + .milliseconds(300)))
        #expect(watch.deadline == start + .seconds(2))
        #expect(!watch.isDue(at: start + .milliseconds(1999)))
        #expect(watch.isDue(at: start + .milliseconds(2100)))
        #expect(watch.deadline == nil)
    }

    @Test("a late call looks at once, and then as often as was due")
    func late() {
        let watch = watch()
        announcements.isThere = true
        #expect(!watch.isDue(at: start))
        #expect(watch.isDue(at: start + .seconds(60)))
        #expect(watch.isDue(at: start + .seconds(60)))
        #expect(!watch.isDue(at: start + .seconds(60)))
    }

    @Test("a device that comes and goes without end does not put the look off")
    func flapping() {
        let watch = watch()
        var looks: [Duration] = []
        for step in 0..<100 {
            announcements.isThere = true
            let now = start + .milliseconds(step * 100)
            if watch.isDue(at: now) { looks.append(now) }
        }
        // 9.9 seconds.
        #expect((20...33).contains(looks.count))
        for (before, after) in zip(looks, looks.dropFirst()) {
            #expect(after - before >= .milliseconds(300))
            #expect(after - before <= .milliseconds(500))
        }
        // And the last one comes after the last announcement has settled.
        #expect(watch.isDue(at: start + .seconds(12)))
    }

    @Test("where nothing can be heard it is time every five seconds")
    func deaf() {
        let watch = Watch(PlugWatch(hearing: nil, looksWithoutThem: true, at: start))
        #expect(watch.descriptor == -1)
        for round in 1...3 {
            let due = start + .seconds(5 * round)
            #expect(watch.deadline == due)
            #expect(!watch.isDue(at: due - .milliseconds(1)))
            #expect(watch.isDue(at: due))
        }
    }

    @Test("one that is not wanted hears nothing and never looks")
    func unwanted() {
        let watch = Watch(PlugWatch(isWanted: false))
        #expect(watch.descriptor == -1)
        #expect(watch.deadline == nil)
        #expect(!watch.isDue(at: .seconds(1_000_000)))
    }
}
