// Tests of files, FIFOs, devices and serial lines as sources.
// SPDX-License-Identifier: Apache-2.0

import CWellspring
import Entropy
import Glibc
import NoiseSources
import Testing
import WellspringTesting

struct StreamSourceTests {
    private let directory = TemporaryDirectory()

    private func source(
        _ path: String?,
        speed: Int? = nil,
        silenceLimit: Duration = .seconds(30)
    ) -> StreamSource {
        var settings = NoiseSourceSettings()
        settings.path = path
        settings.speed = speed
        settings.silenceLimit = silenceLimit
        return StreamSource(settings)
    }

    private func fifo() -> String {
        let path = directory.file("fifo")
        mkfifo(path, 0o600)
        return path
    }

    /// Opens the writing end of a FIFO that has a reader, writes, and leaves.
    private func write(_ bytes: [UInt8], toFIFO path: String) {
        let descriptor = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC)
        #expect(descriptor >= 0)
        #expect(Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
        Glibc.close(descriptor)
    }

    @Test("without an operator's claim nothing is claimed")
    func claim() {
        #expect(source("x").descriptor.claim == EntropyClaim(minEntropy: .zero, origin: .none))
    }

    // MARK: Files

    @Test("a file is read to its end, then used up")
    func file() throws {
        let source = source(directory.write("abc", to: "data"))
        try source.open()
        defer { source.close() }
        #expect(try source.samples(upTo: 2) == [0x61, 0x62])
        #expect(try source.samples(upTo: 2) == [0x63])
        let error = #expect(throws: NoiseSourceError.self) { try source.samples(upTo: 2) }
        #expect(error?.code == .endOfData)
    }

    @Test("a file that is opened again goes on where it stopped")
    func resumed() throws {
        let source = source(directory.write("abcd", to: "data"))
        try source.open()
        #expect(try source.samples(upTo: 3) == [0x61, 0x62, 0x63])
        source.close()
        try source.open()
        #expect(try source.samples(upTo: 3) == [0x64])
        source.close()
        try source.open()
        #expect(throws: NoiseSourceError.self) { try source.samples(upTo: 3) }
        source.close()
    }

    @Test("another file in its place is read from its start")
    func replaced() throws {
        let path = directory.write("abcd", to: "data")
        let source = source(path)
        try source.open()
        #expect(try source.samples(upTo: 3).count == 3)
        source.close()
        rename(directory.write("xyz", to: "new"), path)
        try source.open()
        defer { source.close() }
        #expect(try source.samples(upTo: 3) == [0x78, 0x79, 0x7a])
    }

    @Test("what cannot be opened is named with a hint")
    func cannotOpen() {
        let missing = #expect(throws: NoiseSourceError.self) {
            try source(directory.file("none")).open()
        }
        #expect(missing?.code == .unavailable)
        #expect(missing?.errorNumber == ENOENT)
        #expect(missing?.description.contains("No such file") == true)
        let folder = #expect(throws: NoiseSourceError.self) { try source(directory.path).open() }
        #expect(folder?.errorNumber == EISDIR)
        let unset = #expect(throws: NoiseSourceError.self) { try source(nil).open() }
        #expect(unset?.code == .invalidSetting)
    }

    @Test("a socket's name is no stream")
    func socketName() {
        let path = directory.file("socket")
        mknod(path, S_IFSOCK | 0o600, 0)
        let error = #expect(throws: NoiseSourceError.self) { try source(path).open() }
        #expect(error?.errorNumber == ENXIO)
        #expect(error?.code == .unavailable)
    }

    @Test("a file that this user may not read is named", .enabled(if: geteuid() != 0))
    func notPermitted() {
        let path = directory.write("abc", to: "secret")
        chmod(path, 0)
        let error = #expect(throws: NoiseSourceError.self) { try source(path).open() }
        #expect(error?.code == .notPermitted)
    }

    @Test(
        "refusals become codes",
        arguments: [
            (EACCES, NoiseSourceError.Code.notPermitted), (EPERM, .notPermitted),
            (ENODEV, .unavailable), (EBUSY, .unavailable), (EMFILE, .inputOutput),
        ]
    )
    func codes(number: Int32, code: NoiseSourceError.Code) {
        let error = NoiseSourceError(source: "x", "open", path: "/dev/x", errorNumber: number)
        #expect(error.code == code)
        #expect(error.description.hasPrefix("x: cannot open /dev/x: "))
    }

    // MARK: FIFOs

    @Test("a FIFO without a writer is waited for and left when woken")
    func fifoWoken() throws {
        let source = source(fifo())
        try source.open()
        defer { source.close() }
        #expect(try source.samplesWhenWoken(upTo: 10).isEmpty)
    }

    @Test("a FIFO serves one writer after the other")
    func fifoWriters() throws {
        let path = fifo()
        let source = source(path)
        try source.open()
        defer { source.close() }
        write([1, 2], toFIFO: path)
        #expect(try source.samples(upTo: 10) == [1, 2])
        // The first writer left: the source waits for another and does not spin or end.
        #expect(try source.samplesWhenWoken(upTo: 10).isEmpty)
        write([3], toFIFO: path)
        #expect(try source.samples(upTo: 10) == [3])
    }

    @Test("a FIFO that no program writes into is named")
    func fifoSilent() throws {
        let path = fifo()
        let source = source(path, silenceLimit: .milliseconds(1))
        try source.open()
        defer { source.close() }
        write([1], toFIFO: path)
        #expect(try source.samples(upTo: 10) == [1])
        let error = #expect(throws: NoiseSourceError.self) { try source.samples(upTo: 10) }
        #expect(error?.code == .silent)
        #expect(error?.reason.contains(path) == true)
    }

    @Test("a FIFO that disappears is noticed when its writer leaves")
    func fifoGone() throws {
        let path = fifo()
        let source = source(path)
        try source.open()
        defer { source.close() }
        write([1], toFIFO: path)
        #expect(try source.samples(upTo: 10) == [1])
        unlink(path)
        let error = #expect(throws: NoiseSourceError.self) { try source.samples(upTo: 10) }
        #expect(error?.errorNumber == ENOENT)
    }

    @Test("a character device that floods fills the buffer and no more")
    func flood() throws {
        let source = source("/dev/zero")
        try source.open()
        defer { source.close() }
        #expect(try source.samples(upTo: 5000) == Array(repeating: 0, count: 5000))
    }

    // MARK: Serial lines

    @Test("a serial line gives every byte value unchanged")
    func serial() throws {
        let line = try PseudoTerminal()
        let source = source(line.path, speed: 115_200)
        try source.open()
        defer { source.close() }
        let bytes = (0...255).map { UInt8($0) }
        line.send(bytes)
        #expect(try source.allSamples(256) == bytes.map { RawSample($0) })
        let settings = line.settings()
        #expect(settings.c_cflag & tcflag_t(CSIZE | CSTOPB | HUPCL) == tcflag_t(CS8))
        #expect(settings.c_cflag & tcflag_t(CLOCAL | CREAD) == tcflag_t(CLOCAL | CREAD))
        #expect(settings.c_cflag & tcflag_t(CBAUD) == tcflag_t(B115200))
        #expect(settings.c_lflag & tcflag_t(ICANON | ECHO | ISIG) == 0)
    }

    @Test("what a serial line received before is thrown away")
    func stale() throws {
        let line = try PseudoTerminal()
        line.send(Array("old\n".utf8))
        let source = source(line.path)
        try source.open()
        defer { source.close() }
        line.send([9])
        #expect(try source.samples(upTo: 10) == [9])
    }

    @Test("a silent serial line is left when woken")
    func serialWoken() throws {
        let line = try PseudoTerminal()
        let source = source(line.path)
        try source.open()
        defer { source.close() }
        #expect(try source.samplesWhenWoken(upTo: 10).isEmpty)
    }

    @Test("a serial line that is unplugged is gone")
    func unplugged() throws {
        let line = try PseudoTerminal()
        let source = source(line.path)
        try source.open()
        defer { source.close() }
        line.unplug()
        let error = #expect(throws: NoiseSourceError.self) { try source.samples(upTo: 10) }
        #expect(error?.code == .deviceGone)
    }

    @Test(
        "a speed that no line has is refused with those that exist",
        arguments: [0, -1, 9601, .max]
    )
    func wrongSpeed(speed: Int) throws {
        let line = try PseudoTerminal()
        let error = #expect(throws: NoiseSourceError.self) {
            try source(line.path, speed: speed).open()
        }
        #expect(error?.code == .invalidSetting)
        #expect(error?.hint?.contains("115200") == true)
    }

    @Test("a speed for something that is no serial line is refused")
    func speedWithoutLine() {
        let path = directory.write("abc", to: "data")
        let error = #expect(throws: NoiseSourceError.self) { try source(path, speed: 9600).open() }
        #expect(error?.code == .invalidSetting)
    }
}
