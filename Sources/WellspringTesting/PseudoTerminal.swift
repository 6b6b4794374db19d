// Both ends of a terminal: a serial device that a test plays.
// SPDX-License-Identifier: Apache-2.0

package import Glibc
package import LinuxSystem

/// Exists until ``unplug()`` or its release. The test holds the device's side; a program opens ``path``.
package final class PseudoTerminal {
    package let path: String
    /// The device's side, blocking.
    package private(set) var device: Int32

    package init() throws(SystemError) {
        // posix_openpt and its companions are hidden from Swift; this is what they do.
        device = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var (number, lock): (Int32, Int32) = (-1, 0)
        guard device >= 0, ioctl(device, unlockTerminal, &lock) == 0,
            ioctl(device, terminalNumber, &number) == 0
        else { throw SystemError("make a pseudo-terminal") }
        path = "/dev/pts/\(number)"
    }

    deinit { unplug() }

    /// To whoever has the path open, and into the terminal's own buffer until then.
    package func send(_ bytes: [UInt8]) {
        let count = write(device, bytes, bytes.count)
        precondition(count == bytes.count, "a terminal took \(count) of \(bytes.count) bytes")
    }

    /// What came from the program, at most `limit` bytes; empty when nothing came in time.
    package func receive(upTo limit: Int, within time: Duration = .seconds(20)) -> [UInt8] {
        var entry = pollfd(fd: device, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, time.pollMilliseconds) > 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = read(device, &bytes, limit)
        return Array(bytes.prefix(max(0, count)))
    }

    /// As both sides have it now.
    package func settings() -> termios {
        var settings = termios()
        precondition(
            tcgetattr(device, &settings) == 0,
            "a terminal has no settings: error \(errno)"
        )
        return settings
    }

    package func unplug() {
        if device >= 0 { close(device) }
        device = -1
    }
}

/// TIOCSPTLCK and TIOCGPTN (ioctl_tty(2)): _IOW('T', 0x31, int) and _IOR('T', 0x30, unsigned int).
private let unlockTerminal: UInt = 0x4004_5431
private let terminalNumber: UInt = 0x8004_5430
