// Blocks over a character device with an EGD server at its other end, such as a guest's serial line.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import Glibc
internal import LinuxSystem

/// An open character device on which command 02 is spoken. It stays open between blocks: replies have
/// no frame, so what is still owed after a time-out belongs to later blocks and is not asked for again.
///
/// It does not promise that the other end is an EGD server: whatever comes is taken for its replies.
final class EGDLine {
    private let path: String
    private let descriptor: Int32
    /// Commands that the device has not taken yet. They are sent whole, if later, or the server would
    /// take the next one's bytes for the rest of this one.
    private var outgoing: [UInt8] = []
    /// Bytes asked for that have not come.
    private var owed = 0

    /// Opens the device, makes a terminal raw and throws away what it had received before.
    init(path: String) throws(SupplyError) {
        let opened = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
        guard opened >= 0 else {
            throw SupplyError(.unreachable, "\(path) cannot be opened: \(errorText(errno)).")
        }
        if isatty(opened) == 1, let failure = makeRaw(opened) {
            close(opened)
            throw SupplyError(
                .unreachable,
                "\(path) cannot be set to pass bytes as they are: \(errorText(failure))."
            )
        }
        self.path = path
        descriptor = opened
    }

    deinit { close(descriptor) }

    static func isCharacterDevice(_ path: String) -> Bool {
        var facts = stat()
        return stat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFCHR
    }

    /// Fills the buffer, or throws `timedOut` or `interrupted` and keeps account of what is owed, or
    /// `closed`, after which this object is of no more use.
    func fill(
        _ buffer: UnsafeMutableRawBufferPointer,
        wait: SupplyWait
    ) throws(SupplyError) {
        var received = 0
        do throws(SupplyError) {
            while received < buffer.count {
                let got = read(
                    descriptor,
                    buffer.baseAddress! + received,
                    buffer.count - received
                )
                if got > 0 {
                    received += got
                    owed = max(0, owed - got)
                } else if got == 0 {
                    throw SupplyError(.closed, "\(path) hung up before it sent a whole block.")
                } else if errno == EAGAIN {
                    // Only what neither lies here nor is on its way is asked for.
                    try request(buffer.count - received - owed)
                    let events = outgoing.isEmpty ? POLLIN : POLLIN | POLLOUT
                    try wait.until(descriptor, isReadyFor: Int16(events), path: path)
                } else if errno != EINTR {
                    throw SupplyError(.closed, "\(path) failed: \(errorText(errno)).")
                }
            }
        } catch {
            // Not a byte in all this time: the other end may have lost the request, as a server does
            // that was restarted. Should it answer both, the rest lies here and serves the next block.
            if error.code == .timedOut, received == 0 { owed = 0 }
            throw error
        }
    }

    private func request(_ byteCount: Int) throws(SupplyError) {
        if byteCount > 0 {
            outgoing += EGDBlockSupply.readCommands(byteCount: byteCount)
            owed += byteCount
        }
        while !outgoing.isEmpty {
            let sent = write(descriptor, outgoing, outgoing.count)
            if sent > 0 {
                outgoing.removeFirst(sent)
            } else if sent == 0 || errno == EAGAIN {
                return
            } else if errno != EINTR {
                throw SupplyError(.closed, "\(path) takes no request: \(errorText(errno)).")
            }
        }
    }
}

/// 8 bits, no echo, no translation, no flow control by characters. Speed and modem lines stay as they
/// are, also when the device is closed. An error number, or nil.
private func makeRaw(_ descriptor: Int32) -> Int32? {
    var settings = termios()
    guard tcgetattr(descriptor, &settings) == 0 else { return errno }
    cfmakeraw(&settings)
    settings.c_iflag &= ~tcflag_t(IXOFF | IXANY)
    settings.c_cflag &= ~tcflag_t(HUPCL)
    settings.c_cflag |= tcflag_t(CLOCAL | CREAD)
    // A read gives what there is: zero always means a hang-up.
    settings.c_cc.6 = 1  // VMIN
    settings.c_cc.5 = 0  // VTIME
    guard tcsetattr(descriptor, TCSANOW, &settings) == 0 else { return errno }
    // tcsetattr succeeds when it could do any part of it.
    var actual = termios()
    guard tcgetattr(descriptor, &actual) == 0 else { return errno }
    guard actual.c_cflag & tcflag_t(CSIZE) == tcflag_t(CS8),
        actual.c_lflag & tcflag_t(ICANON | ECHO) == 0, actual.c_oflag & tcflag_t(OPOST) == 0
    else { return EINVAL }
    tcflush(descriptor, TCIFLUSH)
    return nil
}
