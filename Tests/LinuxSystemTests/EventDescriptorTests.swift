// Waking one thread from another.
// SPDX-License-Identifier: Apache-2.0

import CWellspring
import LinuxSystem
import Testing

@Suite("EventDescriptor")
struct EventDescriptorTests {
    @Test("it is readable from a signal until it is cleared, however many signals came")
    func signals() throws {
        let event = try EventDescriptor()
        #expect(event.wait(atMost: .zero) == false)
        for _ in 0..<3 { event.signal() }
        #expect(event.wait(atMost: nil) == true)
        #expect(event.wait(atMost: .zero) == true)
        event.clear()
        #expect(event.wait(atMost: .zero) == false)
        // Nothing to clear: this must not wait.
        event.clear()
    }

    @Test("a full counter still counts as a signal")
    func full() throws {
        let event = try EventDescriptor()
        #expect(eventfd_write(event.descriptor, UInt64.max - 1) == 0)
        event.signal()
        #expect(event.wait(atMost: .zero) == true)
    }

    @Test("another thread's signal ends a wait")
    func otherThread() throws {
        let event = try EventDescriptor()
        let thread = try NamedThread("waker") { event.signal() }
        #expect(event.wait(atMost: .seconds(20)) == true)
        thread.join()
    }
}
