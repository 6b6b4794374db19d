// A USB device that does what a test says.
// SPDX-License-Identifier: Apache-2.0

import EntropyKeyDevice
import LinuxSystem
import Synchronization

/// Gives the results that are queued; a read with nothing queued ends in a timeout, a write without a
/// script takes everything.
final class ScriptedUSB: USBDevice {
    struct Step: Sendable {
        var result = USBResult.success
        /// Of a read: what came. Of a write: how much is taken, in ``count``.
        var bytes: [UInt8] = []
        var count = Int.max
    }

    private struct State {
        var incoming: [Step]
        var outgoing: [Step] = []
        var taken: [UInt8] = []
        var calls: [String] = []
        var results: [String: Int32]
    }

    let packetByteCount = 64
    private let state: Mutex<State>
    private let never: EventDescriptor?

    /// `results` of calls other than transfers, by their words in ``calls``; success where there is none.
    init(incoming: [Step] = [], results: [String: Int32] = [:]) {
        state = Mutex(State(incoming: incoming, results: results))
        never = try? EventDescriptor()
    }

    /// Calls other than transfers, in order.
    var calls: [String] { state.withLock { $0.calls } }
    /// What was written.
    var taken: [UInt8] { state.withLock { $0.taken } }
    var isAllRead: Bool { state.withLock { $0.incoming.isEmpty } }

    func bring(_ steps: [Step]) { state.withLock { $0.incoming += steps } }
    func script(writes steps: [Step]) { state.withLock { $0.outgoing += steps } }

    func detachKernelDriver(interface: Int32) -> Int32 { call("detach \(interface)") }
    func attachKernelDriver(interface: Int32) -> Int32 { call("attach \(interface)") }
    func claim(interface: Int32) -> Int32 { call("claim \(interface)") }
    func release(interface: Int32) -> Int32 { call("release \(interface)") }
    func clearHalt(endpoint: UInt8) -> Int32 { call("clear \(endpoint)") }
    func close() { _ = call("close") }

    func transfer(
        endpoint: UInt8,
        _ buffer: UnsafeMutableRawBufferPointer,
        milliseconds: UInt32
    ) -> (result: Int32, byteCount: Int) {
        endpoint & 0x80 != 0 ? read(buffer) : write(buffer)
    }

    private func read(_ buffer: UnsafeMutableRawBufferPointer) -> (Int32, Int) {
        let step = state.withLock { $0.incoming.isEmpty ? nil : $0.incoming.removeFirst() }
        guard let step else {
            // So that the threads of a test leave the processor to others.
            never?.wait(atMost: .milliseconds(2))
            return (USBResult.timeout, 0)
        }
        buffer.copyBytes(from: step.bytes.prefix(buffer.count))
        return (step.result, min(step.bytes.count, buffer.count))
    }

    private func write(_ buffer: UnsafeMutableRawBufferPointer) -> (Int32, Int) {
        state.withLock { state in
            let step = state.outgoing.isEmpty ? Step() : state.outgoing.removeFirst()
            let count = min(step.count, buffer.count)
            state.taken += buffer.prefix(count)
            return (step.result, count)
        }
    }

    private func call(_ words: String) -> Int32 {
        state.withLock { state in
            state.calls.append(words)
            return state.results[words] ?? USBResult.success
        }
    }
}
