// Opening, using and losing a key through a terminal or a socket.
// SPDX-License-Identifier: Apache-2.0

import EntropyKeyDevice
import EntropyKeyProtocol
import Glibc
import Testing
import WellspringTesting

@Suite("KeyConnection")
struct KeyConnectionTests {
    private let directory = TemporaryDirectory()

    private func open(
        _ path: String,
        access: KeyAccess = .auto
    ) throws(KeyDeviceError) -> KeyConnection {
        try KeyConnection.open(.path(path), access: access, usb: .refusing)
    }

    private func failure(_ path: String, access: KeyAccess = .auto) -> KeyDeviceError? {
        #expect(throws: KeyDeviceError.self) { try open(path, access: access) }
    }

    // MARK: Terminals

    @Test("a terminal carries every byte value both ways, unchanged")
    func terminal() throws {
        let line = try PseudoTerminal()
        let key = try open(line.path)
        #expect(key.kind == .terminal && key.name == line.path)
        let bytes = (0...255).map { UInt8($0) }
        line.send(bytes)
        #expect(try key.receive(256) == bytes)
        try key.send(bytes)
        var received: [UInt8] = []
        while received.count < 256 {
            let part = line.receive(upTo: 256)
            guard !part.isEmpty else { break }
            received += part
        }
        #expect(received == bytes)
    }

    @Test("a terminal is raw, without echo, flow control or a hang-up on close")
    func settings() throws {
        let line = try PseudoTerminal()
        let key = try open(line.path)
        let settings = line.settings()
        #expect(settings.c_cflag & tcflag_t(CSIZE | CSTOPB | HUPCL | PARENB) == tcflag_t(CS8))
        #expect(settings.c_cflag & tcflag_t(CLOCAL | CREAD) == tcflag_t(CLOCAL | CREAD))
        #expect(settings.c_cflag & tcflag_t(CBAUD) == tcflag_t(B115200))
        #expect(settings.c_cflag & hardwareFlowControl == 0)
        #expect(settings.c_iflag & tcflag_t(IXON | IXOFF | ICRNL | ISTRIP) == 0)
        #expect(settings.c_lflag & tcflag_t(ICANON | ECHO | ECHONL | ISIG) == 0)
        key.close()
    }

    @Test("nothing is sent on opening, and nothing that comes is sent back")
    func silent() throws {
        let line = try PseudoTerminal()
        let key = try open(line.path)
        line.send(Array("frame\n".utf8))
        #expect(try key.receive(6) == Array("frame\n".utf8))
        #expect(line.receive(upTo: 10, within: .zero).isEmpty)
        key.close()
    }

    @Test("what had gathered before is thrown away, and nothing that comes after")
    func stale() throws {
        let line = try PseudoTerminal()
        line.send(Array("old\n".utf8))
        let key = try open(line.path)
        line.send([1, 2, 3])
        #expect(try key.receive(3) == [1, 2, 3])
    }

    @Test("reading and writing do not wait")
    func nonBlocking() throws {
        let line = try PseudoTerminal()
        let key = try open(line.path)
        var byte: [UInt8] = [0]
        #expect(try byte.withUnsafeMutableBytes { try key.read(into: $0) } == 0)
        // Until the terminal's buffer is full.
        let bytes = [UInt8](repeating: 0, count: 65_536)
        var count = -1
        for _ in 0..<100 where count != 0 {
            count = try bytes.withUnsafeBytes { try key.write($0) }
        }
        #expect(count == 0)
        #expect(fcntl(key.descriptor, F_GETFD) & FD_CLOEXEC != 0)
        #expect(fcntl(key.descriptor, F_GETFL) & O_NONBLOCK != 0)
    }

    @Test("a terminal that is unplugged is gone")
    func unplugged() throws {
        let line = try PseudoTerminal()
        let key = try open(line.path)
        line.unplug()
        #expect(key.end()?.code == .deviceGone)
        let error = #expect(throws: KeyDeviceError.self) { try key.send([3]) }
        #expect(error?.code == .deviceGone)
    }

    @Test("a terminal that another one has is busy, and free again when that one closes")
    func busy() throws {
        let line = try PseudoTerminal()
        let first = try open(line.path)
        #expect(failure(line.path)?.code == .busy)
        #expect(failure(line.path)?.hint?.contains("Another program") == true)
        // The one that was refused has changed nothing.
        line.send([0x0A])
        #expect(try first.receive(1) == [0x0A])
        first.close()
        first.close()
        #expect(first.descriptor == -1)
        let second = try open(line.path)
        line.send([7])
        #expect(try second.receive(1) == [7])
    }

    @Test("releasing a connection closes it")
    func released() throws {
        let line = try PseudoTerminal()
        do { _ = try open(line.path) }
        let key = try open(line.path)
        key.close()
    }

    // MARK: Sockets

    @Test("a socket carries bytes both ways and its end is seen")
    func socket() throws {
        let path = directory.file("key")
        let listener = try #require(LoopbackListener(path: path))
        let key = try open(path)
        #expect(key.kind == .socket)
        let peer = listener.accept()
        #expect(write(peer, "abc", 3) == 3)
        #expect(try key.receive(3) == Array("abc".utf8))
        try key.send([3])
        var bytes: [UInt8] = [0, 0]
        #expect(read(peer, &bytes, 2) == 1 && bytes[0] == 3)
        #expect(fcntl(key.descriptor, F_GETFD) & FD_CLOEXEC != 0)
        #expect(fcntl(key.descriptor, F_GETFL) & O_NONBLOCK != 0)
        close(peer)
        #expect(key.end()?.code == .deviceGone)
        // Without a signal that would end the process.
        let error = #expect(throws: KeyDeviceError.self) { try key.send([3]) }
        #expect(error?.code == .deviceGone)
    }

    @Test("a socket that nobody serves is unavailable")
    func deadSocket() throws {
        let path = directory.file("dead")
        do { _ = try #require(LoopbackListener(path: path)) }
        let error = failure(path)
        #expect(error?.code == .unavailable && error?.errorNumber == ECONNREFUSED)
        #expect(error?.description.contains(path) == true)
    }

    @Test("a socket for datagrams is no key")
    func datagrams() throws {
        let path = directory.file("datagrams")
        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        #expect(result == 0)
        #expect(failure(path)?.code == .invalid)
    }

    // MARK: Refusals

    @Test("what cannot be a key is refused with a reason")
    func refused() {
        #expect(failure(directory.path)?.code == .invalid)
        #expect(failure(directory.write("x", to: "file"))?.code == .invalid)
        #expect(failure("/dev/null")?.code == .invalid)
        #expect(failure("/dev/null")?.description.contains("no terminal") == true)
        let missing = failure(directory.file("none"))
        #expect(missing?.code == .unavailable && missing?.errorNumber == ENOENT)
        #expect(failure("/dev/null/x")?.code == .unavailable)
        #expect(failure(directory.path, access: .usb)?.code == .invalid)
    }

    @Test("a terminal that this user may not open is named", .enabled(if: geteuid() != 0))
    func notPermitted() throws {
        let line = try PseudoTerminal()
        chmod(line.path, 0)
        #expect(failure(line.path)?.code == .notPermitted)
    }

    @Test(
        "refusals become codes",
        arguments: [
            (EACCES, KeyDeviceError.Code.notPermitted), (EPERM, .notPermitted), (EBUSY, .busy),
            (EAGAIN, .busy), (ENODEV, .unavailable), (ENXIO, .unavailable), (EIO, .deviceGone),
            (EMFILE, .inputOutput),
        ]
    )
    func codes(number: Int32, code: KeyDeviceError.Code) {
        let error = KeyDeviceError("open", path: "/dev/x", errorNumber: number)
        #expect(error.code == code)
        #expect(error.description.hasPrefix("cannot open /dev/x: "))
    }

    // MARK: Keys on USB

    @Test("a key on USB is opened by its terminal below the root")
    func located() throws {
        let (bus, line) = (FakeBus(), try PseudoTerminal())
        bus.symlink(line.path, at: "/dev/ttyACM0")
        bus.plug()
        let location = try #require(bus.location())
        let key = try KeyConnection.open(
            .usb(location),
            systemRoot: bus.root,
            usb: .refusing
        )
        #expect(key.kind == .terminal && key.name == "/dev/ttyACM0")
    }

    @Test("automatic access takes raw USB where there is no terminal, or none that opens")
    func automatic() throws {
        for terminal in [nil, "/dev/ttyACM-none"] {
            let target = KeyTarget.usb(.sample(terminal: terminal))
            let usb = ScriptedUSB()
            let key = try KeyConnection.open(target, usb: .giving(usb))
            #expect(key.kind == .usb && key.name == "USB device 1-2")
            let error = #expect(throws: KeyDeviceError.self) {
                try KeyConnection.open(target, access: .tty, usb: .giving(usb))
            }
            #expect(error?.code == .unavailable)
        }
    }

    @Test("automatic access never takes a key away from who has its terminal")
    func automaticBusy() throws {
        let line = try PseudoTerminal()
        let first = try open(line.path)
        let usb = ScriptedUSB()
        let error = #expect(throws: KeyDeviceError.self) {
            try KeyConnection.open(.usb(.sample(terminal: line.path)), usb: .giving(usb))
        }
        #expect(error?.code == .busy)
        #expect(usb.calls.isEmpty)
        first.close()
    }

    @Test("when both ways fail both reasons are given")
    func bothFail() {
        let target = KeyTarget.usb(.sample(terminal: "/dev/ttyACM-none"))
        let error = #expect(throws: KeyDeviceError.self) {
            try KeyConnection.open(target, usb: .refusing)
        }
        #expect(error?.code == .unavailable)
        #expect(
            error?.description
                == "cannot open /dev/ttyACM-none: No such file or directory, and cannot load libusb. "
                + "Install it."
        )
    }
}

/// CRTSCTS (linux asm-generic/termbits.h).
private let hardwareFlowControl: tcflag_t = 0x8000_0000
