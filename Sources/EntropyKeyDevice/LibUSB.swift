// libusb-1.0, loaded at run time: only who wants raw access needs it installed.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import Glibc

extension USBOpener {
    /// Loads the library when the first device is opened.
    package static let libusb = USBOpener { location in
        Result { () throws(KeyDeviceError) in
            try LibUSB.open(location, with: LibUSB.load())
        }
    }
}

enum LibUSB {
    /// The library's functions. It stays loaded.
    static func load(_ name: String = "libusb-1.0.so.0") throws(KeyDeviceError) -> ws_libusb {
        var functions = ws_libusb()
        guard let library = dlopen(name, RTLD_NOW | RTLD_LOCAL) else {
            throw .missingLibrary(name, dlerror().map { String(cString: $0) })
        }
        guard ws_libusb_find(library, &functions) else {
            throw .missingLibrary(name, "it lacks a function of libusb 1.0")
        }
        return functions
    }

    /// The device at that place, opened. It must be a key still: another device may have its number now.
    static func open(
        _ location: KeyLocation,
        with functions: ws_libusb
    ) throws(KeyDeviceError) -> any USBDevice {
        var context: OpaquePointer?
        let started = functions.`init`(&context)
        guard started == USBResult.success, let context else {
            throw KeyDeviceError("start", usb: "libusb", result: started)
        }
        do throws(KeyDeviceError) {
            return try open(location, context, functions)
        } catch {
            functions.exit(context)
            throw error
        }
    }

    private static func open(
        _ location: KeyLocation,
        _ context: OpaquePointer,
        _ functions: ws_libusb
    ) throws(KeyDeviceError) -> any USBDevice {
        var list: UnsafeMutablePointer<OpaquePointer?>?
        let count = functions.get_device_list(context, &list)
        guard count >= 0, let list else {
            throw KeyDeviceError("list", usb: "USB devices", result: Int32(count))
        }
        defer { functions.free_device_list(list, 1) }
        let devices = UnsafeBufferPointer(start: list, count: count)
        for case let device? in devices where isKey(device, at: location, functions) {
            var handle: OpaquePointer?
            let result = functions.open(device, &handle)
            guard result == USBResult.success, let handle else {
                throw KeyDeviceError("open", usb: location.node, result: result)
            }
            let packet = functions.get_max_packet_size(device, location.inputEndpoint)
            return LibUSBDevice(functions, context, handle, packetByteCount: Int(packet))
        }
        throw KeyDeviceError("open", usb: location.node, result: USBResult.notFound)
    }

    private static func isKey(
        _ device: OpaquePointer,
        at location: KeyLocation,
        _ functions: ws_libusb
    ) -> Bool {
        var facts = ws_libusb_descriptor()
        return Int(functions.get_bus_number(device)) == location.busNumber
            && Int(functions.get_device_address(device)) == location.deviceNumber
            && functions.get_device_descriptor(device, &facts) == USBResult.success
            && facts.vendor == EntropyKeyUSB.vendor && facts.product == EntropyKeyUSB.product
    }
}

/// Unchecked: libusb's calls on one handle may come from any thread (its documentation, "Multi-threaded
/// applications"), and the pointers never change.
private final class LibUSBDevice: USBDevice, @unchecked Sendable {
    let packetByteCount: Int
    private let functions: ws_libusb
    private let context: OpaquePointer
    private let handle: OpaquePointer

    init(
        _ functions: ws_libusb,
        _ context: OpaquePointer,
        _ handle: OpaquePointer,
        packetByteCount: Int
    ) {
        self.functions = functions
        self.context = context
        self.handle = handle
        let isPlausible = possiblePackets.contains(packetByteCount)
        self.packetByteCount = isPlausible ? packetByteCount : fullSpeedPacket
    }

    func detachKernelDriver(interface: Int32) -> Int32 {
        functions.detach_kernel_driver(handle, interface)
    }

    func attachKernelDriver(interface: Int32) -> Int32 {
        functions.attach_kernel_driver(handle, interface)
    }

    func claim(interface: Int32) -> Int32 { functions.claim_interface(handle, interface) }

    func release(interface: Int32) -> Int32 { functions.release_interface(handle, interface) }

    func clearHalt(endpoint: UInt8) -> Int32 { functions.clear_halt(handle, endpoint) }

    func transfer(
        endpoint: UInt8,
        _ buffer: UnsafeMutableRawBufferPointer,
        milliseconds: UInt32
    ) -> (result: Int32, byteCount: Int) {
        var count: Int32 = 0
        let result = functions.bulk_transfer(
            handle,
            endpoint,
            buffer.baseAddress?.assumingMemoryBound(to: UInt8.self),
            Int32(clamping: buffer.count),
            &count,
            milliseconds
        )
        return (result, min(max(0, Int(count)), buffer.count))
    }

    func close() {
        functions.close(handle)
        functions.exit(context)
    }
}

extension KeyDeviceError {
    fileprivate static func missingLibrary(_ name: String, _ cause: String?) -> KeyDeviceError {
        // The loader's own words begin with the name.
        let words = cause.map { $0.hasPrefix(name) ? $0 : "\(name): \($0)" } ?? name
        return KeyDeviceError(
            .unavailable,
            "cannot load \(words)",
            hint: "Raw access needs libusb: install the package libusb-1.0-0, or use the terminal."
        )
    }
}

/// Bytes of a bulk packet (USB 2.0 section 5.8.3): 8 to 64 at full speed, which is the key's, and 512 at
/// high speed; 1024 at super speed (USB 3.2 section 8.12.1).
private let possiblePackets = 8...1024
private let fullSpeedPacket = 64
