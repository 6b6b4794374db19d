// The jitter source on this machine's clock.
// SPDX-License-Identifier: Apache-2.0

import Entropy
import Testing

@testable import NoiseSources

@Suite struct JitterSourceTests {
    @Test("a buffer of any length is filled with time differences", arguments: [1, 2, 511, 4096])
    func fills(count: Int) throws {
        let source = JitterSource(NoiseSourceSettings())
        try source.open()
        defer { source.close() }
        var buffer = [RawSample](repeating: .max, count: count)
        let filled = try buffer.withUnsafeMutableBufferPointer {
            try source.sample(into: $0, wake: -1)
        }
        #expect(filled == count)
        #expect(buffer.allSatisfy { $0 > 0 && $0 < 1 << 44 })
    }

    @Test("the time between two batches is not a sample")
    func batches() throws {
        let source = JitterSource(NoiseSourceSettings())
        try source.open()
        defer { source.close() }
        var buffer = [RawSample](repeating: 0, count: 1)
        let step = try TimerGranularity.measure(source: "test")
        let limit = UInt64(step.ticksPerSecond / Double(step.step))
        for _ in 0..<3 {
            _ = try buffer.withUnsafeMutableBufferPointer { try source.sample(into: $0, wake: -1) }
            // A second: two walks of a microsecond each, even on a machine that swaps.
            #expect(buffer[0] < limit)
            _ = (0..<100_000).reduce(0, +)
        }
    }

    @Test("close and open again")
    func reopen() throws {
        let source = JitterSource(NoiseSourceSettings())
        for _ in 0..<3 {
            try source.open()
            source.close()
            source.close()
        }
    }

    @Test("the walk's memory is a power of two, as its mask demands")
    func memory() {
        #expect(walkByteCount.nonzeroBitCount == 1)
    }

    @Test("negative differences reach the health chain as they are")
    func negative() {
        #expect(steps(UInt64(bitPattern: -260), 26) >> 63 == 1)
        #expect(steps(260, 26) == 10)
    }
}
