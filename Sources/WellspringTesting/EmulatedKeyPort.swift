// Where an emulated Entropy Key is plugged in, in emulated time: a wire with a clock.
// SPDX-License-Identifier: Apache-2.0

/// For one thread. Whoever waits on the wire moves the time, to the next moment at which something happens.
package final class EmulatedKeyPort {
    package var key: EmulatedEntropyKey
    package private(set) var now: Duration
    /// Nobody can open it; who has it open sees a hang-up.
    package var isUnplugged = false
    /// Bytes on their way to the host.
    private var wire: [UInt8] = []
    /// What happens at a time, the next first: faults and their ends.
    private var plan: [(time: Duration, event: (EmulatedKeyPort) -> Void)] = []

    package init(_ key: EmulatedEntropyKey) {
        self.key = key
        now = key.now
    }

    package func plan(after time: Duration, _ event: @escaping (EmulatedKeyPort) -> Void) {
        plan.append((now + time, event))
        plan.sort { $0.time < $1.time }
    }

    package var hasInput: Bool { !wire.isEmpty || isUnplugged }

    /// Bytes that are there; nil after a hang-up.
    package func read(atMost count: Int) -> [UInt8]? {
        guard !isUnplugged else { return nil }
        defer { wire.removeFirst(min(count, wire.count)) }
        return Array(wire.prefix(count))
    }

    /// False after a hang-up.
    package func write(_ packet: [UInt8]) -> Bool {
        guard !isUnplugged else { return false }
        key.receive(packet)
        wire += key.takeOutput()
        return true
    }

    /// What was sent and not yet read is lost, as when a connection is closed and opened.
    package func discard() { wire = [] }

    /// Time passes until there is input, or until `deadline`; whether there is input.
    package func wait(until deadline: Duration) -> Bool {
        while !hasInput, now < deadline { step(until: deadline) }
        return hasInput
    }

    /// Time passes until `deadline`, whatever comes.
    package func pass(until deadline: Duration) {
        while now < deadline { step(until: deadline) }
    }

    private func step(until deadline: Duration) {
        now = min(deadline, key.nextEvent, plan.first?.time ?? deadline)
        key.advance(to: now)
        while let next = plan.first, next.time <= now {
            plan.removeFirst()
            next.event(self)
        }
        let output = key.takeOutput()
        if !isUnplugged { wire += output }
    }
}
