// What the source of an Entropy Key needs of the world: a line, a clock, a helping hand.
// SPDX-License-Identifier: Apache-2.0

internal import EntropyKeyDevice
internal import EntropyKeyProtocol
internal import LinuxSystem

/// An open way to a key. For one thread.
protocol KeyLine: AnyObject {
    /// For messages.
    var name: String { get }
    /// Where the device is plugged in; nil for one that is not on USB.
    var location: KeyLocation? { get }
    /// Bytes that are there, 0 when there are none now.
    func read(into memory: UnsafeMutableRawBufferPointer) throws(KeyDeviceError) -> Int
    func write(_ bytes: [UInt8]) throws(KeyDeviceError)
    /// Until bytes come, `wake` is readable, or `deadline`.
    func wait(until deadline: Duration, wake: Int32) -> WaitOutcome
    func close()
}

/// Replaced as a whole in tests with emulated time.
struct KeyEnvironment {
    let now: () -> Duration
    /// Until `deadline`; true when `wake` became readable.
    let pause: (_ deadline: Duration, _ wake: Int32) -> Bool
    /// Opens the key that is meant.
    let open: (KeyRequest) -> Result<any KeyLine, KeyDeviceError>
    /// Takes one step for the key that was there.
    let revive: (RecoveryStep, KeyRequest, KeyLocation?, _ wake: Int32) -> RecoveryOutcome
    /// Fills memory with bytes never used before.
    let fillNonce: EntropyKeySession.NonceSource

    static func system(root: String) -> KeyEnvironment {
        let actions = RecoveryActions(systemRoot: root)
        return KeyEnvironment(
            now: { SystemClock.awake },
            pause: { waitForInput(-1, wake: $1, until: $0) == .woken },
            open: { request in
                do throws(KeyDeviceError) {
                    return .success(try SystemKeyLine(request, root: root))
                } catch {
                    return .failure(error)
                }
            },
            revive: { step, request, location, wake in
                actions.perform(step, on: request.target(location), wake: wake)
            },
            fillNonce: { Nonces.fill($0) }
        )
    }
}

/// Which key, and which way.
struct KeyRequest {
    let path: String?
    let serial: EntropyKeySerial?
    let access: KeyAccess

    func target(_ location: KeyLocation?) -> KeyTarget {
        location.map { .usb($0) } ?? .path(path ?? "no path")
    }
}

/// A line through ``KeyConnection``.
private final class SystemKeyLine: KeyLine {
    let location: KeyLocation?
    private let connection: KeyConnection

    init(_ request: KeyRequest, root: String) throws(KeyDeviceError) {
        let target = try Self.target(request, KeyLocator(systemRoot: root))
        if case .usb(let location) = target { self.location = location } else { location = nil }
        connection = try KeyConnection.open(target, access: request.access, systemRoot: root)
    }

    private static func target(
        _ request: KeyRequest,
        _ locator: KeyLocator
    ) throws(KeyDeviceError) -> KeyTarget {
        if let path = request.path { return locator.target(path: path) }
        let found = request.serial.map { locator.find(serial: $0) } ?? locator.all().first
        guard let found else {
            let number = request.serial.map { " with the serial number \($0)" } ?? ""
            throw KeyDeviceError(
                .unavailable,
                "no Entropy Key\(number) is plugged in",
                hint: "It is used as soon as it is there."
            )
        }
        return .usb(found)
    }

    var name: String { connection.name }

    func read(into memory: UnsafeMutableRawBufferPointer) throws(KeyDeviceError) -> Int {
        try connection.read(into: memory)
    }

    /// A command of a few bytes finds room unless the key does not take any: then the session's patience
    /// ends, and it is sent again.
    func write(_ bytes: [UInt8]) throws(KeyDeviceError) {
        // An array's closures may throw anything.
        let result = bytes.withUnsafeBytes { bytes in
            Result { () throws(KeyDeviceError) in try connection.write(bytes) }
        }
        _ = try result.get()
    }

    func wait(until deadline: Duration, wake: Int32) -> WaitOutcome {
        waitForInput(connection.descriptor, wake: wake, until: deadline)
    }

    func close() { connection.close() }
}
