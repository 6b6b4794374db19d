// Each recovery step: what it asks of the kernel, what it leaves behind, and every way it fails.
// SPDX-License-Identifier: Apache-2.0

import EntropyKeyDevice
import EntropyKeyProtocol
import Glibc
import Testing
import WellspringTesting

@Suite("RecoveryActions")
struct RecoveryActionsTests {
    private let bus = FakeBus()

    private func perform(
        _ step: RecoveryStep,
        _ kernel: FakeKernel,
        on location: KeyLocation? = nil
    ) throws -> RecoveryOutcome {
        let location = try #require(location ?? bus.location())
        let actions = RecoveryActions(systemRoot: bus.root, calls: kernel.calls)
        let outcome = actions.perform(step, on: .usb(location), wake: -1)
        #expect(kernel.openCount == 0)
        #expect(outcome.step == step)
        return outcome
    }

    private func failure(_ outcome: RecoveryOutcome) -> KeyDeviceError? {
        if case .failed(let error) = outcome.result { error } else { nil }
    }

    @Test("a key that is not on USB can only be opened again", arguments: RecoveryStep.allCases)
    func notUSB(step: RecoveryStep) {
        let kernel = FakeKernel(bus.root)
        let outcome = RecoveryActions(systemRoot: bus.root, calls: kernel.calls)
            .perform(step, on: .path("/dev/pts/1"), wake: -1)
        #expect(outcome.result == (step == .reopen ? .done : .skipped("it is not on USB")))
        #expect(kernel.log.isEmpty && outcome.location == nil && outcome.duration == .zero)
    }

    @Test("opening again asks nothing of the kernel, and waits for the terminal")
    func reopen() throws {
        bus.plug()
        let kernel = FakeKernel(bus.root)
        let outcome = try perform(.reopen, kernel)
        #expect(outcome.result == .done && outcome.location == bus.location())
        #expect(kernel.log.isEmpty)
    }

    // MARK: Halts

    private static let haltCalls = [
        "open /dev/bus/usb/001/005", "disconnect 1", "disconnect 0", "claim 1", "clear 129",
        "clear 3", "release 1", "connect 0",
    ]

    @Test("halts are cleared on both endpoints while the driver is off")
    func clearHalt() throws {
        bus.plug()
        let kernel = FakeKernel(bus.root, failures: ["disconnect 0": ENODATA, "connect 0": EBUSY])
        let outcome = try perform(.clearHalt, kernel)
        #expect(outcome.result == .done && outcome.location == bus.location())
        #expect(kernel.log == Self.haltCalls)
    }

    @Test(
        "the driver comes back whatever fails",
        arguments: ["disconnect 0", "claim 1", "clear 129", "clear 3", "release 1"]
    )
    func clearHaltFails(call: String) throws {
        bus.plug()
        let kernel = FakeKernel(bus.root, failures: [call: EIO])
        let error = failure(try perform(.clearHalt, kernel))
        #expect(error?.errorNumber == EIO)
        #expect(kernel.log.last == "connect 0")
        #expect(kernel.log.contains("release 1") == kernel.log.contains("clear 129"))
    }

    @Test(
        "a node that may not be opened is named",
        arguments: [RecoveryStep.clearHalt, .portReset]
    )
    func nodeNotPermitted(step: RecoveryStep) throws {
        bus.plug()
        let kernel = FakeKernel(bus.root, failures: ["open /dev/bus/usb/001/005": EACCES])
        let error = failure(try perform(step, kernel))
        #expect(error?.code == .notPermitted)
        #expect(error?.description.contains("/dev/bus/usb/001/005") == true)
    }

    // MARK: Drivers

    private static let unbind = "write 1-2:1.0 /sys/bus/usb/drivers/cdc_acm/unbind"
    private static let bind = "write 1-2:1.0 /sys/bus/usb/drivers/cdc_acm/bind"

    @Test("the driver is taken off and put on by sysfs")
    func rebind() throws {
        bus.plug()
        let kernel = FakeKernel(bus.root)
        #expect(try perform(.rebind, kernel).result == .done)
        #expect(kernel.log == [Self.unbind, Self.bind])
    }

    @Test("sysfs itself gets the interface's name")
    func rebindForReal() throws {
        bus.plug()
        let location = try #require(bus.location())
        let outcome = RecoveryActions(systemRoot: bus.root)
            .perform(.rebind, on: .usb(location), wake: -1)
        #expect(outcome.result == .done)
        for file in ["unbind", "bind"] {
            #expect(bus.contents("/sys/bus/usb/drivers/cdc_acm/\(file)") == "1-2:1.0")
        }
    }

    @Test("a driver that is not bound is only put on")
    func bindOnly() throws {
        bus.plug(terminal: nil)
        let bus = bus
        let kernel = FakeKernel(bus.root) { if $0 == Self.bind { bus.plug() } }
        let outcome = try perform(.rebind, kernel)
        #expect(outcome.result == .done && outcome.location?.terminal == "/dev/ttyACM0")
        #expect(kernel.log == [Self.bind])
    }

    @Test(
        "where sysfs refuses, the device's node does it",
        arguments: [unbind, bind],
        [EACCES, EROFS, ENOENT]
    )
    func rebindByNode(call: String, code: Int32) throws {
        bus.plug()
        let kernel = FakeKernel(bus.root, failures: [call: code])
        #expect(try perform(.rebind, kernel).result == .done)
        #expect(
            kernel.log.suffix(3) == ["open /dev/bus/usb/001/005", "disconnect 0", "connect 0"]
        )
    }

    @Test("where neither does, the step has failed")
    func rebindFails() throws {
        bus.plug()
        let kernel = FakeKernel(bus.root, failures: [Self.unbind: EACCES, "connect 0": EPERM])
        #expect(failure(try perform(.rebind, kernel))?.code == .notPermitted)
    }

    @Test("a key without a configuration has nothing to bind")
    func rebindNothing() throws {
        bus.plug()
        let bare = KeyLocation(name: "1-7", serial: nil, busNumber: 1, deviceNumber: 9)
        bus.write("20df", "\(FakeBus.device.dropLast())7/idVendor")
        bus.write("0001", "\(FakeBus.device.dropLast())7/idProduct")
        bus.write("1", "\(FakeBus.device.dropLast())7/busnum")
        bus.write("9", "\(FakeBus.device.dropLast())7/devnum")
        let outcome = try perform(.rebind, FakeKernel(bus.root), on: bare)
        guard case .skipped = outcome.result else { throw Unexpected(outcome: outcome) }
        #expect(outcome.location == bare)
    }

    // MARK: Resets

    @Test("a port is reset through the device's node")
    func portReset() throws {
        bus.plug()
        let kernel = FakeKernel(bus.root)
        #expect(try perform(.portReset, kernel).result == .done)
        #expect(kernel.log == ["open /dev/bus/usb/001/005", "reset"])
    }

    @Test("a reset that fails is named")
    func portResetFails() throws {
        bus.plug()
        let error = failure(try perform(.portReset, FakeKernel(bus.root, failures: ["reset": EIO])))
        #expect(error?.description.contains("reset /dev/bus/usb/001/005") == true)
    }

    private static let forbid = "write 0 \(FakeBus.device)/authorized"
    private static let allow = "write 1 \(FakeBus.device)/authorized"

    @Test("a device is forbidden and allowed again")
    func authorize() throws {
        bus.plug()
        let kernel = FakeKernel(bus.root)
        #expect(try perform(.authorize, kernel).result == .done)
        #expect(kernel.log == [Self.forbid, Self.allow])
    }

    @Test(
        "a sandbox that forbids it is named with what would permit it",
        arguments: [EACCES, EROFS]
    )
    func authorizeNotPermitted(code: Int32) throws {
        bus.plug()
        let kernel = FakeKernel(bus.root, failures: [Self.forbid: code])
        let error = failure(try perform(.authorize, kernel))
        #expect(error?.code == .notPermitted && error?.errorNumber == code)
        #expect(error?.hint?.contains("ReadWritePaths=/sys/devices") == true)
        #expect(kernel.log == [Self.forbid])
    }

    // MARK: Coming back

    @Test("a key that comes back later, elsewhere among the nodes, is waited for")
    func comesBack() throws {
        bus.plug()
        let before = try #require(bus.location())
        let bus = bus
        let kernel = FakeKernel(bus.root) { if $0 == "reset" { bus.unplug() } }
        var calls = kernel.calls
        let wait = calls.wait
        calls.wait = { deadline, wake in
            defer {
                if deadline >= .seconds(1001) {
                    bus.unplug()
                    bus.plug(device: 6, terminal: "ttyACM0")
                }
            }
            return wait(deadline, wake)
        }
        let outcome = RecoveryActions(systemRoot: bus.root, calls: calls)
            .perform(.portReset, on: .usb(before), wake: -1)
        #expect(outcome.result == .done)
        #expect(outcome.location?.deviceNumber == 6)
        #expect(outcome.duration == .seconds(1))
    }

    @Test("a key that does not come back is gone after three seconds")
    func staysAway() throws {
        bus.plug()
        let bus = bus
        let kernel = FakeKernel(bus.root) { if $0 == "reset" { bus.unplug() } }
        let outcome = try perform(.portReset, kernel)
        #expect(failure(outcome)?.code == .deviceGone)
        #expect(outcome.location == nil && outcome.duration == RecoveryActions.returnLimit)
    }

    @Test("a key that comes back without its terminal is said to have none")
    func noTerminal() throws {
        bus.plug()
        let bus = bus
        let kernel = FakeKernel(bus.root) {
            if $0 == "reset" { unlink(bus.root + "/dev/ttyACM0") }
        }
        let outcome = try perform(.portReset, kernel)
        #expect(failure(outcome)?.code == .unavailable)
        #expect(outcome.location?.name == "1-2")
    }

    @Test("waiting for a key ends when woken")
    func woken() throws {
        bus.plug()
        let bus = bus
        let kernel = FakeKernel(bus.root) { if $0 == "reset" { bus.unplug() } }
        kernel.wake(after: .milliseconds(500))
        let outcome = try perform(.portReset, kernel)
        #expect(outcome.result == .interrupted && outcome.duration == .milliseconds(500))
    }

    @Test(
        "another key in the same place is left alone",
        arguments: RecoveryStep.allCases
    )
    func anotherKey(step: RecoveryStep) throws {
        bus.plug()
        let before = try #require(bus.location())
        bus.write("AAAAAAAAAAAAAAAA", "\(FakeBus.device)/serial")
        let kernel = FakeKernel(bus.root)
        let outcome = try perform(step, kernel, on: before)
        #expect(failure(outcome)?.reason.contains("another key") == true)
        #expect(kernel.log.isEmpty && outcome.location == nil)
    }

    @Test(
        "a key that is gone already is not looked for in its node",
        arguments: [RecoveryStep.reopen, .clearHalt, .rebind, .portReset, .authorize]
    )
    func gone(step: RecoveryStep) throws {
        let kernel = FakeKernel(bus.root)
        let outcome = try perform(step, kernel, on: .sample())
        #expect(failure(outcome)?.code == .deviceGone)
        #expect(kernel.log.isEmpty)
    }
}

/// An outcome that a test did not expect.
struct Unexpected: Error { let outcome: RecoveryOutcome }
