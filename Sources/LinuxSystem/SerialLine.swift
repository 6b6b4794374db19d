// Setting up a serial line for raw bytes, 8 data bits, no parity (POSIX.1-2017 chapter 11).
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import Glibc

package enum SerialLine {
    package enum Failure: Error, Equatable {
        /// No line knows this speed; `known` are those that exist, in bits per second.
        case unknownSpeed(Int, known: [Int])
        /// A system call failed; `action` is a verb.
        case refused(action: String, errorNumber: Int32)
        /// The driver took only a part of the settings.
        case notTaken
    }

    /// Which of the bytes that are under way ``prepare(_:speed:discarding:)`` throws away.
    package enum Discard { case received, both }

    /// Makes the terminal behind `descriptor` raw and ours alone, at `speed` bits per second (nil:
    /// as it stands), and throws away what had gathered before. No flow control; the modem lines stay
    /// as they are, also when the descriptor is closed.
    package static func prepare(
        _ descriptor: Int32,
        speed: Int?,
        discarding discard: Discard
    ) throws(Failure) {
        var code: speed_t?
        if let speed {
            code = speeds.first { $0.bitsPerSecond == speed }?.code
            guard code != nil else {
                throw .unknownSpeed(speed, known: speeds.map(\.bitsPerSecond))
            }
        }
        try call("lock") { ioctl(descriptor, UInt(TIOCEXCL), 0) }
        var settings = termios()
        try call("set up") { tcgetattr(descriptor, &settings) }
        cfmakeraw(&settings)
        settings.c_cflag &= ~tcflag_t(CSTOPB | HUPCL) & ~hardwareFlowControl
        settings.c_cflag |= tcflag_t(CLOCAL | CREAD)
        settings.c_iflag &= ~tcflag_t(IXOFF)
        // A read gives what there is and at least one byte: zero always means a hang-up.
        settings.c_cc.6 = 1  // VMIN
        settings.c_cc.5 = 0  // VTIME
        if let code { cfsetspeed(&settings, code) }
        try call("set up") { tcsetattr(descriptor, TCSANOW, &settings) }
        // tcsetattr succeeds when it could do any part of it.
        var actual = termios()
        guard tcgetattr(descriptor, &actual) == 0,
            actual.c_cflag & tcflag_t(CSIZE) == tcflag_t(CS8),
            actual.c_lflag & tcflag_t(ICANON | ECHO) == 0,
            code == nil || cfgetispeed(&actual) == code
        else { throw .notTaken }
        tcflush(descriptor, discard == .both ? TCIOFLUSH : TCIFLUSH)
    }

    /// Stops sending back what arrives, and changes nothing else: the first thing to do with a device
    /// that takes every byte for a command.
    package static func stopEcho(_ descriptor: Int32) throws(Failure) {
        var settings = termios()
        try call("set up") { tcgetattr(descriptor, &settings) }
        let echo = tcflag_t(ECHO | ECHONL)
        guard settings.c_lflag & echo != 0 else { return }
        settings.c_lflag &= ~echo
        try call("set up") { tcsetattr(descriptor, TCSANOW, &settings) }
    }

    /// Lets others open the terminal again, which is to be closed next, and throws away what was not sent:
    /// a terminal that outlives this descriptor (a pseudo-terminal whose device side stays open) would
    /// remain locked.
    package static func release(_ descriptor: Int32) {
        tcflush(descriptor, TCOFLUSH)
        _ = ioctl(descriptor, UInt(TIOCNXCL), 0)
    }

    private static func call(_ action: String, _ body: () -> Int32) throws(Failure) {
        guard body() == 0 else { throw .refused(action: action, errorNumber: errno) }
    }

    /// CRTSCTS (linux asm-generic/termbits.h), which stands behind _DEFAULT_SOURCE.
    private static let hardwareFlowControl: tcflag_t = 0x8000_0000

    /// The speeds of linux/termbits.h that devices of this kind use.
    private static let speeds: [(bitsPerSecond: Int, code: speed_t)] = [
        (1200, speed_t(B1200)), (2400, speed_t(B2400)), (4800, speed_t(B4800)),
        (9600, speed_t(B9600)), (19_200, speed_t(B19200)), (38_400, speed_t(B38400)),
        (57_600, speed_t(B57600)), (115_200, speed_t(B115200)), (230_400, speed_t(B230400)),
        (460_800, speed_t(B460800)), (500_000, speed_t(B500000)), (576_000, speed_t(B576000)),
        (921_600, speed_t(B921600)), (1_000_000, speed_t(B1000000)),
        (1_500_000, speed_t(B1500000)), (2_000_000, speed_t(B2000000)),
        (3_000_000, speed_t(B3000000)), (4_000_000, speed_t(B4000000)),
    ]
}
