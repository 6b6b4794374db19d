// Signals that wait until they are asked for.
// SPDX-License-Identifier: Apache-2.0

import Glibc
import LinuxSystem
import Testing

@Suite("SignalDescriptor")
struct SignalDescriptorTests {
    @Test("a signal to the thread is given once, and does nothing else")
    func signals() throws {
        let signals = try SignalDescriptor([SIGUSR2])
        #expect(signals.next() == nil)
        // Were it not blocked, it would end this process.
        pthread_kill(pthread_self(), SIGUSR2)
        #expect(signals.next() == SIGUSR2)
        #expect(signals.next() == nil)
    }
}
