// Raw USB as a descriptor: two threads copy between a key's bulk endpoints and a pair of sockets.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import Glibc
internal import LinuxSystem
internal import Synchronization

/// Holds the data interface of a key from ``start(_:_:name:)`` to ``end()``. Who reads slowly slows the key
/// down: nothing is thrown away.
final class USBBridge {
    private let pump: Pump
    private let wasDetached: Bool

    /// The bridge, and the end of the pair that the caller reads, writes and closes. What the key had sent
    /// before is thrown away, as far as it comes at once. The device is closed when this fails.
    static func start(
        _ device: any USBDevice,
        _ location: KeyLocation,
        name: String
    ) throws(KeyDeviceError) -> (USBBridge, Int32) {
        let wasDetached = detach(device)
        do throws(KeyDeviceError) {
            let claim = device.claim(interface: EntropyKeyUSB.dataInterface)
            guard claim == USBResult.success else {
                throw KeyDeviceError("claim", usb: name, result: claim)
            }
            try drain(device, location, name)
            return try start(device, location, name, wasDetached)
        } catch {
            giveBack(device, wasDetached)
            throw error
        }
    }

    private static func start(
        _ device: any USBDevice,
        _ location: KeyLocation,
        _ name: String,
        _ wasDetached: Bool
    ) throws(KeyDeviceError) -> (USBBridge, Int32) {
        let type = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(type), 0, &ends) == 0 else {
            throw KeyDeviceError("bridge", path: name, errorNumber: errno)
        }
        do throws(SystemError) {
            let pump = try Pump(device, location, inner: ends[1], name: name)
            try pump.start()
            return (USBBridge(pump, wasDetached), ends[0])
        } catch {
            for end in ends { close(end) }
            throw KeyDeviceError("bridge", path: name, errorNumber: error.code)
        }
    }

    private init(_ pump: Pump, _ wasDetached: Bool) {
        self.pump = pump
        self.wasDetached = wasDetached
    }

    /// Why it hung up; nil while it works.
    var failure: KeyDeviceError? { pump.failure.withLock { $0 } }

    /// Ends both threads, which takes as long as a transfer waits, and gives the key back to the kernel's
    /// driver. To be called once, after the outer end was closed.
    func end() {
        pump.end()
        close(pump.inner)
        Self.giveBack(pump.device, wasDetached)
    }

    /// Both interfaces belong to one driver; which of them it lets go first is no matter.
    private static func detach(_ device: any USBDevice) -> Bool {
        let data = device.detachKernelDriver(interface: EntropyKeyUSB.dataInterface)
        let communication = device.detachKernelDriver(
            interface: EntropyKeyUSB.communicationInterface
        )
        return data == USBResult.success || communication == USBResult.success
    }

    private static func giveBack(_ device: any USBDevice, _ wasDetached: Bool) {
        _ = device.release(interface: EntropyKeyUSB.dataInterface)
        // The driver is looked for by the communication interface and takes the data interface itself.
        if wasDetached {
            _ = device.attachKernelDriver(interface: EntropyKeyUSB.communicationInterface)
        }
        device.close()
    }

    private static func drain(_ device: any USBDevice, _ location: KeyLocation, _ name: String)
        throws(KeyDeviceError)
    {
        var packet = [UInt8](repeating: 0, count: device.packetByteCount)
        for _ in 0..<mostStalePackets {
            let (result, count) = packet.withUnsafeMutableBytes {
                device.transfer(
                    endpoint: location.inputEndpoint,
                    $0,
                    milliseconds: staleMilliseconds
                )
            }
            if result == USBResult.noDevice {
                throw KeyDeviceError("read", usb: name, result: result)
            }
            if count == 0 { break }
        }
    }
}

/// What both threads share.
private final class Pump: Sendable {
    let device: any USBDevice
    let inner: Int32
    let failure = Mutex<KeyDeviceError?>(nil)
    private let location: KeyLocation
    private let name: String
    private let stopEvent: EventDescriptor
    private let inwardEnd: EventDescriptor
    private let outwardEnd: EventDescriptor

    init(
        _ device: any USBDevice,
        _ location: KeyLocation,
        inner: Int32,
        name: String
    ) throws(SystemError) {
        self.device = device
        self.location = location
        self.inner = inner
        self.name = name
        stopEvent = try EventDescriptor()
        inwardEnd = try EventDescriptor()
        outwardEnd = try EventDescriptor()
    }

    /// Threads of full standing: who opens a key may live on what others leave of the processor, and the
    /// key would wait with it.
    func start() throws(SystemError) {
        let nursery = ThreadNursery.shared
        guard nursery.start("key-usb-in", body: { [self] in carryIn() }) else {
            throw SystemError("start a thread", code: EAGAIN)
        }
        guard nursery.start("key-usb-out", body: { [self] in carryOut() }) else {
            outwardEnd.signal()
            end()
            throw SystemError("start a thread", code: EAGAIN)
        }
    }

    /// Returns when neither thread touches the device or the socket any more.
    func end() {
        stopEvent.signal()
        inwardEnd.wait(atMost: nil)
        outwardEnd.wait(atMost: nil)
    }

    private var isStopped: Bool { stopEvent.wait(atMost: .zero) }

    /// From the key to the socket, until stopped or hung up.
    private func carryIn() {
        var packet = [UInt8](repeating: 0, count: device.packetByteCount)
        var failures = 0
        packet.withUnsafeMutableBytes { buffer in
            while !isStopped {
                let (result, count) = transfer(location.inputEndpoint, buffer)
                guard forward(UnsafeRawBufferPointer(buffer)[..<count]),
                    goOn(after: result, "read", location.inputEndpoint, &failures)
                else { break }
            }
        }
        hangUp()
        inwardEnd.signal()
    }

    /// From the socket to the key, until stopped or hung up.
    private func carryOut() {
        var bytes = [UInt8](repeating: 0, count: device.packetByteCount)
        var failures = 0
        bytes.withUnsafeMutableBytes { buffer in
            while isReady(for: POLLIN) {
                let count = ws_recv(inner, buffer.baseAddress, buffer.count)
                if count < 0 && (errno == EAGAIN || errno == EINTR) { continue }
                guard count > 0 else { break }
                var rest = buffer[..<count]
                while !rest.isEmpty && !isStopped {
                    let endpoint = location.outputEndpoint
                    let part = UnsafeMutableRawBufferPointer(rebasing: rest)
                    let (result, count) = transfer(endpoint, part)
                    rest = rest.dropFirst(count)
                    guard goOn(after: result, "write to", endpoint, &failures) else { return }
                }
            }
        }
        hangUp()
        outwardEnd.signal()
    }

    private func transfer(
        _ endpoint: UInt8,
        _ buffer: UnsafeMutableRawBufferPointer
    ) -> (result: Int32, byteCount: Int) {
        device.transfer(endpoint: endpoint, buffer, milliseconds: transferMilliseconds)
    }

    /// Waiting in vain is no failure. A halt is cleared; other failures are tried again a few times.
    private func goOn(
        after result: Int32,
        _ action: String,
        _ endpoint: UInt8,
        _ failures: inout Int
    ) -> Bool {
        switch result {
        case USBResult.success, USBResult.timeout:
            failures = 0
            return true
        case USBResult.noDevice: failures = mostFailures
        case USBResult.pipe:
            failures += 1
            _ = device.clearHalt(endpoint: endpoint)
        default: failures += 1
        }
        guard failures >= mostFailures else {
            stopEvent.wait(atMost: failurePause)
            return true
        }
        let error = KeyDeviceError(action, usb: name, result: result)
        failure.withLock { if $0 == nil { $0 = error } }
        return false
    }

    /// False when nobody listens any more.
    private func forward(_ bytes: Slice<UnsafeRawBufferPointer>) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let part = UnsafeRawBufferPointer(rebasing: rest)
            let flags = Int32(MSG_NOSIGNAL)
            let count = ws_send(inner, part.baseAddress, part.count, flags)
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                guard isReady(for: POLLOUT) else { return false }
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }

    private func isReady(for events: Int32) -> Bool {
        while true {
            switch waitForEvents(
                events,
                on: inner,
                wake: stopEvent.descriptor,
                until: SystemClock.awake + .seconds(3600)
            ) {
            case .ready: return true
            case .woken: return false
            case .timedOut: continue
            }
        }
    }

    /// The caller reads what was carried before, then the end. The other thread ends as well.
    private func hangUp() {
        shutdown(inner, Int32(SHUT_RDWR))
        stopEvent.signal()
    }
}

/// How long a transfer waits before it looks whether the bridge is to end.
private let transferMilliseconds: UInt32 = 250
/// What a key sent before is in its own buffers and comes within a few frames of 1 ms. A working key sends
/// a packet every 8 ms (125 frames of 64 bytes a second) and never pauses: 32 packets are 0.3 s of it.
private let staleMilliseconds: UInt32 = 50
private let mostStalePackets = 32
/// In a row. An unplugged device may give a failure or two before it is known to be gone.
private let mostFailures = 4
private let failurePause = Duration.milliseconds(20)
