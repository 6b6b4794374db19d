// Setting up a serial line for raw bytes, 8 data bits, no parity (POSIX.1-2017 chapter 11).
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import Glibc

enum SerialLine {
    /// Makes the terminal behind `descriptor` raw and ours alone, at `speed` bits per second (nil:
    /// as it stands), and throws away what it had received before. The modem lines stay as they are
    /// when the descriptor is closed.
    static func prepare(
        _ descriptor: Int32,
        speed: Int?,
        path: String,
        source: String
    ) throws(NoiseSourceError) {
        var code: speed_t?
        if let speed {
            code = speeds.first { $0.bitsPerSecond == speed }?.code
            guard code != nil else {
                let known = speeds.map { String($0.bitsPerSecond) }.joined(separator: ", ")
                throw NoiseSourceError(
                    .invalidSetting,
                    source: source,
                    "\(speed) is no speed of a serial line",
                    hint: "Possible are \(known)."
                )
            }
        }
        guard ioctl(descriptor, UInt(TIOCEXCL), 0) == 0 else {
            throw NoiseSourceError(source: source, "lock", path: path, errorNumber: errno)
        }
        var settings = termios()
        guard tcgetattr(descriptor, &settings) == 0 else {
            throw NoiseSourceError(source: source, "set up", path: path, errorNumber: errno)
        }
        cfmakeraw(&settings)
        settings.c_cflag &= ~tcflag_t(CSTOPB | HUPCL)
        settings.c_cflag |= tcflag_t(CLOCAL | CREAD)
        // A read gives what there is and at least one byte: zero always means a hang-up.
        settings.c_cc.6 = 1  // VMIN
        settings.c_cc.5 = 0  // VTIME
        if let code { cfsetspeed(&settings, code) }
        guard tcsetattr(descriptor, TCSANOW, &settings) == 0 else {
            throw NoiseSourceError(source: source, "set up", path: path, errorNumber: errno)
        }
        // tcsetattr succeeds when it could do any part of it.
        var actual = termios()
        guard tcgetattr(descriptor, &actual) == 0,
            actual.c_cflag & tcflag_t(CSIZE) == tcflag_t(CS8),
            actual.c_lflag & tcflag_t(ICANON) == 0, code == nil || cfgetispeed(&actual) == code
        else {
            throw NoiseSourceError(
                .invalidSetting,
                source: source,
                "\(path) did not take the serial settings",
                hint: "Try another speed."
            )
        }
        tcflush(descriptor, TCIFLUSH)
    }

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
