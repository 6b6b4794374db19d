// Finding keys among this machine's USB devices, through sysfs.
// SPDX-License-Identifier: Apache-2.0

package import EntropyKeyProtocol
internal import LinuxSystem

/// Looks at what is plugged in now; remembers nothing. What a device says of itself is not trusted: a
/// device whose facts make no sense is left out, and its serial number is either well-formed or nil.
package struct KeyLocator: Sendable {
    private let tree: SystemTree

    /// `systemRoot` has no slash at its end; it is empty for the real one.
    package init(systemRoot: String = "") {
        tree = SystemTree(root: systemRoot)
    }

    /// Every key, in the order of their names.
    package func all() -> [KeyLocation] {
        tree.names(in: SysfsUSB.devices).sorted().compactMap(location)
    }

    /// The key with exactly this serial number.
    package func find(serial: EntropyKeySerial) -> KeyLocation? {
        all().first { $0.serial == serial }
    }

    /// The key plugged into that USB socket.
    package func find(name: String) -> KeyLocation? {
        location(name)
    }

    /// The key behind a terminal's path, links followed. A link of the folder /dev/entropykey, which udev
    /// names after serial numbers, is understood also while it is not there: a key without a driver
    /// has no terminal to link to. Nil when the path leads to no key on USB.
    package func at(path: String) -> KeyLocation? {
        let keys = all()
        if let target = tree.resolved(path) {
            return keys.first { $0.terminal == target || $0.terminal == path }
        }
        guard path.hasPrefix(Self.links) else {
            return keys.first { $0.terminal == path }
        }
        let name = String(path.dropFirst(Self.links.count))
        guard let serial = EntropyKeySerial(fileName: name) else { return nil }
        return keys.first { $0.serial == serial }
    }

    /// What a configured path means: a key on USB, or just what the path names.
    package func target(path: String) -> KeyTarget {
        at(path: path).map { .usb($0) } ?? .path(path)
    }

    private func location(_ name: String) -> KeyLocation? {
        let folder = "\(SysfsUSB.devices)/\(name)"
        guard isDeviceName(name), tree.text(folder + "/idVendor") == Self.vendor,
            tree.text(folder + "/idProduct") == Self.product,
            let bus = tree.number(folder + "/busnum"), (1...999).contains(bus),
            let device = tree.number(folder + "/devnum"), (1...127).contains(device)
        else { return nil }
        let interfaces = tree.names(in: folder).filter { $0.hasPrefix(name + ":") }.sorted()
        func interface(_ number: Int32) -> String? {
            interfaces.first { $0.hasSuffix(".\(number)") && isInterfaceName($0) }
        }
        let communication = interface(EntropyKeyUSB.communicationInterface)
        let data = interface(EntropyKeyUSB.dataInterface)
        let endpoints = data.map { bulkEndpoints("\(folder)/\($0)") } ?? []
        return KeyLocation(
            name: name,
            serial: tree.text(folder + "/serial").flatMap { EntropyKeySerial($0) },
            busNumber: bus,
            deviceNumber: device,
            communicationInterface: communication,
            dataInterface: data,
            driver: communication.flatMap { tree.linkedName("\(folder)/\($0)/driver") },
            terminal: communication.flatMap { terminal("\(folder)/\($0)/tty") },
            inputEndpoint: endpoints.first { $0 & 0x80 != 0 } ?? EntropyKeyUSB.inputEndpoint,
            outputEndpoint: endpoints.first { $0 & 0x80 == 0 } ?? EntropyKeyUSB.outputEndpoint
        )
    }

    /// Addresses of an interface's bulk endpoints; the highest bit means towards the host.
    private func bulkEndpoints(_ folder: String) -> [UInt8] {
        tree.names(in: folder).sorted().compactMap { name in
            guard name.hasPrefix("ep_"), name.utf8.count == 5,
                tree.text("\(folder)/\(name)/type") == "Bulk"
            else { return nil }
            return UInt8(name.dropFirst(3), radix: 16)
        }
    }

    private func terminal(_ folder: String) -> String? {
        let name = tree.names(in: folder).sorted().first {
            $0.hasPrefix("tty") && $0.utf8.allSatisfy { isDigit($0) || isLetter($0) }
        }
        return name.map { "/dev/" + $0 }
    }

    private static let vendor = hexadecimal(EntropyKeyUSB.vendor)
    private static let product = hexadecimal(EntropyKeyUSB.product)
    private static let links = "/dev/entropykey/"
}

/// Four digits, as sysfs writes ids.
private func hexadecimal(_ number: UInt16) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 4 - digits.count) + digits
}

/// Bus, hyphen, and ports joined by dots: "1-2.3".
private func isDeviceName(_ text: String) -> Bool {
    text.utf8.first.map(isDigit) == true && text.utf8.contains(UInt8(ascii: "-"))
        && text.utf8.allSatisfy { isDigit($0) || "-.".utf8.contains($0) }
}

/// A device's name, a colon, configuration, dot, interface.
private func isInterfaceName(_ text: String) -> Bool {
    text.utf8.allSatisfy { isDigit($0) || "-.:".utf8.contains($0) }
}

private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
private func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }
