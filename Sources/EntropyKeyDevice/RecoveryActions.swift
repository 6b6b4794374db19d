// Taking one step of a key's recovery, through its device node and sysfs.
// SPDX-License-Identifier: Apache-2.0

package import EntropyKeyProtocol
internal import Glibc
internal import LinuxSystem

/// Takes steps one at a time. The connection must be closed before: a step takes the key away from
/// whoever has it, and only who had it open knows that nobody else has.
package struct RecoveryActions: Sendable {
    let root: String
    let calls: DeviceCalls
    private let locator: KeyLocator
    var tree: SystemTree { SystemTree(root: root) }

    package init(systemRoot: String = "", calls: DeviceCalls = .system) {
        root = systemRoot
        self.calls = calls
        locator = KeyLocator(systemRoot: systemRoot)
    }

    /// Takes `step` and waits until the key is back, at most ``returnLimit``. Returns soon, with nothing left
    /// half-done, when `wake` (-1: none) becomes readable.
    package func perform(
        _ step: RecoveryStep,
        on target: KeyTarget,
        wake: Int32
    ) -> RecoveryOutcome {
        let start = calls.now()
        func outcome(
            _ result: RecoveryOutcome.Result,
            _ location: KeyLocation?
        ) -> RecoveryOutcome {
            RecoveryOutcome(
                step: step,
                result: result,
                duration: calls.now() - start,
                location: location
            )
        }
        guard case .usb(let location) = target else {
            return outcome(step == .reopen ? .done : .skipped("it is not on USB"), nil)
        }
        do throws(KeyDeviceError) {
            let result = try take(step, present(location, for: step), wake)
            guard result == .done else { return outcome(result, find(location)) }
            let needsTerminal = location.terminal != nil || step == .rebind
            guard let found = try awaitReturn(of: location, needsTerminal, wake) else {
                return outcome(.interrupted, find(location))
            }
            return outcome(.done, found)
        } catch {
            return outcome(.failed(error), find(location))
        }
    }

    private func take(
        _ step: RecoveryStep,
        _ location: KeyLocation,
        _ wake: Int32
    ) throws(KeyDeviceError) -> RecoveryOutcome.Result {
        switch step {
        // The caller's: this one only waits for the key to be there.
        case .reopen: return .done
        case .clearHalt: try clearHalt(location)
        case .rebind: return try rebind(location)
        case .portReset: try USBNode(location.node, root: root, calls: calls).reset()
        case .authorize: try authorize(location)
        case .powerCycle: return try powerCycle(location, wake)
        }
        return .done
    }

    // MARK: Where it is

    private func find(_ location: KeyLocation) -> KeyLocation? {
        locator.find(name: location.name).flatMap { isSame($0, location) ? $0 : nil }
    }

    /// A serial number that cannot be read proves nothing.
    private func isSame(_ found: KeyLocation, _ location: KeyLocation) -> Bool {
        guard let expected = location.serial, let serial = found.serial else { return true }
        return expected == serial
    }

    /// The key as it stands now. A port's power can be switched though nobody is seen there.
    private func present(
        _ location: KeyLocation,
        for step: RecoveryStep
    ) throws(KeyDeviceError) -> KeyLocation {
        guard let found = locator.find(name: location.name) else {
            if step == .powerCycle { return location }
            throw .gone(location)
        }
        guard isSame(found, location) else {
            throw KeyDeviceError(
                .deviceGone,
                "another key is plugged in at USB device \(location.name)"
            )
        }
        return found
    }

    /// Nil when woken.
    private func awaitReturn(
        of location: KeyLocation,
        _ needsTerminal: Bool,
        _ wake: Int32
    ) throws(KeyDeviceError) -> KeyLocation? {
        let deadline = calls.now() + Self.returnLimit
        while true {
            let found = find(location)
            if let found, !needsTerminal || found.terminal.map(tree.isUsable) == true {
                return found
            }
            let now = calls.now()
            if now >= deadline {
                guard found != nil else { throw .gone(location) }
                throw KeyDeviceError(
                    .unavailable,
                    "USB device \(location.name) came back without a terminal that can be used"
                )
            }
            if calls.wait(min(deadline, now + returnPause), wake) { return nil }
        }
    }

    // MARK: Steps

    private func clearHalt(_ location: KeyLocation) throws(KeyDeviceError) {
        let node = try USBNode(location.node, root: root, calls: calls)
        try node.disconnectDriver(interface: EntropyKeyUSB.dataInterface)
        var failure: KeyDeviceError?
        do throws(KeyDeviceError) {
            try node.disconnectDriver(interface: EntropyKeyUSB.communicationInterface)
            try node.claim(interface: EntropyKeyUSB.dataInterface)
            do throws(KeyDeviceError) {
                try node.clearHalt(endpoint: location.inputEndpoint)
                try node.clearHalt(endpoint: location.outputEndpoint)
            } catch { failure = error }
            try node.release(interface: EntropyKeyUSB.dataInterface)
        } catch { failure = failure ?? error }
        // In any case: without its driver the key would be lost to everybody.
        try node.connectDriver(interface: EntropyKeyUSB.communicationInterface)
        if let failure { throw failure }
    }

    /// Through sysfs, and where that is not permitted through the device's node.
    private func rebind(_ location: KeyLocation) throws(KeyDeviceError) -> RecoveryOutcome.Result {
        guard let interface = location.communicationInterface else {
            return .skipped("it has no configuration that a driver could be bound to")
        }
        let folder = "\(SysfsUSB.drivers)/\(driver)"
        if location.driver == nil || calls.write(interface, "\(root)\(folder)/unbind") >= 0,
            calls.write(interface, "\(root)\(folder)/bind") >= 0
        {
            return .done
        }
        let node = try USBNode(location.node, root: root, calls: calls)
        try node.disconnectDriver(interface: EntropyKeyUSB.communicationInterface)
        try node.connectDriver(interface: EntropyKeyUSB.communicationInterface)
        return .done
    }

    private func authorize(_ location: KeyLocation) throws(KeyDeviceError) {
        let file = "\(location.folder)/authorized"
        try write("0", file)
        try write("1", file)
    }

    func write(_ text: String, _ file: String) throws(KeyDeviceError) {
        let code = calls.write(text, root + file)
        guard code < 0 else { return }
        guard [EACCES, EPERM, EROFS].contains(-code) else {
            throw KeyDeviceError("write to", path: file, errorNumber: -code)
        }
        throw KeyDeviceError(
            .notPermitted,
            "cannot write to \(file)",
            errorNumber: -code,
            hint: "The packaged udev rule gives it to the service's group, and "
                + "ReadWritePaths=/sys/devices in the service's unit opens it to the service."
        )
    }

    /// What a device takes to be seen, configured and given its node: about 1 s, and a busy machine.
    package static let returnLimit = Duration.seconds(3)
}

extension KeyDeviceError {
    fileprivate static func gone(_ location: KeyLocation) -> KeyDeviceError {
        KeyDeviceError(
            .deviceGone,
            "there is no key at USB device \(location.name)",
            hint: "Plug it in again."
        )
    }
}

/// The kernel's driver of CDC-ACM devices.
private let driver = "cdc_acm"
/// Twenty looks a second cost nothing beside what is being waited for.
private let returnPause = Duration.milliseconds(50)
