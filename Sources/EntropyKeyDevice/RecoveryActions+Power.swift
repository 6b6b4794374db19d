// Switching the power of the port that a key is plugged into (USB 2.0 section 11.24.2).
// SPDX-License-Identifier: Apache-2.0

internal import EntropyKeyProtocol
internal import LinuxSystem

extension RecoveryActions {
    /// Off for ``offTime``, then on, whatever happens in between. Through the port's file in sysfs (Linux
    /// 6.0), else by requests to the hub, if that can switch its ports one by one.
    func powerCycle(
        _ location: KeyLocation,
        _ wake: Int32
    ) throws(KeyDeviceError) -> RecoveryOutcome.Result {
        guard let port = HubPort(deviceName: location.name) else {
            return .skipped("it is plugged into no hub")
        }
        let file = port.folder + "/disable"
        if tree.exists(file) {
            try write("1", file)
            let isWoken = calls.wait(calls.now() + Self.offTime, wake)
            try write("0", file)
            return isWoken ? .interrupted : .done
        }
        guard let bus = tree.number("\(SysfsUSB.devices)/\(port.hub)/busnum"),
            let device = tree.number("\(SysfsUSB.devices)/\(port.hub)/devnum")
        else { return .skipped("its hub is not to be found") }
        let hub = try USBNode(usbNode(bus: bus, device: device), root: root, calls: calls)
        guard try switchesPorts(hub, port.number) else {
            return .skipped("its hub cannot switch the power of one port")
        }
        try request(HubRequest.clearFeature, port.number, hub)
        let isWoken = calls.wait(calls.now() + Self.offTime, wake)
        try request(HubRequest.setFeature, port.number, hub)
        return isWoken ? .interrupted : .done
    }

    /// Whether the hub's descriptor (USB 2.0 table 11-13) has that port and power switching of individual
    /// ports: 01 in the two lowest bits of its characteristics, which begin at byte 3.
    private func switchesPorts(
        _ hub: borrowing USBNode,
        _ port: UInt16
    ) throws(KeyDeviceError) -> Bool {
        var descriptor = [UInt8](repeating: 0, count: 16)
        let count = try hub.control(
            type: HubRequest.fromHub,
            request: HubRequest.getDescriptor,
            value: UInt16(HubRequest.hubDescriptor) << 8,
            index: 0,
            &descriptor
        )
        return count >= 5 && descriptor[1] == HubRequest.hubDescriptor
            && port <= UInt16(descriptor[2]) && descriptor[3] & 0b11 == 0b01
    }

    private func request(
        _ request: UInt8,
        _ port: UInt16,
        _ hub: borrowing USBNode
    ) throws(KeyDeviceError) {
        var nothing: [UInt8] = []
        _ = try hub.control(
            type: HubRequest.toPort,
            request: request,
            value: HubRequest.portPower,
            index: port,
            &nothing
        )
    }

    /// Long enough for the capacitors of a hub and a key to run dry.
    package static let offTime = Duration.seconds(5)
}

/// The socket a device is plugged into, from the device's name.
struct HubPort: Equatable {
    /// The hub's own name: "usb1" is the root hub of bus 1.
    let hub: String
    let number: UInt16
    /// The port's folder in sysfs.
    let folder: String

    /// "1-2" is port 2 of bus 1, "1-2.3" is port 3 of the hub "1-2". Nil for any other name.
    init?(deviceName: String) {
        let parts = deviceName.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, UInt16(parts[0]) != nil else { return nil }
        let ports = parts[1].split(separator: ".", omittingEmptySubsequences: false)
        guard let last = ports.last, let number = UInt16(last), (1...255).contains(number)
        else { return nil }
        let isOnRootHub = ports.count == 1
        let above = isOnRootHub ? "\(parts[0])-0" : String(deviceName.dropLast(last.count + 1))
        hub = isOnRootHub ? "usb\(parts[0])" : above
        self.number = number
        folder = "\(SysfsUSB.devices)/\(above):1.0/\(hub)-port\(number)"
    }
}

/// Requests of the hub class (USB 2.0 tables 9-4, 11-15, 11-16 and 11-17).
private enum HubRequest {
    static let fromHub: UInt8 = 0xA0
    static let toPort: UInt8 = 0x23
    static let clearFeature: UInt8 = 1
    static let setFeature: UInt8 = 3
    static let getDescriptor: UInt8 = 6
    static let hubDescriptor: UInt8 = 0x29
    static let portPower: UInt16 = 8
}
