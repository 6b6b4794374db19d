// What the tests of this target share.
// SPDX-License-Identifier: Apache-2.0

import EntropyKeyDevice
import EntropyKeyProtocol
import Glibc
import WellspringTesting

extension FakeBus {
    func location(_ name: String = "1-2") -> KeyLocation? {
        KeyLocator(systemRoot: root).find(name: name)
    }
}

extension KeyLocation {
    /// A key that only a test knows.
    static func sample(terminal: String? = nil) -> KeyLocation {
        KeyLocation(
            name: "1-2",
            serial: EntropyKeySerial(FakeBus.serial),
            busNumber: 1,
            deviceNumber: 5,
            communicationInterface: "1-2:1.0",
            dataInterface: "1-2:1.1",
            driver: terminal == nil ? nil : "cdc_acm",
            terminal: terminal
        )
    }
}

extension USBOpener {
    /// A machine on which raw access is never possible.
    static let refusing = USBOpener { _ in
        .failure(KeyDeviceError(.unavailable, "cannot load libusb", hint: "Install it."))
    }

    static func giving(_ device: any USBDevice) -> USBOpener {
        USBOpener { _ in .success(device) }
    }
}

extension KeyConnection {
    /// Waits for bytes and reads up to `count` of them.
    func receive(_ count: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: count)
        while bytes.count < count, isReady(POLLIN) {
            let read = try chunk[..<(count - bytes.count)].withUnsafeMutableBytes {
                try self.read(into: $0)
            }
            bytes += chunk[..<read]
        }
        return bytes
    }

    /// Waits for room as often as need be.
    func send(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty, isReady(POLLOUT) {
            rest = rest.dropFirst(try rest.withUnsafeBytes { try write($0) })
        }
    }

    /// What reading ends with.
    func end() -> KeyDeviceError? {
        do throws(KeyDeviceError) {
            var chunk = [UInt8](repeating: 0, count: 4096)
            while isReady(POLLIN) {
                _ = try withTypedBytes(of: &chunk) { buffer throws(KeyDeviceError) in
                    try read(into: buffer)
                }
            }
            return nil
        } catch {
            return error
        }
    }

    func isReady(_ events: Int32, within seconds: Int32 = 20) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        return poll(&entry, 1, seconds * 1000) > 0
    }
}

/// As withUnsafeMutableBytes, with a typed error.
private func withTypedBytes<R>(
    of bytes: inout [UInt8],
    _ body: (UnsafeMutableRawBufferPointer) throws(KeyDeviceError) -> R
) throws(KeyDeviceError) -> R {
    let result = bytes.withUnsafeMutableBytes { buffer in
        Result { () throws(KeyDeviceError) in try body(buffer) }
    }
    return try result.get()
}
