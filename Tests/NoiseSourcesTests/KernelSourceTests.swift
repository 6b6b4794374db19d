// Tests of the kernel's generator as a source.
// SPDX-License-Identifier: Apache-2.0

import Entropy
import Glibc
import Testing
import WellspringTesting

@testable import NoiseSources

struct KernelSourceTests {
    @Test("bytes come without limit and are never credited")
    func bytes() throws {
        var settings = NoiseSourceSettings()
        settings.claim = BitsPerSample(8).map {
            EntropyClaim(minEntropy: $0, origin: .operatorStated)
        }
        let source = KernelSource(settings)
        try source.open()
        defer { source.close() }
        #expect(source.descriptor.claim == EntropyClaim(minEntropy: .zero, origin: .none))
        let samples = try source.samples(upTo: 1000)
        #expect(samples.count == 256)
        #expect(samples.allSatisfy { $0 < 256 })
        // Of 256 uniform bytes about 162 differ; fewer than 64 has a probability below 2^-100.
        #expect(Set(samples).count >= 64)
    }

    @Test(
        "a kernel that cannot serve is named and not waited for",
        arguments: [
            (EAGAIN, NoiseSourceError.Code.unavailable), (ENOSYS, .unavailable),
            (EFAULT, .inputOutput),
        ]
    )
    func errors(number: Int32, code: NoiseSourceError.Code) {
        let source = KernelSource(NoiseSourceSettings()) { _, _, flags in
            errno = flags == 1 ? number : EINVAL
            return -1
        }
        let error = #expect(throws: NoiseSourceError.self) { try source.open() }
        #expect(error?.code == code)
    }

    @Test("a short answer is an error")
    func short() throws {
        let source = KernelSource(NoiseSourceSettings()) { _, count, _ in min(count, 100) }
        try source.open()
        #expect(throws: NoiseSourceError.self) { try source.samples(upTo: 200) }
    }
}
