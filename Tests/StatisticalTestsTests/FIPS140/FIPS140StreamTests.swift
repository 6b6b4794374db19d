// Tests of FIPS 140-2 on bytes that come in pieces.
// SPDX-License-Identifier: Apache-2.0

import StatisticalTests
import Testing

@Suite("FIPS 140-2 stream")
struct FIPS140StreamTests {
    @Test(
        "counts the same however the bytes are cut",
        arguments: [1, 3, 4, 7, 2_499, 2_500, 9_000]
    )
    func pieces(length: Int) {
        var state: UInt64 = 3
        let bytes = (0..<12_600).map { index -> UInt8 in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            // One block of zeros among noise.
            return (5_004..<7_504).contains(index) ? 0 : UInt8(truncatingIfNeeded: state >> 33)
        }
        var stream = FIPS140Stream()
        bytes.withUnsafeBytes { all in
            for first in stride(from: 0, to: all.count, by: length) {
                let last = min(first + length, all.count)
                stream.update(UnsafeRawBufferPointer(rebasing: all[first..<last]))
            }
        }
        #expect(stream.statistics.blocks == 5)
        #expect(stream.statistics.monobitFailures == 1)
        #expect(stream.statistics == FIPS140Statistics(of: bytes))
    }

    @Test("less than a block is no block", arguments: [0, 1, 4, 2_503])
    func short(count: Int) {
        let bytes = [UInt8](repeating: 85, count: count)
        #expect(FIPS140Statistics(of: bytes).blocks == 0)
    }
}
