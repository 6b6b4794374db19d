// Moments at which something is to be looked at again, earliest first.
// SPDX-License-Identifier: Apache-2.0

/// A binary heap of times with what they are for. Entries are never taken back: their owner recognises
/// an overtaken one by its stamp.
struct TimerHeap {
    struct Entry {
        /// Monotonic nanoseconds.
        var time: Int
        var client: Int32
        var stamp: UInt32
    }

    private var entries: [Entry] = []

    /// When the first entry is due.
    var earliest: Int? { entries.first?.time }

    mutating func add(_ entry: Entry) {
        entries.append(entry)
        var index = entries.count - 1
        while index > 0, entries[index].time < entries[(index - 1) / 2].time {
            entries.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    /// Takes out the first entry if its time has come.
    mutating func next(due now: Int) -> Entry? {
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
    mutating func hasten() {
        for index in entries.indices { entries[index].time = .min }
    }
}
