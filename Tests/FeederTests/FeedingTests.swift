// One feed against a scripted supply and a scripted kernel.
// SPDX-License-Identifier: Apache-2.0

import Entropy
import Glibc
import KernelRandom
import Testing

@testable import Feeder

@Suite struct FeedingTests {
    @Test("a block is credited as assessed, and the generator rekeyed from it")
    func assessed() throws {
        var feeding = Feeding(
            supply: ScriptedSupply(assessed: Bits(300)),
            pool: KernelPool(device: ScriptedDevice(ScriptedKernel())),
            rule: .assessed,
            blockByteCount: 64
        )
        let outcome = try feeding.feed(reseed: true)
        #expect(outcome.creditedBits == 300)
        #expect(outcome.reseed == .done)
        #expect(feeding.totalBits == 300)
    }

    @Test(
        "less than 128 bits rekey nothing, nor does a refill",
        arguments: [(127.0, true), (512.0, false)]
    )
    func noReseed(bits: Double, wanted: Bool) throws {
        let kernel = ScriptedKernel()
        var feeding = Feeding(
            supply: ScriptedSupply(assessed: Bits(bits)),
            pool: KernelPool(device: ScriptedDevice(kernel)),
            rule: .assessed,
            blockByteCount: 64
        )
        #expect(try feeding.feed(reseed: wanted).reseed == nil)
        #expect(kernel.reseeds == 0)
    }

    @Test("what a failing supply left behind never reaches the kernel")
    func supplyFailure() {
        let kernel = ScriptedKernel()
        var feeding = Feeding(
            supply: ScriptedSupply(assessed: .zero, failure: SupplyError(.closed, "gone")),
            pool: KernelPool(device: ScriptedDevice(kernel)),
            rule: .assessed,
            blockByteCount: 64
        )
        #expect(throws: FeedFailure.supply(SupplyError(.closed, "gone"))) {
            _ = try feeding.feed(reseed: true)
        }
        #expect(kernel.additions == 0)
        #expect(feeding.totalBits == 0)
    }

    @Test(
        "a kernel's refusal is no credit and not repeated",
        arguments: [EPERM, EFAULT, ENOSPC, EINTR]
    )
    func kernelRefusal(number: Int32) {
        let kernel = ScriptedKernel(additionAnswer: -number)
        var feeding = Feeding(
            supply: ScriptedSupply(assessed: Bits(512)),
            pool: KernelPool(device: ScriptedDevice(kernel)),
            rule: .assessed,
            blockByteCount: 64
        )
        let error = #expect(throws: FeedFailure.self) { _ = try feeding.feed(reseed: true) }
        guard case .kernel(let told) = error else {
            Issue.record("expected the kernel's refusal")
            return
        }
        #expect(told.code == (number == EPERM ? .notPermitted : .refused))
        #expect(feeding.totalBits == 0)
        #expect(kernel.reseeds == 0)
    }

    @Test("a kernel without its first seed (ENODATA) is fed all the same")
    func notSeededYet() throws {
        let kernel = ScriptedKernel(reseedAnswer: -ENODATA)
        var feeding = Feeding(
            supply: ScriptedSupply(assessed: Bits(512)),
            pool: KernelPool(device: ScriptedDevice(kernel)),
            rule: .assessed,
            blockByteCount: 64
        )
        #expect(try feeding.feed(reseed: true).reseed == .notSeededYet)
        #expect(feeding.totalBits == 512)
    }

    @Test("seeding once ends when the kernel has taken 256 bits")
    func seedOnce() {
        var report = EventReport(descriptor: nil, verbose: false)
        let kernel = ScriptedKernel()
        var feeding = Feeding(
            supply: ScriptedSupply(assessed: Bits(100)),
            pool: KernelPool(device: ScriptedDevice(kernel)),
            rule: .assessed,
            blockByteCount: 64
        )
        #expect(feeding.seedOnce(report: &report, className: "watermark") == .ok)
        #expect(kernel.additions == 3)
    }

    @Test(
        "seeding once tells each failure by its exit status",
        arguments: [
            (SupplyError.Code.unhealthy, FeederExit.unhealthySource),
            (.unreachable, .unavailable), (.closed, .unavailable), (.timedOut, .unavailable),
            (.interrupted, .failure),
        ]
    )
    func seedOnceFailures(code: SupplyError.Code, exit: FeederExit) {
        var report = EventReport(descriptor: nil, verbose: false)
        var feeding = Feeding(
            supply: ScriptedSupply(assessed: .zero, failure: SupplyError(code, "scripted")),
            pool: KernelPool(device: ScriptedDevice(ScriptedKernel())),
            rule: .assessed,
            blockByteCount: 64
        )
        #expect(feeding.seedOnce(report: &report, className: "watermark") == exit)
    }

    @Test("blocks without assessed entropy never count as a seed")
    func seedOnceWithoutClaim() {
        var report = EventReport(descriptor: nil, verbose: false)
        var feeding = Feeding(
            supply: ScriptedSupply(assessed: .zero),
            pool: KernelPool(device: ScriptedDevice(ScriptedKernel())),
            rule: .assessed,
            blockByteCount: 64
        )
        #expect(feeding.seedOnce(report: &report, className: "watermark") == .unhealthySource)
    }
}

@Suite struct CreditRuleTests {
    @Test(
        "credit follows the rule and never exceeds 8 bits per byte",
        arguments: [
            (CreditRule.assessed, 300.0, 300.0), (.assessed, 600, 512), (.none, 512, 0),
            (.bitsPerByte(2.5), 0, 160), (.bitsPerByte(8), 0, 512),
        ]
    )
    func credit(rule: CreditRule, assessed: Double, expected: Double) {
        #expect(rule.credit(assessed: Bits(assessed), byteCount: 64) == Bits(expected))
    }
}

private struct ScriptedSupply: BlockSupply {
    var assessed: Bits
    var failure: SupplyError?

    mutating func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(SupplyError) -> Bits {
        for index in buffer.indices { buffer[index] = 0xA5 }
        if let failure { throw failure }
        return assessed
    }
}

private final class ScriptedKernel {
    let additionAnswer: Int32
    let reseedAnswer: Int32
    var additions = 0
    var reseeds = 0

    init(additionAnswer: Int32 = 0, reseedAnswer: Int32 = 0) {
        self.additionAnswer = additionAnswer
        self.reseedAnswer = reseedAnswer
    }
}

private struct ScriptedDevice: RandomDevice {
    let kernel: ScriptedKernel
    let descriptor: Int32 = -1

    init(_ kernel: ScriptedKernel) { self.kernel = kernel }

    func control(_ request: UInt, _ argument: UnsafeMutableRawPointer?) -> Int32 {
        // The request's number is its low byte: 3 adds, 7 rekeys, 0 counts (linux/random.h).
        switch request & 0xFF {
        case 3:
            kernel.additions += 1
            return kernel.additionAnswer
        case 7:
            kernel.reseeds += 1
            return kernel.reseedAnswer
        default:
            return 0
        }
    }
}
