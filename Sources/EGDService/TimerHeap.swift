// Moments at which something is to be looked at again, earliest first.
// SPDX-License-Identifier: Apache-2.0

/// A binary heap of times with what they are for. Entries are never taken back: their owner recognises
/// an overtaken one by its stamp.
package struct TimerHeap: Sendable {
    package struct Entry: Equatable, Sendable {
        /// Monotonic nanoseconds.
        package var time: Int
        package var client: Int32
        package var stamp: UInt32

        package init(time: Int, client: Int32, stamp: UInt32) {
            (self.time, self.client, self.stamp) = (time, client, stamp)
        }
    }

    private var entries: [Entry] = []

    package init() {}

    /// When the first entry is due.
    package var earliest: Int? { entries.first?.time }

    package mutating func add(_ entry: Entry) {
        entries.append(entry)
        var index = entries.count - 1
        while index > 0, entries[index].time < entries[(index - 1) / 2].time {
            entries.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    /// Takes out the first entry if its time has come.
    package mutating func next(due now: Int) -> Entry? {
        guard let first = entries.first, first.time <= now else { return nil }
        let last = entries.removeLast()
        guard !entries.isEmpty else { return first }
        entries[0] = last
        var index = 0
        while true {
            var smallest = index
            for child in [2 * index + 1, 2 * index + 2]
            where child < entries.count && entries[child].time < entries[smallest].time {
                smallest = child
            }
            guard smallest != index else { return first }
            entries.swapAt(index, smallest)
            index = smallest
        }
    }

    /// Makes every entry due.
    package mutating func hasten() {
        for index in entries.indices { entries[index].time = .min }
    }
}
