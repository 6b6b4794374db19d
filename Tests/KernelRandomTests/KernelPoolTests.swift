// Feeding a scripted kernel.
// SPDX-License-Identifier: Apache-2.0

import CWellspring
import Entropy
import Glibc
import KernelRandom
import Testing

@Suite struct KernelPoolTests {
    @Test("bytes and credit arrive as the ioctl lays them out")
    func layout() throws {
        let kernel = ScriptedKernel()
        var pool = KernelPool(device: ScriptedDevice(kernel))
        let request = countingRequest(byteCount: 64)
        #expect(try pool.add(request, credit: Bits(300.9)) == 300)
        #expect(kernel.additions == [.init(credit: 300, bytes: Array(0..<64))])
    }

    @Test("no more than 8 bits per byte are ever credited")
    func creditLimit() throws {
        let kernel = ScriptedKernel()
        var pool = KernelPool(device: ScriptedDevice(kernel))
        #expect(try pool.add(countingRequest(byteCount: 32), credit: Bits(1e9)) == 256)
        #expect(kernel.additions.map(\.credit) == [256])
    }

    @Test("EPERM is told as not permitted, with what would help")
    func notPermitted() {
        var pool = KernelPool(device: ScriptedDevice(ScriptedKernel(answers: [-EPERM])))
        let error = #expect(throws: KernelRandomError.self) { try pool.checkPermission() }
        #expect(error?.code == .notPermitted)
        #expect(error?.description.contains("CAP_SYS_ADMIN") == true)
        #expect(error?.description.contains("serving only") == true)
    }

    @Test("other refusals keep their number", arguments: [EFAULT, ENOSPC, EINVAL, EIO])
    func refused(number: Int32) {
        var pool = KernelPool(device: ScriptedDevice(ScriptedKernel(answers: [-number])))
        let error = #expect(throws: KernelRandomError.self) {
            _ = try pool.add(countingRequest(byteCount: 32), credit: .zero)
        }
        #expect(error?.code == .refused)
        #expect(error?.errorNumber == number)
    }

    @Test("an interrupted call is repeated, but not for ever")
    func interrupted() throws {
        let twice = ScriptedKernel(answers: [-EINTR, -EINTR, 0])
        var pool = KernelPool(device: ScriptedDevice(twice))
        #expect(try pool.add(countingRequest(byteCount: 32), credit: Bits(8)) == 8)
        #expect(twice.additions.count == 1)

        let endless = ScriptedKernel(answers: Array(repeating: -EINTR, count: 100))
        var stuck = KernelPool(device: ScriptedDevice(endless))
        let error = #expect(throws: KernelRandomError.self) { try stuck.checkPermission() }
        #expect(error?.errorNumber == EINTR)
        #expect(endless.calls == 9)
    }

    @Test(
        "rekeying tolerates kernels that cannot yet or not at all",
        arguments: [
            (Int32(0), ReseedOutcome.done), (-ENODATA, .notSeededYet), (-EINVAL, .unsupported),
            (-ENOTTY, .unsupported),
        ]
    )
    func reseed(answer: Int32, expected: ReseedOutcome) throws {
        var pool = KernelPool(device: ScriptedDevice(ScriptedKernel(answers: [answer])))
        #expect(try pool.reseed() == expected)
    }

    @Test("rekeying without permission is an error")
    func reseedNotPermitted() {
        var pool = KernelPool(device: ScriptedDevice(ScriptedKernel(answers: [-EPERM])))
        let error = #expect(throws: KernelRandomError.self) { _ = try pool.reseed() }
        #expect(error?.code == .notPermitted)
    }

    @Test("the entropy count is read back")
    func count() throws {
        var pool = KernelPool(device: ScriptedDevice(ScriptedKernel(entropyCount: 256)))
        #expect(try pool.entropyAvailable() == 256)
    }

    @Test("asking for permission adds nothing")
    func permissionProbe() throws {
        let kernel = ScriptedKernel()
        var pool = KernelPool(device: ScriptedDevice(kernel))
        try pool.checkPermission()
        #expect(kernel.additions == [.init(credit: 0, bytes: [])])
    }

    @Test("a missing device is told by its path")
    func missingDevice() {
        let error = #expect(throws: KernelRandomError.self) {
            _ = try LinuxRandomDevice(path: "/nonexistent/random")
        }
        #expect(error?.code == .noDevice)
        #expect(error?.description.contains("/nonexistent/random") == true)
    }

    @Test("a wiped request holds zeros")
    func wipedRequest() {
        let request = countingRequest(byteCount: 512)
        request.wipe()
        request.withPayload { bytes in #expect(bytes.allSatisfy { $0 == 0 }) }
    }
}

private func countingRequest(byteCount: Int) -> PoolRequest {
    let request = PoolRequest(byteCount: byteCount)
    request.withPayload { bytes in
        for index in bytes.indices { bytes[index] = UInt8(truncatingIfNeeded: index) }
    }
    return request
}

/// A kernel that answers as told, then with success, and remembers what it was given.
private final class ScriptedKernel {
    struct Addition: Equatable {
        var credit: Int32
        var bytes: [UInt8]
    }

    var answers: [Int32]
    var entropyCount: Int32
    var additions: [Addition] = []
    var calls = 0

    init(answers: [Int32] = [], entropyCount: Int32 = 0) {
        self.answers = answers
        self.entropyCount = entropyCount
    }
}

private struct ScriptedDevice: RandomDevice {
    let kernel: ScriptedKernel
    let descriptor: Int32 = -1

    init(_ kernel: ScriptedKernel) { self.kernel = kernel }

    func control(_ request: UInt, _ argument: UnsafeMutableRawPointer?) -> Int32 {
        kernel.calls += 1
        let answer = kernel.answers.isEmpty ? 0 : kernel.answers.removeFirst()
        guard answer == 0, let argument else { return answer }
        if request == WS_RNDADDENTROPY {
            let count = Int(argument.load(fromByteOffset: 4, as: Int32.self))
            let bytes = UnsafeRawBufferPointer(start: argument + 8, count: count)
            kernel.additions.append(
                .init(credit: argument.load(as: Int32.self), bytes: Array(bytes))
            )
        } else if request == WS_RNDGETENTCNT {
            argument.storeBytes(of: kernel.entropyCount, as: Int32.self)
        }
        return 0
    }
}
