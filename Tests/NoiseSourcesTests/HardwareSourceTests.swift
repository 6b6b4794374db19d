// Tests of the kernel's generator device, with a FIFO or invented errors in its place.
// SPDX-License-Identifier: Apache-2.0

import CWellspring
import Entropy
import Glibc
import Testing
import WellspringTesting

@testable import NoiseSources

struct HardwareSourceTests {
    private let directory = TemporaryDirectory()

    private func settings(
        path: String,
        silenceLimit: Duration = .seconds(30)
    ) -> NoiseSourceSettings {
        var settings = NoiseSourceSettings()
        settings.systemRoot = directory.path
        settings.path = path
        settings.silenceLimit = silenceLimit
        return settings
    }

    /// A FIFO with `bytes` in it; the returned descriptor keeps it alive.
    private func fifo(_ bytes: [UInt8]) -> (path: String, descriptor: Int32) {
        let path = directory.file("hwrng")
        mkfifo(path, 0o600)
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        write(descriptor, bytes, bytes.count)
        return (path, descriptor)
    }

    @Test("bytes become samples, as many as there are")
    func bytes() throws {
        let bytes = (0..<200).map { UInt8($0) }
        let (path, descriptor) = fifo(bytes)
        defer { close(descriptor) }
        let source = HardwareSource(settings(path: path))
        try source.open()
        defer { source.close() }
        #expect(try source.samples(upTo: 150) == bytes[..<150].map { RawSample($0) })
        #expect(try source.samples(upTo: 150) == bytes[150...].map { RawSample($0) })
    }

    @Test("a silent device is left when woken")
    func woken() throws {
        let (path, descriptor) = fifo([])
        defer { close(descriptor) }
        let source = HardwareSource(settings(path: path))
        try source.open()
        defer { source.close() }
        #expect(try source.samplesWhenWoken(upTo: 10).isEmpty)
    }

    @Test("a silent device is named when its time is over")
    func silent() throws {
        let (path, descriptor) = fifo([])
        defer { close(descriptor) }
        let source = HardwareSource(settings(path: path, silenceLimit: .milliseconds(1)))
        try source.open()
        defer { source.close() }
        let error = #expect(throws: NoiseSourceError.self) { try source.samples(upTo: 10) }
        #expect(error?.code == .silent)
        #expect(error?.reason.contains(path) == true)
    }

    @Test("a missing device is unavailable")
    func missing() {
        let path = directory.file("none")
        #expect(
            HardwareSource.availability(settings(path: path))
                == .unavailable(reason: "there is no \(path)")
        )
        let source = HardwareSource(settings(path: path))
        let error = #expect(throws: NoiseSourceError.self) { try source.open() }
        #expect(error?.code == .unavailable)
        #expect(error?.errorNumber == ENOENT)
    }

    @Test("a directory is no device")
    func isDirectory() {
        let source = HardwareSource(settings(path: directory.path))
        let error = #expect(throws: NoiseSourceError.self) { try source.open() }
        #expect(error?.errorNumber == EISDIR)
    }

    @Test("a device that ends is gone")
    func ended() throws {
        let source = HardwareSource(settings(path: directory.write("x", to: "short")))
        try source.open()
        defer { source.close() }
        #expect(try source.samples(upTo: 10) == [0x78])
        let error = #expect(throws: NoiseSourceError.self) { try source.samples(upTo: 10) }
        #expect(error?.code == .deviceGone)
    }

    @Test("a device that answers EIO is named")
    func ioError() throws {
        // Address 0 of this process is not mapped: Linux answers EIO.
        let source = HardwareSource(settings(path: "/proc/self/mem"))
        try source.open()
        defer { source.close() }
        let error = #expect(throws: NoiseSourceError.self) { try source.samples(upTo: 10) }
        #expect(error?.code == .deviceGone)
        #expect(error?.errorNumber == EIO)
    }

    @Test("a device that vanished is named")
    func noDevice() throws {
        let (path, descriptor) = fifo([1])
        defer { close(descriptor) }
        let source = HardwareSource(
            settings(path: path),
            read: { _, _, _ in
                errno = ENODEV
                return -1
            }
        )
        try source.open()
        defer { source.close() }
        let error = #expect(throws: NoiseSourceError.self) { try source.samples(upTo: 10) }
        #expect(error?.code == .deviceGone)
    }

    @Test(
        "a device that stays busy is asked ever more rarely, then named",
        arguments: [EAGAIN, EBUSY]
    )
    func busy(error number: Int32) throws {
        let (path, descriptor) = fifo([1])
        defer { close(descriptor) }
        var calls = 0
        let source = HardwareSource(
            settings(path: path, silenceLimit: .milliseconds(30)),
            read: { _, _, _ in
                calls += 1
                errno = number
                return -1
            }
        )
        try source.open()
        defer { source.close() }
        let error = #expect(throws: NoiseSourceError.self) { try source.samples(upTo: 10) }
        #expect(error?.code == .silent)
        #expect(error?.errorNumber == number)
        // Pauses of 1, 2, 4, 8 and 16 ms: at most six calls, and one at the end.
        #expect((1...7).contains(calls))
    }

    @Test("a busy or interrupted device that recovers goes on")
    func recovers() throws {
        let (path, descriptor) = fifo([7])
        defer { close(descriptor) }
        var errors = [EAGAIN, EINTR, EBUSY, EINTR]
        let source = HardwareSource(
            settings(path: path),
            read: { descriptor, bytes, count in
                if errors.isEmpty { return Glibc.read(descriptor, bytes, count) }
                errno = errors.removeFirst()
                return -1
            }
        )
        try source.open()
        defer { source.close() }
        #expect(try source.samples(upTo: 10) == [7])
        #expect(errors.isEmpty)
    }

    @Test(
        "what the kernel does with the device is said",
        arguments: [
            (
                "virtio_rng.0\n", "1024\n",
                "virtio_rng.0; the kernel already draws from it, at 1024 of 1024"
            ),
            ("tpm-rng-0\n", "0\n", "tpm-rng-0; the kernel gives it no credit"),
            ("ccp-1\n", nil, "ccp-1; whether the kernel draws from it is not known"),
            ("ccp-1\n", "nonsense", "ccp-1; whether the kernel draws from it is not known"),
        ]
    )
    func note(current: String, quality: String?, note: String) {
        directory.write(current, to: "sys/class/misc/hw_random/rng_current")
        if let quality { directory.write(quality, to: "sys/class/misc/hw_random/rng_quality") }
        let path = directory.write("", to: "device")
        #expect(HardwareSource.availability(settings(path: path)) == .available(note: note))
    }

    @Test("a device without a generator behind it is unavailable")
    func none() {
        directory.write("none\n", to: "sys/class/misc/hw_random/rng_current")
        let path = directory.write("", to: "device")
        #expect(
            HardwareSource.availability(settings(path: path))
                == .unavailable(reason: "no hardware generator stands behind \(path)")
        )
    }
}
