// The system calls of recovery on a fake bus, with a clock that only waiting moves.
// SPDX-License-Identifier: Apache-2.0

import CWellspring
import EntropyKeyDevice
import Glibc
import Synchronization

/// Notes every call in words, and fails those that a test names.
final class FakeKernel: Sendable {
    private struct State {
        var log: [String] = []
        var now = Duration.seconds(1000)
        var openCount = 0
        var wakesAt: Duration?
    }

    private let state = Mutex(State())
    private let root: String
    private let failures: [String: Int32]
    /// The bytes of a hub's descriptor.
    private let hubDescriptor: [UInt8]
    /// What happens in the world after a call.
    private let after: @Sendable (String) -> Void

    /// `failures` are error numbers by a call's words.
    init(
        _ root: String,
        failures: [String: Int32] = [:],
        hubDescriptor: [UInt8] = [],
        after: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.root = root
        self.failures = failures
        self.hubDescriptor = hubDescriptor
        self.after = after
    }

    var log: [String] { state.withLock { $0.log } }
    /// Nodes that were opened and not closed.
    var openCount: Int { state.withLock { $0.openCount } }

    /// Notes that something was closed which this kernel did not open.
    func note(close what: String) { _ = note("close \(what)") }

    /// Every wait from that time on, counted from the start, ends with a wake-up.
    func wake(after time: Duration) { state.withLock { $0.wakesAt = $0.now + time } }

    var calls: DeviceCalls {
        DeviceCalls(
            open: { [self] path in
                let result = note("open \(path.dropFirst(root.count))")
                if result >= 0 { state.withLock { $0.openCount += 1 } }
                return result
            },
            close: { [self] _ in state.withLock { $0.openCount -= 1 } },
            control: { [self] _, request, argument in control(request, argument) },
            write: { [self] text, path in note("write \(text) \(path.dropFirst(root.count))") },
            now: { [self] in state.withLock { $0.now } },
            wait: { [self] deadline, _ in
                state.withLock { state in
                    if let wake = state.wakesAt, wake < deadline {
                        state.now = max(state.now, wake)
                        return true
                    }
                    state.now = max(state.now, deadline)
                    return false
                }
            }
        )
    }

    private func control(_ request: UInt, _ argument: UnsafeMutableRawPointer?) -> Int32 {
        switch request {
        case UInt(WS_USBDEVFS_RESET): return note("reset")
        case UInt(WS_USBDEVFS_IOCTL):
            guard let order = argument?.load(as: usbdevfs_ioctl.self) else { return -EFAULT }
            let isConnect = UInt(order.ioctl_code) == UInt(WS_USBDEVFS_CONNECT)
            let isDisconnect = UInt(order.ioctl_code) == UInt(WS_USBDEVFS_DISCONNECT)
            guard isConnect || isDisconnect else { return -ENOTTY }
            return note("\(isConnect ? "connect" : "disconnect") \(order.ifno)")
        case UInt(WS_USBDEVFS_CONTROL):
            guard let transfer = argument?.load(as: usbdevfs_ctrltransfer.self) else {
                return -EFAULT
            }
            let words = [
                UInt16(transfer.bRequestType), UInt16(transfer.bRequest), transfer.wValue,
                transfer.wIndex, transfer.wLength,
            ].map { String($0, radix: 16) }
            let result = note("control " + words.joined(separator: " "))
            guard result >= 0, transfer.bRequestType & 0x80 != 0 else { return result }
            let count = min(hubDescriptor.count, Int(transfer.wLength))
            transfer.data?.copyMemory(from: hubDescriptor, byteCount: count)
            return Int32(count)
        default:
            guard let number = argument?.load(as: UInt32.self) else { return -EFAULT }
            let names = [
                UInt(WS_USBDEVFS_CLAIMINTERFACE): "claim",
                UInt(WS_USBDEVFS_RELEASEINTERFACE): "release",
                UInt(WS_USBDEVFS_CLEAR_HALT): "clear",
            ]
            return names[request].map { note("\($0) \(number)") } ?? -ENOTTY
        }
    }

    private func note(_ words: String) -> Int32 {
        state.withLock { $0.log.append(words) }
        after(words)
        return failures[words].map { -$0 } ?? 7
    }
}
