// When to look again at what is plugged in.
// SPDX-License-Identifier: Apache-2.0

internal import EntropyKeyDevice
internal import LinuxSystem

/// Hears the kernel's announcements of devices; where it may not, looking from time to time must do.
/// Owned by the main thread.
struct PlugWatch {
    private let events: (any DeviceAnnouncements)?
    private let interval: Duration?
    /// Times to look, the next one first.
    private var looks: [Duration] = []

    /// Never looks unless it `isWanted`.
    init(isWanted: Bool) {
        self.init(
            hearing: isWanted ? try? DeviceEvents() : nil,
            looksWithoutThem: isWanted,
            at: SystemClock.now
        )
    }

    init(hearing events: (any DeviceAnnouncements)?, looksWithoutThem: Bool, at now: Duration) {
        self.events = events
        interval = looksWithoutThem && events == nil ? lookInterval : nil
        if let interval { looks = [now + interval] }
    }

    /// To be polled; -1 for none.
    var descriptor: Int32 { events?.descriptor ?? -1 }

    /// When ``isDue(at:)`` is to be asked although nothing was announced.
    var deadline: Duration? { looks.first }

    /// Takes announcements; whether it is time to look.
    mutating func isDue(at now: Duration) -> Bool {
        if events?.drain() == true {
            // One that is due is not put off: a device that comes and goes without end hides no other.
            let first = now + firstSettlingTime
            looks = [looks.first.map { min($0, first) } ?? first, now + lastSettlingTime]
        }
        guard let next = looks.first, now >= next else { return false }
        looks.removeFirst()
        if let interval { looks = [now + interval] }
        return true
    }
}

/// What the kernel announces about devices.
protocol DeviceAnnouncements {
    /// To be polled.
    var descriptor: Int32 { get }
    /// Takes what was announced; whether it is worth looking again.
    func drain() -> Bool
}

extension DeviceEvents: DeviceAnnouncements {}

/// After an announcement: udev gives the device its name and its group meanwhile, in a tenth of a
/// second as a rule, and on a machine that boots in a second or two.
private let firstSettlingTime = Duration.milliseconds(300)
private let lastSettlingTime = Duration.seconds(2)
/// Between two looks where nothing is announced.
private let lookInterval = Duration.seconds(5)
