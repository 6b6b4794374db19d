// The blocking client against a real server.
// SPDX-License-Identifier: Apache-2.0

import EGDService
import Glibc
import Testing
import WellspringTesting

@Suite("EGDClient", .timeLimit(.minutes(2)))
struct EGDClientTests {
    @Test("a blocking read of any size gets the stream", arguments: [1, 255, 256, 5_000, 100_000])
    func sizes(_ size: Int) throws {
        let running = try RunningServer(ScriptedTap(available: size))
        var client = try EGDClient(path: running.path)
        var bytes = [UInt8](repeating: 0, count: size)
        let count = try bytes.withUnsafeMutableBytes {
            try client.read(into: $0, blocking: true)
        }
        #expect(count == size)
        #expect(bytes == stream(0..<size))
        client.close()
    }

    @Test("after a timeout the rest comes with the next read, in order and once")
    func timeout() throws {
        let running = try RunningServer(ScriptedTap(available: 700))
        var client = try EGDClient(path: running.path)
        var bytes = [UInt8](repeating: 0, count: 1_000)
        // 510 bytes are two full replies; the third stays incomplete.
        let first = try bytes.withUnsafeMutableBytes {
            try client.read(into: $0, blocking: true, timeout: .milliseconds(200))
        }
        #expect(first == 510)
        var code: EGDError.Code?
        do throws(EGDError) { _ = try client.level() } catch { code = error.code }
        #expect(code == .outOfStep)
        running.supply(300)
        let second = try bytes.withUnsafeMutableBytes {
            try client.read(
                into: UnsafeMutableRawBufferPointer(rebasing: $0[first...]),
                blocking: true
            )
        }
        #expect(second == 490)
        #expect(bytes == stream(0..<1_000))
    }

    @Test("a non-blocking read gets what is there")
    func nonBlocking() throws {
        let running = try RunningServer(ScriptedTap(available: 600))
        var client = try EGDClient(path: running.path)
        var bytes = [UInt8](repeating: 0, count: 1_000)
        let count = try bytes.withUnsafeMutableBytes { try client.read(into: $0, blocking: false) }
        #expect(count == 600)
        #expect(Array(bytes[..<600]) == stream(0..<600))
        let nothing = try bytes.withUnsafeMutableBytes {
            try client.read(into: $0, blocking: false)
        }
        #expect(nothing == 0)
    }

    @Test("level, process id and write")
    func others() throws {
        let running = try RunningServer(ScriptedTap(available: 600))
        var client = try EGDClient(path: running.path)
        let written = stream(0..<1_000)
        try written.withUnsafeBytes { try client.write($0, claimedBits: 8) }
        let level = try client.level()
        let processID = try client.processID()
        #expect(level == 4_800)
        #expect(processID == Int(getpid()))
        #expect(running.tap.mixed == written)
    }

    @Test("a server is reached over TCP, too; who is not there is told", arguments: [false, true])
    func tcp(ipv6: Bool) throws {
        guard let listener = LoopbackListener(ipv6: ipv6) else { return }
        let server = try ScriptedServer(listener)
        var client = try EGDClient(server.endpoint)
        var bytes = [UInt8](repeating: 0, count: 600)
        let count = try bytes.withUnsafeMutableBytes { try client.read(into: $0, blocking: true) }
        #expect(count == 600)
        #expect(bytes == (0..<600).map { UInt8($0 % 251) })
        let processID = try client.processID()
        #expect(processID == 1)
        let nowhere = try #require(LoopbackListener(ipv6: ipv6)).endpoint
        do throws(EGDError) {
            _ = try EGDClient(nowhere)
            Issue.record("connected to nothing")
        } catch {
            #expect(error.code == .nobodyListens)
            #expect(error.description.contains("\(nowhere)"))
        }
    }

    @Test("connecting is given up when interrupted")
    func interrupted() throws {
        let directory = TemporaryDirectory()
        let listener = try #require(LoopbackListener(path: directory.file("s"), backlog: 0))
        let first = try EGDClient(listener.endpoint)
        let wake = WakeEvent()
        wake.signal()
        do throws(EGDError) {
            _ = try EGDClient(listener.endpoint, interruption: wake.descriptor)
            Issue.record("a full backlog took a connection")
        } catch {
            #expect(error.code == .interrupted)
        }
        first.close()
    }

    @Test("a missing socket is told with a hint")
    func missing() {
        let directory = TemporaryDirectory()
        do throws(EGDError) {
            _ = try EGDClient(path: directory.file("no.sock"))
            Issue.record("connected to nothing")
        } catch {
            #expect(error.code == .socketMissing)
            #expect(error.description.contains("Is wellspring running?"))
        }
    }

    @Test("a server that stops is told")
    func closed() throws {
        let running = try RunningServer(ScriptedTap(available: 0))
        var client = try EGDClient(path: running.path)
        let level = try client.level()
        #expect(level == 0)
        running.server.stop()
        do throws(EGDError) {
            _ = try client.level()
            Issue.record("an answer came from nobody")
        } catch {
            #expect(error.code == .connectionClosed)
        }
        do throws(EGDError) {
            _ = try EGDClient(path: running.path)
            Issue.record("the socket is still there")
        } catch {
            #expect(error.code == .socketMissing)
        }
    }
}
