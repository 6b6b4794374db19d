// Closing the terminal of a key that takes its commands, and of one that does not.
// SPDX-License-Identifier: Apache-2.0

import Glibc
import LinuxSystem
import Synchronization
import Testing
import WellspringTesting

@testable import EntropyKeyDevice

@Suite("TerminalClosing")
struct TerminalClosingTests {
    private let bus = FakeBus()

    /// A terminal whose driver holds bytes, for as many questions as there are counts; the last one stays.
    private final class Terminal: Sendable {
        private let counts: Mutex<[Int32]>
        let isClosed: EventDescriptor

        init(_ counts: [Int32]) throws {
            self.counts = Mutex(counts)
            isClosed = try EventDescriptor()
        }

        /// The kernel's calls with this terminal as the descriptor -1; closing it waits for `mayClose`.
        func calls(_ kernel: FakeKernel, mayClose: EventDescriptor? = nil) -> DeviceCalls {
            var calls = kernel.calls
            let (control, close) = (calls.control, calls.close)
            calls.control = { [self] descriptor, request, argument in
                guard request == UInt(TIOCOUTQ) else {
                    return control(descriptor, request, argument)
                }
                let count = counts.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
                guard count >= 0 else { return count }
                argument?.storeBytes(of: count, as: Int32.self)
                return 0
            }
            calls.close = { [self] descriptor in
                guard descriptor == -1 else { return close(descriptor) }
                kernel.note(close: "terminal")
                mayClose?.wait(atMost: nil)
                isClosed.signal()
            }
            return calls
        }
    }

    private func close(
        _ terminal: Terminal,
        _ kernel: FakeKernel,
        location: KeyLocation? = .sample(),
        mayClose: EventDescriptor? = nil
    ) -> Duration {
        let calls = terminal.calls(kernel, mayClose: mayClose)
        let start = calls.now()
        TerminalClosing(location: location, root: bus.root, calls: calls).close(-1)
        #expect(kernel.openCount == 0)
        return calls.now() - start
    }

    @Test("a terminal with nothing to send is closed at once", arguments: [0, -EIO] as [Int32])
    func empty(count: Int32) throws {
        let kernel = FakeKernel(bus.root)
        #expect(close(try Terminal([count]), kernel) == .zero)
        #expect(kernel.log == ["close terminal"])
    }

    @Test("a key that takes its command in a moment keeps its driver")
    func drained() throws {
        let kernel = FakeKernel(bus.root)
        #expect(close(try Terminal([18, 18, 0]), kernel) == .milliseconds(20))
        #expect(kernel.log == ["close terminal"])
    }

    @Test("a key that takes nothing is torn from its terminal, and gets its driver back")
    func stuck() throws {
        let kernel = FakeKernel(bus.root, failures: ["connect 0": EIO])
        #expect(close(try Terminal([18]), kernel) == .milliseconds(200))
        #expect(
            kernel.log
                == ["open /dev/bus/usb/001/005", "disconnect 0", "close terminal", "connect 0"]
        )
    }

    @Test(
        "where that is not possible the caller does not wait for the end",
        arguments: [nil, "open /dev/bus/usb/001/005", "disconnect 0"]
    )
    func aside(refused: String?) throws {
        let kernel = FakeKernel(bus.root, failures: refused.map { [$0: EACCES] } ?? [:])
        let (terminal, mayClose) = (try Terminal([18]), try EventDescriptor())
        let location: KeyLocation? = refused == nil ? nil : .sample()
        _ = close(terminal, kernel, location: location, mayClose: mayClose)
        #expect(!terminal.isClosed.wait(atMost: .zero))
        mayClose.signal()
        #expect(terminal.isClosed.wait(atMost: .seconds(20)))
        #expect(kernel.log.last == "close terminal")
    }
}
