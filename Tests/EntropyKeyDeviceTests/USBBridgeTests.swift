// A key reached through raw USB: carried bytes, failures, and giving it back.
// SPDX-License-Identifier: Apache-2.0

import EntropyKeyDevice
import EntropyKeyProtocol
import Glibc
import LinuxSystem
import Testing

@Suite("USBBridge")
struct USBBridgeTests {
    private func open(_ device: ScriptedUSB) throws(KeyDeviceError) -> KeyConnection {
        try KeyConnection.open(.usb(.sample()), access: .usb, usb: .giving(device))
    }

    /// Packets that can be told apart.
    private func packets(_ count: Int) -> [ScriptedUSB.Step] {
        (0..<count).map { index in
            ScriptedUSB.Step(bytes: (0..<64).map { UInt8(truncatingIfNeeded: index * 7 + $0) })
        }
    }

    /// Waits for another thread, at most 20 s.
    private func eventually(_ condition: () -> Bool) throws -> Bool {
        let pause = try EventDescriptor()
        for _ in 0..<20_000 where !condition() { pause.wait(atMost: .milliseconds(1)) }
        return condition()
    }

    @Test("bytes go both ways, and the key is given back on closing")
    func carries() throws {
        let usb = ScriptedUSB()
        let key = try open(usb)
        #expect(usb.calls == ["detach 1", "detach 0", "claim 1"])
        let packets = packets(3)
        usb.bring(packets)
        #expect(try key.receive(192) == packets.flatMap(\.bytes))
        try key.send([3])
        #expect(try eventually { usb.taken == [3] })
        key.close()
        #expect(usb.calls.suffix(3) == ["release 1", "attach 0", "close"])
        key.close()
        #expect(usb.calls.count { $0 == "close" } == 1)
    }

    @Test("the descriptor does not block and is closed in children")
    func descriptor() throws {
        let key = try open(ScriptedUSB())
        #expect(fcntl(key.descriptor, F_GETFD) & FD_CLOEXEC != 0)
        #expect(fcntl(key.descriptor, F_GETFL) & O_NONBLOCK != 0)
    }

    @Test("a driver that was not there is not put on the key")
    func noDriver() throws {
        let none = USBResult.notFound
        let usb = ScriptedUSB(results: ["detach 0": none, "detach 1": none])
        try open(usb).close()
        #expect(usb.calls.suffix(2) == ["release 1", "close"])
    }

    @Test("what the key had sent before is thrown away")
    func drained() throws {
        let usb = ScriptedUSB(incoming: packets(5))
        let key = try open(usb)
        usb.bring([.init(bytes: [1])])
        #expect(try key.receive(1) == [1])
    }

    @Test("a key that never pauses is opened all the same")
    func neverPauses() throws {
        let usb = ScriptedUSB(incoming: packets(5000))
        let key = try open(usb)
        #expect(try key.receive(64 * 4000).count == 64 * 4000)
    }

    @Test("a timeout with bytes, an empty packet and an interruption lose nothing")
    func timeouts() throws {
        let usb = ScriptedUSB()
        let key = try open(usb)
        usb.bring([
            .init(result: USBResult.timeout, bytes: [1, 2]), .init(),
            .init(result: USBResult.interrupted), .init(bytes: [3]),
        ])
        #expect(try key.receive(3) == [1, 2, 3])
    }

    @Test("a write that is taken in parts arrives whole and in order")
    func partialWrites() throws {
        let usb = ScriptedUSB()
        usb.script(writes: [
            .init(result: USBResult.timeout, count: 3), .init(result: USBResult.timeout, count: 0),
            .init(count: 1),
        ])
        let key = try open(usb)
        let bytes = (0..<200).map { UInt8($0) }
        try key.send(bytes)
        #expect(try eventually { usb.taken.count >= 200 })
        #expect(usb.taken == bytes)
    }

    @Test("a reader that is late misses nothing")
    func backPressure() throws {
        let usb = ScriptedUSB()
        let key = try open(usb)
        let packets = packets(10_000)
        usb.bring(packets)
        // More than the sockets hold.
        #expect(key.isReady(POLLIN))
        #expect(!usb.isAllRead)
        #expect(try key.receive(640_000) == packets.flatMap(\.bytes))
    }

    @Test("closing does not wait for a reader that is late")
    func closedUnderPressure() throws {
        let usb = ScriptedUSB()
        let key = try open(usb)
        usb.bring(packets(10_000))
        #expect(key.isReady(POLLIN))
        key.close()
        #expect(usb.calls.last == "close" && !usb.isAllRead)
    }

    @Test("an unplugged key hangs up after its last byte")
    func unplugged() throws {
        let usb = ScriptedUSB()
        let key = try open(usb)
        usb.bring([.init(bytes: [9]), .init(result: USBResult.noDevice)])
        #expect(try key.receive(1) == [9])
        let error = key.end()
        #expect(error?.code == .deviceGone)
        #expect(error?.reason.contains("USB device 1-2") == true)
        let late = #expect(throws: KeyDeviceError.self) { try key.send([3]) }
        #expect(late?.code == .deviceGone)
        key.close()
        #expect(usb.calls.last == "close")
    }

    @Test("a key that is gone when written to hangs up")
    func goneOnWrite() throws {
        let usb = ScriptedUSB()
        usb.script(writes: [.init(result: USBResult.noDevice, count: 0)])
        let key = try open(usb)
        try key.send([3])
        #expect(key.end()?.reason.contains("write") == true)
    }

    @Test("a halt is cleared on its endpoint and the bytes go on")
    func halt() throws {
        let usb = ScriptedUSB()
        usb.script(writes: [.init(result: USBResult.pipe, count: 0)])
        let key = try open(usb)
        usb.bring([.init(result: USBResult.pipe), .init(bytes: [5])])
        #expect(try key.receive(1) == [5])
        #expect(usb.calls.contains("clear 129"))
        try key.send([3])
        #expect(try eventually { usb.taken == [3] })
        #expect(usb.calls.contains("clear 3"))
    }

    @Test(
        "a failure is survived, a row of them is not",
        arguments: [USBResult.overflow, USBResult.inputOutput, USBResult.pipe, -99]
    )
    func failures(result: Int32) throws {
        let usb = ScriptedUSB()
        let key = try open(usb)
        usb.bring(Array(repeating: .init(result: result), count: 3) + [.init(bytes: [5])])
        #expect(try key.receive(1) == [5])
        usb.bring(Array(repeating: .init(result: result), count: 4))
        #expect(key.end()?.code == .inputOutput)
    }

    @Test("a key that another program has claimed is busy and given back")
    func busy() {
        let usb = ScriptedUSB(results: ["claim 1": USBResult.busy])
        let error = #expect(throws: KeyDeviceError.self) { try open(usb) }
        #expect(error?.code == .busy)
        #expect(usb.calls.suffix(3) == ["release 1", "attach 0", "close"])
    }

    @Test("a key that goes while it is opened is gone and closed")
    func goneWhileOpening() {
        let usb = ScriptedUSB(incoming: [.init(result: USBResult.noDevice)])
        let error = #expect(throws: KeyDeviceError.self) { try open(usb) }
        #expect(error?.code == .deviceGone)
        #expect(usb.calls.last == "close")
    }
}
