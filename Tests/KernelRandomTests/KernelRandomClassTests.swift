// Telling the generations of random(4) apart.
// SPDX-License-Identifier: Apache-2.0

import KernelRandom
import Testing

@Suite struct KernelRandomClassTests {
    @Test(
        "the pool's size and the blocking pool's threshold decide",
        arguments: [
            (4096, true, KernelRandomClass.blockingPool),
            (4096, false, .watermark),
            (256, false, .selfSeeding),
            // Back-ports keep the newer pool size whatever files they leave behind.
            (256, true, .selfSeeding),
        ]
    )
    func decision(poolSize: Int, hasReadThreshold: Bool, expected: KernelRandomClass) {
        let found = KernelRandomClass(
            poolSize: poolSize,
            hasReadWakeupThreshold: hasReadThreshold
        )
        #expect(found == expected)
    }

    @Test("only the older generations signal a low pool")
    func lowPoolSignal() {
        #expect(KernelRandomClass.blockingPool.signalsLowPool)
        #expect(KernelRandomClass.watermark.signalsLowPool)
        #expect(!KernelRandomClass.selfSeeding.signalsLowPool)
    }

    @Test("every class says in one sentence what it needs", arguments: KernelRandomClass.allCases)
    func summary(kernelClass: KernelRandomClass) {
        #expect(kernelClass.summary.hasPrefix("This kernel "))
        #expect(kernelClass.summary.filter { $0 == "." }.count == 1)
        #expect(kernelClass.summary.hasSuffix("."))
    }
}
