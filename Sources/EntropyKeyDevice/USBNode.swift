// An open node of a USB device (usbfs), for what needs no transfer of data.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import Glibc

struct USBNode: ~Copyable {
    private let path: String
    private let calls: DeviceCalls
    private let descriptor: Int32

    /// `root` stands before the path, which the errors name.
    init(_ path: String, root: String, calls: DeviceCalls) throws(KeyDeviceError) {
        let opened = calls.open(root + path)
        guard opened >= 0 else {
            throw KeyDeviceError("open", path: path, errorNumber: -opened)
        }
        self.path = path
        self.calls = calls
        descriptor = opened
    }

    deinit { calls.close(descriptor) }

    /// Takes the kernel's driver off an interface; having none is no error.
    func disconnectDriver(interface: Int32) throws(KeyDeviceError) {
        let code = driverRequest(WS_USBDEVFS_DISCONNECT, interface)
        guard code >= 0 || code == -ENODATA else { throw refused("free", code) }
    }

    /// Lets the kernel look for a driver of an interface; having one is no error.
    func connectDriver(interface: Int32) throws(KeyDeviceError) {
        let code = driverRequest(WS_USBDEVFS_CONNECT, interface)
        guard code >= 0 || code == -EBUSY else { throw refused("bind a driver to", code) }
    }

    func claim(interface: Int32) throws(KeyDeviceError) {
        try request(WS_USBDEVFS_CLAIMINTERFACE, UInt32(interface), "claim")
    }

    func release(interface: Int32) throws(KeyDeviceError) {
        try request(WS_USBDEVFS_RELEASEINTERFACE, UInt32(interface), "release")
    }

    func clearHalt(endpoint: UInt8) throws(KeyDeviceError) {
        try request(WS_USBDEVFS_CLEAR_HALT, UInt32(endpoint), "clear a halt of")
    }

    func reset() throws(KeyDeviceError) {
        let code = calls.control(descriptor, UInt(WS_USBDEVFS_RESET), nil)
        guard code >= 0 else { throw refused("reset", code) }
    }

    /// A control transfer (USB 2.0 section 9.3) whose data stage, if any, fills or empties `bytes`. The
    /// number of its bytes.
    func control(
        type: UInt8,
        request: UInt8,
        value: UInt16,
        index: UInt16,
        _ bytes: inout [UInt8]
    ) throws(KeyDeviceError) -> Int {
        let code = bytes.withUnsafeMutableBytes { data in
            var transfer = usbdevfs_ctrltransfer()
            transfer.bRequestType = type
            transfer.bRequest = request
            transfer.wValue = value
            transfer.wIndex = index
            transfer.wLength = UInt16(clamping: data.count)
            transfer.timeout = controlMilliseconds
            transfer.data = data.baseAddress
            return calls.control(descriptor, UInt(WS_USBDEVFS_CONTROL), &transfer)
        }
        guard code >= 0 else { throw refused("ask", code) }
        return min(Int(code), bytes.count)
    }

    private func driverRequest(_ request: UInt, _ interface: Int32) -> Int32 {
        var argument = usbdevfs_ioctl(ifno: interface, ioctl_code: Int32(request), data: nil)
        return calls.control(descriptor, UInt(WS_USBDEVFS_IOCTL), &argument)
    }

    private func request(
        _ request: UInt,
        _ argument: UInt32,
        _ action: String
    ) throws(KeyDeviceError) {
        var argument = argument
        let code = calls.control(descriptor, request, &argument)
        guard code >= 0 else { throw refused(action, code) }
    }

    private func refused(_ action: String, _ code: Int32) -> KeyDeviceError {
        KeyDeviceError(action, path: path, errorNumber: -code)
    }
}

/// What the kernel waits for a device to answer on endpoint 0: a request without data may take 50 ms, one
/// with data 500 ms (USB 2.0 section 9.2.6.4).
private let controlMilliseconds: UInt32 = 1000
