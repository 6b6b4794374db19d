// Switching the power of a key's port, by sysfs and by the hub.
// SPDX-License-Identifier: Apache-2.0

import EntropyKeyProtocol
import Glibc
import Testing
import WellspringTesting

@testable import EntropyKeyDevice

@Suite("Power cycle")
struct PowerCycleTests {
    private let bus = FakeBus()

    init() { bus.plug() }

    private func perform(_ kernel: FakeKernel) -> RecoveryOutcome {
        let outcome = RecoveryActions(systemRoot: bus.root, calls: kernel.calls)
            .perform(.powerCycle, on: .usb(.sample()), wake: -1)
        #expect(kernel.openCount == 0)
        return outcome
    }

    private func failure(_ outcome: RecoveryOutcome) -> KeyDeviceError? {
        if case .failed(let error) = outcome.result { error } else { nil }
    }

    // MARK: By sysfs

    private static let port = "/sys/bus/usb/devices/1-0:1.0/usb1-port2/disable"
    private static let off = "write 1 \(port)"
    private static let on = "write 0 \(port)"

    private func kernelWithPort(failures: [String: Int32] = [:]) -> FakeKernel {
        bus.write("0", "\(FakeBus.port)/disable")
        let bus = bus
        return FakeKernel(bus.root, failures: failures) { call in
            if call == Self.off { bus.unplug() }
            if call == Self.on { bus.plug(device: 9) }
        }
    }

    @Test("the port is off for five seconds, and the key comes back as a new device")
    func byFile() {
        let kernel = kernelWithPort()
        let outcome = perform(kernel)
        #expect(outcome.result == .done && outcome.location?.deviceNumber == 9)
        #expect(outcome.duration == RecoveryActions.offTime)
        #expect(kernel.log == [Self.off, Self.on])
    }

    @Test("who is woken switches it on at once")
    func byFileWoken() {
        let kernel = kernelWithPort()
        kernel.wake(after: .seconds(2))
        let outcome = perform(kernel)
        #expect(outcome.result == .interrupted && outcome.duration == .seconds(2))
        #expect(kernel.log == [Self.off, Self.on])
    }

    @Test("a port whose key is not there any more is switched all the same")
    func byFileGone() {
        bus.unplug()
        #expect(perform(kernelWithPort()).result == .done)
    }

    @Test("a port that may not be switched is named with what would permit it")
    func byFileNotPermitted() {
        let kernel = kernelWithPort(failures: [Self.off: EROFS])
        let error = failure(perform(kernel))
        #expect(error?.code == .notPermitted && error?.hint?.contains("udev") == true)
        #expect(kernel.log == [Self.off])
    }

    @Test("a port that stays off is named")
    func byFileStaysOff() {
        let kernel = kernelWithPort(failures: [Self.on: EIO])
        #expect(failure(perform(kernel))?.reason.contains(Self.port) == true)
    }

    // MARK: By the hub

    private static let ask = "control a0 6 2900 0 10"
    private static let hubOff = "control 23 1 8 2 0"
    private static let hubOn = "control 23 3 8 2 0"

    /// Nine bytes of a hub with four ports and these characteristics.
    private func hub(_ characteristics: UInt8, ports: UInt8 = 4) -> [UInt8] {
        [9, 0x29, ports, characteristics, 0, 50, 100, 0, 0xFF]
    }

    @Test("without that file the hub is asked, and told")
    func byHub() {
        let kernel = FakeKernel(bus.root, hubDescriptor: hub(0b1001))
        let outcome = perform(kernel)
        #expect(outcome.result == .done && outcome.duration == RecoveryActions.offTime)
        #expect(kernel.log == ["open /dev/bus/usb/001/001", Self.ask, Self.hubOff, Self.hubOn])
    }

    @Test("who is woken has the hub switch it on at once")
    func byHubWoken() {
        let kernel = FakeKernel(bus.root, hubDescriptor: hub(1))
        kernel.wake(after: .seconds(1))
        #expect(perform(kernel).result == .interrupted)
        #expect(kernel.log.last == Self.hubOn)
    }

    @Test(
        "a hub that switches all ports or none, or tells nonsense, is left alone",
        arguments: [
            [9, 0x29, 4, 0, 0, 50, 100], [9, 0x29, 4, 2, 0, 50, 100], [9, 0x29, 4, 3, 0, 50, 100],
            [9, 0x29, 1, 1, 0, 50, 100], [9, 0x2A, 4, 1, 0, 50, 100], [9, 0x29, 4, 1], [],
        ] as [[UInt8]]
    )
    func byHubUnable(descriptor: [UInt8]) {
        let kernel = FakeKernel(bus.root, hubDescriptor: descriptor)
        #expect(
            perform(kernel).result == .skipped("its hub cannot switch the power of one port")
        )
        #expect(kernel.log == ["open /dev/bus/usb/001/001", Self.ask])
    }

    @Test(
        "a hub that refuses is named",
        arguments: ["open /dev/bus/usb/001/001", ask, hubOff, hubOn]
    )
    func byHubRefused(call: String) {
        let kernel = FakeKernel(bus.root, failures: [call: EPERM], hubDescriptor: hub(1))
        let error = failure(perform(kernel))
        #expect(error?.code == .notPermitted && error?.reason.contains("usb/001/001") == true)
        #expect(kernel.log.last == call)
    }

    @Test("a hub that is not there is skipped")
    func noHub() {
        let kernel = FakeKernel(bus.root)
        let outcome = RecoveryActions(systemRoot: bus.root, calls: kernel.calls).perform(
            .powerCycle,
            on: .usb(KeyLocation(name: "3-1", serial: nil, busNumber: 3, deviceNumber: 2)),
            wake: -1
        )
        #expect(outcome.result == .skipped("its hub is not to be found"))
    }

    // MARK: Names

    @Test("the port follows from the device's name")
    func ports() {
        let onRoot = HubPort(deviceName: "1-2")
        #expect(onRoot?.hub == "usb1" && onRoot?.number == 2)
        #expect(onRoot?.folder == "/sys/bus/usb/devices/1-0:1.0/usb1-port2")
        let onHub = HubPort(deviceName: "2-1.4.10")
        #expect(onHub?.hub == "2-1.4" && onHub?.number == 10)
        #expect(onHub?.folder == "/sys/bus/usb/devices/2-1.4:1.0/2-1.4-port10")
    }

    @Test(
        "a name that is no device's has no port",
        arguments: ["", "usb1", "1", "1-", "1-2.", "1-0", "1-256", "x-2", "1-2-3"]
    )
    func noPorts(name: String) {
        #expect(HubPort(deviceName: name) == nil)
    }
}
