// Where a key is plugged in, as sysfs shows it.
// SPDX-License-Identifier: Apache-2.0

package import EntropyKeyProtocol

/// A USB device with an Entropy Key's ids. Holds only until the key is unplugged: a key that comes back
/// has another device number and perhaps another terminal.
package struct KeyLocation: Sendable, Equatable {
    /// The kernel's name of the device, which stands for the socket it is plugged into: "1-2.3".
    package let name: String
    /// Nil when the device gives no such string.
    package let serial: EntropyKeySerial?
    /// 1 to 999, and 1 to 127 (USB 2.0 section 9.4.6): the device's node is ``node``.
    package let busNumber: Int
    package let deviceNumber: Int
    /// The communication interface and the data interface: "1-2.3:1.0" and "1-2.3:1.1". Nil while the
    /// device has no configuration, for instance because it is not authorized.
    package let communicationInterface: String?
    package let dataInterface: String?
    /// The kernel's driver of the communication interface; nil when none is bound.
    package let driver: String?
    /// "/dev/ttyACM0"; nil when no driver made one.
    package let terminal: String?
    /// The bulk endpoints of the data interface, towards the host and towards the key.
    package let inputEndpoint: UInt8
    package let outputEndpoint: UInt8

    package init(
        name: String,
        serial: EntropyKeySerial?,
        busNumber: Int,
        deviceNumber: Int,
        communicationInterface: String? = nil,
        dataInterface: String? = nil,
        driver: String? = nil,
        terminal: String? = nil,
        inputEndpoint: UInt8 = EntropyKeyUSB.inputEndpoint,
        outputEndpoint: UInt8 = EntropyKeyUSB.outputEndpoint
    ) {
        self.name = name
        self.serial = serial
        self.busNumber = busNumber
        self.deviceNumber = deviceNumber
        self.communicationInterface = communicationInterface
        self.dataInterface = dataInterface
        self.driver = driver
        self.terminal = terminal
        self.inputEndpoint = inputEndpoint
        self.outputEndpoint = outputEndpoint
    }

    /// The device's node for raw USB.
    package var node: String { usbNode(bus: busNumber, device: deviceNumber) }

    /// Its folder in sysfs.
    package var folder: String { "\(SysfsUSB.devices)/\(name)" }
}

/// The node of a USB device (Documentation/driver-api/usb/usb.rst of the kernel).
func usbNode(bus: Int, device: Int) -> String {
    func threeDigits(_ number: Int) -> String {
        String(repeating: "0", count: max(0, 3 - "\(number)".count)) + "\(number)"
    }
    return "/dev/bus/usb/\(threeDigits(bus))/\(threeDigits(device))"
}

/// Names in sysfs (Documentation/ABI/testing/sysfs-bus-usb of the kernel).
enum SysfsUSB {
    static let devices = "/sys/bus/usb/devices"
    static let drivers = "/sys/bus/usb/drivers"
}

/// Facts of the device, from the vendor's documents.
package enum EntropyKeyUSB {
    /// idVendor and idProduct, which Simtec Electronics printed in its udev rules.
    package static let vendor: UInt16 = 0x20DF
    package static let product: UInt16 = 0x0001
    /// CDC-ACM: the interface of its control requests and that of its bytes.
    package static let communicationInterface: Int32 = 0
    package static let dataInterface: Int32 = 1
    /// Bulk endpoints of the data interface, where sysfs does not tell: 1 towards the host, 3 towards the
    /// key.
    package static let inputEndpoint: UInt8 = 0x81
    package static let outputEndpoint: UInt8 = 0x03
}
