// When to look again at what is plugged in.
// SPDX-License-Identifier: Apache-2.0

internal import EntropyKeyDevice
internal import LinuxSystem

/// Hears the kernel's announcements of devices; where it may not, looking from time to time must do.
/// Owned by the main thread.
struct PlugWatch {
    private let events: DeviceEvents?
    private let interval: Duration?
    /// Times to look, the next one first.
    private var looks: [Duration] = []

    init(isWanted: Bool) {
        events = isWanted ? try? DeviceEvents() : nil
        interval = isWanted && events == nil ? lookInterval : nil
        if let interval { looks = [SystemClock.now + interval] }
    }

    /// To be polled; -1 for none.
    var descriptor: Int32 { events?.descriptor ?? -1 }

    /// When ``isDue(at:)`` is to be asked although nothing was announced.
    var deadline: Duration? { looks.first }

    /// Takes announcements; whether it is time to look.
    mutating func isDue(at now: Duration) -> Bool {
        if events?.drain() == true { looks = settlingTimes.map { now + $0 } }
        guard let next = looks.first, now >= next else { return false }
        looks.removeFirst()
        if let interval { looks = [now + interval] }
        return true
    }
}

/// After the last announcement: udev gives the device its name and its group meanwhile, in a tenth of a
/// second as a rule, and on a machine that boots in a second or two.
private let settlingTimes: [Duration] = [.milliseconds(300), .seconds(2)]
/// Between two looks where nothing is announced.
private let lookInterval = Duration.seconds(5)
