// A terminal's echo, its settings and its lock.
// SPDX-License-Identifier: Apache-2.0

import Glibc
import LinuxSystem
import Testing
import WellspringTesting

@Suite("SerialLine")
struct SerialLineTests {
    private func open(_ terminal: PseudoTerminal) throws -> Int32 {
        let descriptor = Glibc.open(terminal.path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
        try #require(descriptor >= 0)
        return descriptor
    }

    @Test("stopping the echo changes nothing else")
    func echo() throws {
        let terminal = try PseudoTerminal()
        let descriptor = try open(terminal)
        defer { close(descriptor) }
        let before = terminal.settings()
        #expect(before.c_lflag & tcflag_t(ECHO) != 0)
        for _ in 0..<2 {
            try SerialLine.stopEcho(descriptor)
            let after = terminal.settings()
            #expect(after.c_lflag == before.c_lflag & ~tcflag_t(ECHO | ECHONL))
            #expect(after.c_iflag == before.c_iflag && after.c_cflag == before.c_cflag)
        }
    }

    @Test("what had gathered is thrown away in the directions that are asked for")
    func discard() throws {
        for discard in [SerialLine.Discard.received, .both] {
            let terminal = try PseudoTerminal()
            let descriptor = try open(terminal)
            defer { close(descriptor) }
            terminal.send([1])
            try SerialLine.prepare(descriptor, speed: nil, discarding: discard)
            var byte: UInt8 = 0
            #expect(read(descriptor, &byte, 1) == -1 && errno == EAGAIN)
            SerialLine.release(descriptor)
        }
    }

    @Test("a speed that no line has is refused with those that exist")
    func speed() throws {
        let terminal = try PseudoTerminal()
        let descriptor = try open(terminal)
        defer { close(descriptor) }
        let failure = #expect(throws: SerialLine.Failure.self) {
            try SerialLine.prepare(descriptor, speed: 9601, discarding: .received)
        }
        guard case .unknownSpeed(9601, let known)? = failure else { throw Unnamed() }
        #expect(known.contains(115_200))
    }

    @Test("what is no terminal is refused")
    func noTerminal() throws {
        let descriptor = Glibc.open("/dev/null", O_RDWR | O_CLOEXEC)
        defer { close(descriptor) }
        #expect(throws: SerialLine.Failure.refused(action: "set up", errorNumber: ENOTTY)) {
            try SerialLine.stopEcho(descriptor)
        }
        #expect(throws: SerialLine.Failure.refused(action: "lock", errorNumber: ENOTTY)) {
            try SerialLine.prepare(descriptor, speed: nil, discarding: .both)
        }
    }

    private struct Unnamed: Error {}
}
