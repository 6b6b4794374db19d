// Finding keys in sysfs, also when it is full of nonsense.
// SPDX-License-Identifier: Apache-2.0

import EntropyKeyDevice
import EntropyKeyProtocol
import Testing
import WellspringTesting

@Suite("KeyLocator")
struct KeyLocatorTests {
    let bus = FakeBus()
    var locator: KeyLocator { KeyLocator(systemRoot: bus.root) }

    @Test("a key is found with all that is known of it")
    func one() throws {
        bus.plug()
        let key = try #require(locator.all().first)
        #expect(locator.all().count == 1)
        #expect(
            key
                == KeyLocation(
                    name: "1-2",
                    serial: EntropyKeySerial(FakeBus.serial),
                    busNumber: 1,
                    deviceNumber: 5,
                    communicationInterface: "1-2:1.0",
                    dataInterface: "1-2:1.1",
                    driver: "cdc_acm",
                    terminal: "/dev/ttyACM0"
                )
        )
        #expect(key.node == "/dev/bus/usb/001/005")
    }

    @Test("a key without a driver has no terminal, and one of another configuration has")
    func noDriver() {
        bus.plug(terminal: nil)
        #expect(locator.all().map(\.terminal) == [nil])
        #expect(locator.all().map(\.driver) == [nil])
        #expect(locator.all().map(\.communicationInterface) == ["1-2:1.0"])
        bus.plug("1-4.1", terminal: "ttyACM7", configuration: 2)
        #expect(bus.location("1-4.1")?.terminal == "/dev/ttyACM7")
        #expect(bus.location("1-4.1")?.dataInterface == "1-4.1:2.1")
    }

    @Test("bulk endpoints are those of sysfs, and the key's own where it tells none")
    func endpoints() {
        bus.plug()
        #expect(locator.all().map(\.inputEndpoint) == [0x81])
        #expect(locator.all().map(\.outputEndpoint) == [0x03])
        let interface = "\(FakeBus.device)/1-2:1.1"
        for (name, type) in [
            ("ep_85", "Bulk"), ("ep_82", "Interrupt"), ("ep_02", "Bulk"), ("ep_zz", "Bulk"),
            ("ep_", "Bulk"), ("ep_100", "Bulk"),
        ] {
            bus.write(type + "\n", "\(interface)/\(name)/type")
        }
        #expect(locator.all().map(\.inputEndpoint) == [0x85])
        #expect(locator.all().map(\.outputEndpoint) == [0x02])
    }

    @Test("a machine without USB has no keys")
    func empty() {
        #expect(KeyLocator(systemRoot: bus.root + "/nowhere").all().isEmpty)
        #expect(locator.all().isEmpty)
    }

    @Test("of several keys each is found by its exact serial number")
    func serials() throws {
        bus.plug("1-2", serial: "AAAAAAAAAAAAAAA/")
        bus.plug("1-3", serial: "AAAAAAAAAAAAAAA+", device: 6, terminal: "ttyACM1")
        #expect(locator.all().map(\.name) == ["1-2", "1-3"])
        func name(_ serial: String) throws -> String? {
            locator.find(serial: try #require(EntropyKeySerial(serial)))?.name
        }
        #expect(try name("AAAAAAAAAAAAAAA+") == "1-3")
        #expect(try name("AAAAAAAAAAAAAAA/") == "1-2")
        #expect(try name("AAAAAAAAAAAAAAAA") == nil)
    }

    @Test("a path means the key whose terminal it is, links followed")
    func paths() {
        bus.plug()
        bus.symlink("../ttyACM0", at: "/dev/entropykey/M_3lUoWERuOdXD+R")
        bus.symlink("ttyACM0", at: "/dev/my-key")
        bus.write("", "/dev/ttyACM9")
        for path in ["/dev/ttyACM0", "/dev/entropykey/M_3lUoWERuOdXD+R", "/dev/my-key"] {
            #expect(locator.at(path: path)?.name == "1-2", "\(path)")
        }
        for path in ["/dev/ttyACM9", "/dev/missing", "/dev", "", "/dev/entropykey/other"] {
            #expect(locator.at(path: path) == nil, "\(path)")
            #expect(locator.target(path: path) == .path(path))
        }
        #expect(locator.target(path: "/dev/my-key") == bus.location().map { .usb($0) })
    }

    @Test(
        "a link that is not there is understood by its name",
        arguments: ["M_3lUoWERuOdXD+R", "M.3lUoWERuOdXD+R", "M/3lUoWERuOdXD+R"]
    )
    func missingLink(name: String) {
        bus.plug(terminal: nil)
        #expect(locator.at(path: "/dev/entropykey/\(name)")?.name == "1-2")
        #expect(locator.at(path: "/run/entropykeys/\(name)") == nil)
    }

    @Test(
        "a serial number is 16 characters of base64 or none",
        arguments: [
            "", "short", "AAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAA\u{1B}", "AAAA AAAAAAAAAAA",
            "../../../etc/pas", "\u{E9}AAAAAAAAAAAAAA", String(repeating: "A", count: 10_000),
        ]
    )
    func hostileSerial(serial: String) {
        bus.plug(serial: serial)
        #expect(locator.all().map(\.serial) == [nil])
    }

    @Test(
        "a device that makes no sense is left out",
        arguments: [
            ("idVendor", "20de"), ("idVendor", ""), ("idProduct", "0002"), ("busnum", "0"),
            ("busnum", "-1"), ("busnum", "99999999999999999999"), ("devnum", "128"),
            ("devnum", "../5"), ("devnum", "\u{0}"),
        ]
    )
    func hostileFacts(file: String, text: String) {
        bus.plug()
        bus.write(text, "\(FakeBus.device)/\(file)")
        #expect(locator.all().isEmpty)
    }

    @Test("names that are no device's or no terminal's are left out")
    func hostileNames() {
        bus.plug("usb7")
        bus.plug("1-2:1.0")
        bus.plug("..1-2")
        bus.plug("1-2;reboot")
        #expect(locator.all().isEmpty)
        bus.plug("1-5", terminal: nil)
        bus.write("", "\(FakeBus.device.dropLast())5/1-5:1.0/tty/tty..; x/dev")
        #expect(locator.all().map(\.terminal) == [nil])
    }
}
