// A USB bus with keys on it, as sysfs would show it.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A throw-away tree with the layout of /. Removed with everything in it when released.
package final class FakeBus: Sendable {
    private let directory = TemporaryDirectory()
    package var root: String { directory.path }

    package static let serial = "M/3lUoWERuOdXD+R"

    package init() {
        folder("/sys/bus/usb/devices")
        folder("/sys/bus/usb/drivers/cdc_acm")
        for file in ["bind", "unbind"] { write("", "/sys/bus/usb/drivers/cdc_acm/\(file)") }
        write("1", "\(Self.hub)/busnum")
        write("1", "\(Self.hub)/devnum")
        write("1d6b", "\(Self.hub)/idVendor")
        write("", "\(Self.hub)/1-0:1.0/bInterfaceNumber")
        link("usb1", to: Self.hub)
        link("1-0:1.0", to: "\(Self.hub)/1-0:1.0")
    }

    /// Plugs a device in. Without a terminal no driver is bound; an existing node stays.
    package func plug(
        _ name: String = "1-2",
        serial: String? = FakeBus.serial,
        device: Int = 5,
        terminal: String? = "ttyACM0",
        configuration: Int = 1,
        vendor: String = "20df"
    ) {
        let folder = "\(Self.hub)/\(name)"
        let facts = [
            "idVendor": vendor, "idProduct": "0001", "busnum": "1", "devnum": "\(device)",
            "authorized": "1",
        ]
        for (file, text) in facts { write(text + "\n", "\(folder)/\(file)") }
        if let serial { write(serial + "\n", "\(folder)/serial") }
        for interface in 0...1 {
            let interfaceName = "\(name):\(configuration).\(interface)"
            write("0\(interface)", "\(folder)/\(interfaceName)/bInterfaceNumber")
            link(interfaceName, to: "\(folder)/\(interfaceName)")
            guard let terminal else { continue }
            symlink(
                "../../../../../../bus/usb/drivers/cdc_acm",
                "\(root)\(folder)/\(interfaceName)/driver"
            )
            guard interface == 0 else { continue }
            write("166:0", "\(folder)/\(interfaceName)/tty/\(terminal)/dev")
            if access("\(root)/dev/\(terminal)", F_OK) != 0 { write("", "/dev/\(terminal)") }
        }
        link(name, to: folder)
    }

    package func unplug(_ name: String = "1-2") {
        unlink("\(root)/sys/bus/usb/devices/\(name)")
    }

    package func write(_ text: String, _ path: String) {
        directory.write(text, to: String(path.dropFirst()))
    }

    /// A symbolic link with that text.
    package func symlink(_ target: String, at path: String) {
        folder(String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]))
        symlink(target, root + path)
    }

    package func contents(_ path: String) -> String? {
        guard let file = fopen(root + path, "r") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    private func symlink(_ target: String, _ path: String) { _ = Glibc.symlink(target, path) }

    private func link(_ name: String, to folder: String) {
        symlink("../../../..\(folder)", "\(root)/sys/bus/usb/devices/\(name)")
    }

    private func folder(_ path: String) {
        var folder = root
        for part in path.split(separator: "/") {
            folder += "/\(part)"
            mkdir(folder, 0o700)
        }
    }

    private static let hub = "/sys/devices/pci0000:00/0000:00:14.0/usb1"
    package static let port = "/sys/devices/pci0000:00/0000:00:14.0/usb1/1-0:1.0/usb1-port2"
    package static let device = "/sys/bus/usb/devices/1-2"
}
