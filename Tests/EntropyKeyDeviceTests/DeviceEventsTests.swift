// Which announcements of the kernel matter, and whom to believe.
// SPDX-License-Identifier: Apache-2.0

import CWellspring
import Glibc
import Testing

@testable import EntropyKeyDevice

@Suite("DeviceEvents")
struct DeviceEventsTests {
    private func message(_ fields: [String]) -> [UInt8] {
        Array((fields.joined(separator: "\0") + "\0").utf8)
    }

    @Test(
        "keys and terminals that come and go matter",
        arguments: ["add", "remove", "bind", "unbind"],
        ["usb", "tty"]
    )
    func relevant(action: String, subsystem: String) {
        #expect(
            DeviceEvents.isRelevant(
                message([
                    "\(action)@/devices/x", "ACTION=\(action)", "DEVPATH=/devices/x",
                    "SUBSYSTEM=\(subsystem)", "SEQNUM=1",
                ])
            )
        )
    }

    @Test(
        "anything else does not",
        arguments: [
            [], [""], ["add@/devices/usb"], ["ACTION=add"], ["SUBSYSTEM=usb"],
            ["ACTION=change", "SUBSYSTEM=usb"], ["ACTION=add", "SUBSYSTEM=block"],
            ["ACTION=address", "SUBSYSTEM=usb"], ["ACTION=add", "SUBSYSTEM=usbmon"],
            ["XACTION=add", "SUBSYSTEM=usb"], ["ACTION=add", "X=SUBSYSTEM=usb"],
        ]
    )
    func irrelevant(fields: [String]) {
        #expect(!DeviceEvents.isRelevant(message(fields)))
    }

    @Test("bytes without order or end do no harm")
    func hostile() {
        var random = SystemRandomNumberGenerator()
        for length in 0..<300 {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
            #expect(!DeviceEvents.isRelevant(bytes))
        }
        #expect(!DeviceEvents.isRelevant(Array(repeating: 0, count: 6000)))
        #expect(DeviceEvents.isRelevant(Array("ACTION=add\0SUBSYSTEM=usb".utf8)))
    }

    /// Where the system has such sockets.
    @Test("an empty socket has nothing to tell", .enabled(if: isPossible))
    func empty() throws {
        let events = try DeviceEvents()
        #expect(fcntl(events.descriptor, F_GETFD) & FD_CLOEXEC != 0)
        #expect(fcntl(events.descriptor, F_GETFL) & O_NONBLOCK != 0)
        while events.drain() {}
        #expect(!events.drain())
    }

    @Test("a message of another program is not believed", .enabled(if: isPossible))
    func forged() throws {
        let events = try DeviceEvents()
        var address = sockaddr_nl()
        var length = socklen_t(MemoryLayout<sockaddr_nl>.size)
        let forger = socket(AF_NETLINK, Int32(SOCK_DGRAM.rawValue), NETLINK_KOBJECT_UEVENT)
        defer { close(forger) }
        let bytes = message(["add@/devices/x", "ACTION=add", "SUBSYSTEM=usb"])
        while events.drain() {}
        let sent = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                #expect(getsockname(events.descriptor, address, &length) == 0)
                return sendto(forger, bytes, bytes.count, 0, address, length)
            }
        }
        // The kernel may refuse to carry it; then there is nothing to disbelieve.
        #expect(sent == bytes.count || errno == EPERM)
        #expect(!events.drain())
    }

    private static var isPossible: Bool { (try? DeviceEvents()) != nil }
}
