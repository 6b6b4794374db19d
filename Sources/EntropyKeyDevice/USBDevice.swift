// Raw access to a USB device: the calls of libusb-1.0 that a key needs.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring

/// A USB device that is open. Results below zero are libusb's errors (``USBResult``). Transfers of both
/// directions may run at the same time.
package protocol USBDevice: Sendable {
    /// Bytes of a packet towards the host; a transfer is as long, so that it ends with each packet.
    var packetByteCount: Int { get }

    func detachKernelDriver(interface: Int32) -> Int32
    func attachKernelDriver(interface: Int32) -> Int32
    func claim(interface: Int32) -> Int32
    func release(interface: Int32) -> Int32
    func clearHalt(endpoint: UInt8) -> Int32

    /// Reads or writes, by the direction of the endpoint. The number of bytes counts whatever the result.
    func transfer(
        endpoint: UInt8,
        _ buffer: UnsafeMutableRawBufferPointer,
        milliseconds: UInt32
    ) -> (result: Int32, byteCount: Int)

    /// To be called once, last.
    func close()
}

/// How a device is opened, or what a test puts in its place.
package struct USBOpener: Sendable {
    package let open: @Sendable (KeyLocation) -> Result<any USBDevice, KeyDeviceError>

    package init(
        _ open: @escaping @Sendable (KeyLocation) -> Result<any USBDevice, KeyDeviceError>
    ) {
        self.open = open
    }
}

/// libusb's results by name (enum libusb_error).
package enum USBResult {
    package static let success: Int32 = 0
    package static let inputOutput = Int32(WS_LIBUSB_ERROR_IO)
    package static let access = Int32(WS_LIBUSB_ERROR_ACCESS)
    package static let noDevice = Int32(WS_LIBUSB_ERROR_NO_DEVICE)
    package static let notFound = Int32(WS_LIBUSB_ERROR_NOT_FOUND)
    package static let busy = Int32(WS_LIBUSB_ERROR_BUSY)
    package static let timeout = Int32(WS_LIBUSB_ERROR_TIMEOUT)
    package static let overflow = Int32(WS_LIBUSB_ERROR_OVERFLOW)
    package static let pipe = Int32(WS_LIBUSB_ERROR_PIPE)
    package static let interrupted = Int32(WS_LIBUSB_ERROR_INTERRUPTED)
    package static let noMemory = Int32(WS_LIBUSB_ERROR_NO_MEM)
    package static let notSupported = Int32(WS_LIBUSB_ERROR_NOT_SUPPORTED)

    /// A clause for people.
    static func words(_ result: Int32) -> String {
        switch result {
        case inputOutput: "input/output error"
        case access: "permission denied"
        case noDevice: "the device is gone"
        case notFound: "there is no such thing"
        case busy: "another program or driver uses it"
        case timeout: "it did not answer in time"
        case overflow: "it sent more than a packet"
        case pipe: "the endpoint is halted"
        case interrupted: "interrupted"
        case noMemory: "out of memory"
        case notSupported: "not supported here"
        default: "libusb error \(result)"
        }
    }
}

extension KeyDeviceError {
    /// A failed call of libusb on something named `name`.
    init(_ action: String, usb name: String, result: Int32) {
        let (code, hint): (Code, String?) =
            switch result {
            case USBResult.access:
                (
                    .notPermitted,
                    "Give the service's group access to it, as the packaged udev rule does."
                )
            case USBResult.busy: (.busy, "Stop the other program first.")
            case USBResult.noDevice, USBResult.notFound:
                (.deviceGone, "Check the key and its socket; it is tried again later.")
            default: (.inputOutput, nil)
            }
        self.init(code, "cannot \(action) \(name): \(USBResult.words(result))", hint: hint)
    }
}
