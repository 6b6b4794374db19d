// Blocks over a character device, whose other end the test plays through a pseudo-terminal.
// SPDX-License-Identifier: Apache-2.0

import CWellspring
import Entropy
import Glibc
import Testing

@testable import Feeder

@Suite struct EGDLineTests {
    @Test("a block is asked for with command 02 and arrives byte for byte, whatever the bytes are")
    func everyByte() throws {
        let far = try FarEnd()
        var supply = far.supply()
        // The reply lies there before the supply asks: opening throws away what it had received, so it
        // has to be open already.
        #expect(throws: SupplyError.self) { try supply.block(1) }
        #expect(far.requested() == [0x02, 0x01])
        // All values, those of a terminal's control characters included; one byte was owed.
        let bytes = (0...255).map { UInt8($0) }
        far.send(bytes)
        #expect(try supply.block(256) == bytes)
    }

    @Test("what is still owed after a time-out is not asked for again")
    func owed() throws {
        let far = try FarEnd()
        var supply = far.supply()
        let first = #expect(throws: SupplyError.self) { try supply.block(64) }
        #expect(first?.code == .timedOut)
        #expect(far.requested() == [0x02, 64])
        // Some of it comes after all: only the rest is asked for, and stays owed at the next time-out.
        far.send(Array(0..<40))
        #expect(throws: SupplyError.self) { try supply.block(64) }
        #expect(far.requested() == [0x02, 24])
        far.send(Array(40..<50))
        #expect(throws: SupplyError.self) { try supply.block(64) }
        #expect(far.requested() == [0x02, 64 - 10 - 14])
        far.send(Array(50..<114))
        #expect(try supply.block(64) == Array(50..<114))
        #expect(far.requested() == [])
    }

    @Test("after a time without a single byte it asks anew, in case the request was lost")
    func lostRequest() throws {
        let far = try FarEnd()
        var supply = far.supply()
        for _ in 0..<2 {
            #expect(throws: SupplyError.self) { try supply.block(64) }
            #expect(far.requested() == [0x02, 64])
        }
        far.send(Array(0..<128))
        #expect(try supply.block(64) == Array(0..<64))
        #expect(far.requested() == [])
        #expect(try supply.block(64) == Array(64..<128))
        #expect(far.requested() == [])
    }

    @Test("a block above 255 bytes takes more than one command")
    func longBlock() throws {
        let far = try FarEnd()
        var supply = far.supply()
        #expect(throws: SupplyError.self) { try supply.block(512) }
        #expect(far.requested() == [0x02, 255, 0x02, 255, 0x02, 2])
    }

    @Test("a signal ends the wait, and the reply belongs to the next block")
    func interrupted() throws {
        let far = try FarEnd()
        var signals: [Int32] = [-1, -1]
        try #require(ws_pipe(&signals) == 0)
        defer { for end in signals { close(end) } }
        var supply = EGDBlockSupply(
            path: far.path,
            interruptDescriptor: signals[0],
            timeout: .seconds(60)
        )
        var byte: UInt8 = 1
        try #require(write(signals[1], &byte, 1) == 1)
        let error = #expect(throws: SupplyError.self) { try supply.block(64) }
        #expect(error?.code == .interrupted)
        try #require(read(signals[0], &byte, 1) == 1)
        #expect(far.requested() == [0x02, 64])
        far.send(Array(0..<64))
        #expect(try supply.block(64) == Array(0..<64))
        #expect(far.requested() == [])
    }

    @Test("the line is raw, without echo, and keeps its speed and its modem lines when closed")
    func settings() throws {
        let far = try FarEnd()
        let before = far.settings()
        do {
            var supply = far.supply()
            #expect(throws: SupplyError.self) { try supply.block(1) }
        }
        let after = far.settings()
        #expect(after.c_lflag & tcflag_t(ICANON | ECHO | ISIG | IEXTEN) == 0)
        #expect(after.c_iflag & tcflag_t(IXON | IXOFF | ICRNL | ISTRIP) == 0)
        #expect(after.c_oflag & tcflag_t(OPOST) == 0)
        #expect(after.c_cflag & tcflag_t(HUPCL) == 0)
        #expect(after.c_cflag & tcflag_t(CLOCAL) != 0)
        #expect(cfgetospeed([after]) == cfgetospeed([before]))
        // Nothing of what was sent to it comes back.
        _ = far.requested()
        far.send([1, 2, 3])
        #expect(far.requested() == [])
    }

    @Test("a hang-up is told in words, and the device opened anew for the next block")
    func hangUp() throws {
        let far = try FarEnd()
        var supply = far.supply()
        #expect(throws: SupplyError.self) { try supply.block(1) }
        far.hangUp()
        let error = #expect(throws: SupplyError.self) { try supply.block(64) }
        #expect(error?.code == .closed)
        #expect(error?.description.hasPrefix(far.path) == true)
        let next = #expect(throws: SupplyError.self) { try supply.block(64) }
        #expect(next?.code == .unreachable)
        #expect(next?.description.contains("cannot be") == true)
    }

    @Test("a character device that is no terminal is taken as it is")
    func noTerminal() throws {
        var supply = EGDBlockSupply(
            path: "/dev/zero",
            interruptDescriptor: -1,
            timeout: .seconds(60)
        )
        #expect(try supply.block(64) == [UInt8](repeating: 0, count: 64))
    }
}

extension EGDBlockSupply {
    /// A whole block, as bytes.
    fileprivate mutating func block(_ count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0xEE, count: count)
        try bytes.withUnsafeMutableBytes { buffer in
            let bits = try fill(buffer)
            #expect(bits == Bits(Double(count * 8)))
        }
        return bytes
    }
}

/// The other end of a terminal line.
private final class FarEnd {
    let path: String
    private var device: Int32

    init() throws {
        // posix_openpt and its companions are hidden from Swift; this is what they do.
        device = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)
        try #require(device >= 0)
        var (number, lock): (Int32, Int32) = (-1, 0)
        try #require(ioctl(device, unlockTerminal, &lock) == 0)
        try #require(ioctl(device, terminalNumber, &number) == 0)
        path = "/dev/pts/\(number)"
    }

    deinit { hangUp() }

    /// A supply of little patience: what it is to get is on its way when it asks.
    func supply() -> EGDBlockSupply {
        EGDBlockSupply(path: path, interruptDescriptor: -1, timeout: .milliseconds(400))
    }

    func send(_ bytes: [UInt8]) {
        #expect(write(device, bytes, bytes.count) == bytes.count)
    }

    /// What has come; the kernel takes a moment to bring it.
    func requested() -> [UInt8] {
        var entry = pollfd(fd: device, events: Int16(POLLIN), revents: 0)
        poll(&entry, 1, 100)
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = read(device, &bytes, bytes.count)
        return Array(bytes.prefix(max(0, count)))
    }

    func settings() -> termios {
        var settings = termios()
        #expect(tcgetattr(device, &settings) == 0)
        return settings
    }

    func hangUp() {
        if device >= 0 { close(device) }
        device = -1
    }
}

/// TIOCSPTLCK and TIOCGPTN (ioctl_tty(2)): _IOW('T', 0x31, int) and _IOR('T', 0x30, unsigned int).
private let unlockTerminal: UInt = 0x4004_5431
private let terminalNumber: UInt = 0x8004_5430
