// The three ways to a key: a terminal, a Unix stream socket, raw USB.
// SPDX-License-Identifier: Apache-2.0

package import EntropyKeyProtocol
internal import Glibc
internal import LinuxSystem

extension KeyConnection {
    /// Opens a key for this process alone. Nothing is sent, the modem lines are left as they are, and what
    /// arrives from now on is kept; what a terminal had gathered before is thrown away.
    ///
    /// `systemRoot` stands before every path; `usb` opens a device for raw access.
    package static func open(
        _ target: KeyTarget,
        access: KeyAccess = .auto,
        systemRoot: String = "",
        usb: USBOpener = .libusb
    ) throws(KeyDeviceError) -> KeyConnection {
        switch target {
        case .path(let path):
            guard access != .usb else {
                throw KeyDeviceError(
                    .invalid,
                    "\(path) is no key on USB",
                    hint: "Raw access needs a key's serial number or its terminal."
                )
            }
            let closing = TerminalClosing(location: nil, root: systemRoot, calls: .system)
            return try openPath(systemRoot + path, name: path, closing)
        case .usb(let location):
            return try open(location, access, systemRoot, usb)
        }
    }

    private static func open(
        _ location: KeyLocation,
        _ access: KeyAccess,
        _ systemRoot: String,
        _ usb: USBOpener
    ) throws(KeyDeviceError) -> KeyConnection {
        var refusal: KeyDeviceError?
        if access != .usb {
            do throws(KeyDeviceError) {
                guard let terminal = location.terminal else { throw .noTerminal(location) }
                let closing = TerminalClosing(
                    location: location,
                    root: systemRoot,
                    calls: .system
                )
                return try openPath(systemRoot + terminal, name: terminal, closing)
            } catch {
                // Who has the terminal open would lose the key.
                if access == .tty || error.code == .busy { throw error }
                refusal = error
            }
        }
        do throws(KeyDeviceError) {
            let device = try usb.open(location).get()
            let name = "USB device \(location.name)"
            let (bridge, descriptor) = try USBBridge.start(device, location, name: name)
            return KeyConnection(descriptor, name: name, .usb(bridge))
        } catch {
            throw refusal.map { $0.followed(by: error) } ?? error
        }
    }

    private static func openPath(
        _ path: String,
        name: String,
        _ closing: TerminalClosing
    ) throws(KeyDeviceError) -> KeyConnection {
        var facts = stat()
        guard stat(path, &facts) == 0 else {
            throw KeyDeviceError("open", path: name, errorNumber: errno)
        }
        switch facts.st_mode & S_IFMT {
        case S_IFCHR: return try openTerminal(path, name: name, closing)
        case S_IFSOCK: return try connect(path, name: name)
        default:
            throw KeyDeviceError(
                .invalid,
                "\(name) is neither a character device nor a socket",
                hint: "Name the key's terminal or the socket of the program that has it."
            )
        }
    }

    private static func connect(
        _ path: String,
        name: String
    ) throws(KeyDeviceError) -> KeyConnection {
        do throws(SystemError) {
            let descriptor = try UnixSocket.connect(path: path, nonBlocking: true)
            return KeyConnection(descriptor, name: name, .socket)
        } catch {
            throw KeyDeviceError("connect to", path: name, errorNumber: error.code)
        }
    }

    private static func openTerminal(
        _ path: String,
        name: String,
        _ closing: TerminalClosing
    ) throws(KeyDeviceError) -> KeyConnection {
        let descriptor = Glibc.open(path, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
        guard descriptor >= 0 else { throw KeyDeviceError("open", path: name, errorNumber: errno) }
        do throws(SerialLine.Failure) {
            // First of all: what comes back to the key is a command to it.
            try SerialLine.stopEcho(descriptor)
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                throw .refused(action: "lock", errorNumber: errno)
            }
            try SerialLine.prepare(descriptor, speed: speed, discarding: .both)
            return KeyConnection(descriptor, name: name, .terminal(closing))
        } catch {
            Glibc.close(descriptor)
            throw KeyDeviceError(terminal: name, error)
        }
    }

    /// Bits per second. It means nothing over USB; the vendor's daemon sets it, and so may its firmware
    /// expect it.
    private static let speed = 115_200
}

extension KeyDeviceError {
    fileprivate init(terminal name: String, _ failure: SerialLine.Failure) {
        switch failure {
        case .refused(_, ENOTTY):
            self.init(
                .invalid,
                "\(name) is no terminal",
                errorNumber: ENOTTY,
                hint: "A key's character device is a terminal like /dev/ttyACM0."
            )
        case .refused(let action, let errorNumber):
            self.init(action, path: name, errorNumber: errorNumber)
        case .unknownSpeed, .notTaken:
            self.init(.inputOutput, "\(name) did not take the settings of a serial line")
        }
    }

    fileprivate static func noTerminal(_ location: KeyLocation) -> KeyDeviceError {
        KeyDeviceError(
            .unavailable,
            "USB device \(location.name) has no terminal",
            hint: location.driver == nil
                ? "No driver is bound: is the kernel's module cdc_acm there?" : nil
        )
    }

    /// Both ways failed: the first one's kind, and the second one's advice.
    fileprivate func followed(by second: KeyDeviceError) -> KeyDeviceError {
        let cause = errorNumber.map { ": \(errorText($0))" } ?? ""
        return KeyDeviceError(
            code,
            "\(reason)\(cause), and \(second.reason)",
            errorNumber: second.errorNumber,
            hint: second.hint ?? hint
        )
    }
}
