// Loading libusb and calling it.
// SPDX-License-Identifier: Apache-2.0

import CWellspring
import EntropyKeyProtocol
import Glibc
import Synchronization
import Testing

@testable import EntropyKeyDevice

@Suite("LibUSB", .serialized)
struct LibUSBTests {
    @Test("a missing library is named with its package")
    func missing() {
        let error = #expect(throws: KeyDeviceError.self) {
            try LibUSB.load("libusb-of-another-world.so.0")
        }
        #expect(error?.code == .unavailable)
        #expect(error?.description.contains("libusb-of-another-world.so.0") == true)
        #expect(error?.hint?.contains("libusb-1.0-0") == true)
    }

    @Test("a library that is another one is refused")
    func other() {
        let error = #expect(throws: KeyDeviceError.self) { try LibUSB.load("libm.so.6") }
        #expect(error?.reason.contains("lacks a function") == true)
    }

    /// Only where it is installed: it is no dependency.
    @Test(
        "the real library loads and knows no device at an impossible place",
        .enabled(if: isThere)
    )
    func real() throws {
        let functions = try LibUSB.load()
        let error = #expect(throws: KeyDeviceError.self) {
            _ = try LibUSB.open(.nowhere, with: functions)
        }
        // Where a sandbox has no bus at all, it cannot even start.
        #expect([.deviceGone, .inputOutput].contains(error?.code))
    }

    private static var isThere: Bool { dlopen("libusb-1.0.so.0", RTLD_NOW) != nil }

    // MARK: A library of a test

    private func open(at location: KeyLocation = .sample()) throws -> any USBDevice {
        try LibUSB.open(location, with: scriptedLibrary)
    }

    @Test("the key at that place is opened, used and closed")
    func opened() throws {
        script.withLock { $0 = Script() }
        let device = try open()
        #expect(device.packetByteCount == 32)
        #expect(device.detachKernelDriver(interface: 1) == USBResult.success)
        #expect(device.claim(interface: 1) == USBResult.success)
        var bytes: [UInt8] = [1, 2, 3, 4]
        let (result, count) = bytes.withUnsafeMutableBytes {
            device.transfer(endpoint: 0x81, $0, milliseconds: 250)
        }
        #expect(result == USBResult.timeout && count == 2 && bytes == [0xAA, 0xBB, 3, 4])
        #expect(device.clearHalt(endpoint: 3) == USBResult.notSupported)
        #expect(device.release(interface: 1) == USBResult.success)
        #expect(device.attachKernelDriver(interface: 0) == USBResult.success)
        device.close()
        #expect(
            script.withLock { $0.calls } == [
                "init", "list", "open 2", "free", "detach 1", "claim 1", "bulk 129 4 250",
                "clear 3", "release 1", "attach 0", "close", "exit",
            ]
        )
    }

    @Test(
        "a packet size that makes no sense is taken for that of full speed",
        arguments: [-5, 0, 4096]
    )
    func packetSize(size: Int32) throws {
        script.withLock { $0 = Script(packet: size) }
        let device = try open()
        #expect(device.packetByteCount == 64)
        device.close()
    }

    @Test("a device that is no key is not opened though it has the number")
    func notKey() {
        script.withLock { $0 = Script(vendor: 0x1234) }
        let error = #expect(throws: KeyDeviceError.self) { _ = try open() }
        #expect(error?.code == .deviceGone)
        #expect(script.withLock { $0.calls } == ["init", "list", "free", "exit"])
    }

    @Test(
        "what fails is named, and the library let go",
        arguments: [
            (Script(started: -99), KeyDeviceError.Code.inputOutput, ["init"]),
            (Script(count: -11), .inputOutput, ["init", "list", "exit"]),
            (
                Script(opened: USBResult.access), .notPermitted,
                ["init", "list", "open 2", "free", "exit"]
            ),
            (
                Script(opened: USBResult.noDevice), .deviceGone,
                ["init", "list", "open 2", "free", "exit"]
            ),
        ]
    )
    func failures(scripted: Script, code: KeyDeviceError.Code, calls: [String]) {
        script.withLock { $0 = scripted }
        let error = #expect(throws: KeyDeviceError.self) { _ = try open() }
        #expect(error?.code == code)
        #expect(script.withLock { $0.calls } == calls)
    }
}

extension KeyLocation {
    /// No bus has this number.
    fileprivate static let nowhere = KeyLocation(
        name: "999-1",
        serial: nil,
        busNumber: 999,
        deviceNumber: 127
    )
}

/// What the library of the tests does, and what it was asked.
struct Script: Sendable {
    var started: Int32 = 0
    var count = 2
    var opened: Int32 = 0
    var packet: Int32 = 32
    var vendor: UInt16 = 0x20DF
    var calls: [String] = []
}

/// C functions have no context: one script for all, and one test at a time.
private let script = Mutex(Script())

private func call<R: Sendable>(_ words: String, _ result: (Script) -> R) -> R {
    script.withLock {
        $0.calls.append(words)
        return result($0)
    }
}

/// A library that knows two devices on bus 1: number 4 and number 5, as pointers 1 and 2.
private var scriptedLibrary: ws_libusb {
    ws_libusb(
        init: { context in
            context?.pointee = OpaquePointer(bitPattern: 8)
            return call("init") { $0.started }
        },
        exit: { _ in call("exit") { _ in } },
        get_device_list: { _, list in
            let devices = UnsafeMutablePointer<OpaquePointer?>.allocate(capacity: 3)
            devices[0] = OpaquePointer(bitPattern: 1)
            devices[1] = OpaquePointer(bitPattern: 2)
            devices[2] = nil
            let count = call("list") { $0.count }
            if count >= 0 { list?.pointee = devices } else { devices.deallocate() }
            return count
        },
        free_device_list: { list, _ in
            call("free") { _ in }
            list?.deallocate()
        },
        get_bus_number: { _ in 1 },
        get_device_address: { $0 == OpaquePointer(bitPattern: 1) ? 4 : 5 },
        get_device_descriptor: { _, facts in
            facts?.pointee.vendor = script.withLock { $0.vendor }
            facts?.pointee.product = 1
            return 0
        },
        get_max_packet_size: { _, _ in script.withLock { $0.packet } },
        open: { device, handle in
            let result = call("open \(Int(bitPattern: device))") { $0.opened }
            handle?.pointee = result == 0 ? OpaquePointer(bitPattern: 16) : nil
            return result
        },
        close: { _ in call("close") { _ in } },
        detach_kernel_driver: { _, interface in call("detach \(interface)") { _ in 0 } },
        attach_kernel_driver: { _, interface in call("attach \(interface)") { _ in 0 } },
        claim_interface: { _, interface in call("claim \(interface)") { _ in 0 } },
        release_interface: { _, interface in call("release \(interface)") { _ in 0 } },
        clear_halt: { _, endpoint in call("clear \(endpoint)") { _ in USBResult.notSupported } },
        bulk_transfer: { _, endpoint, bytes, length, count, milliseconds in
            bytes?[0] = 0xAA
            bytes?[1] = 0xBB
            count?.pointee = 2
            return call("bulk \(endpoint) \(length) \(milliseconds)") { _ in USBResult.timeout }
        }
    )
}
