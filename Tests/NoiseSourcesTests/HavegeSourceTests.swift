// The HAVEGE walk: its sizes, and that both branch chains and the swap live.
// SPDX-License-Identifier: Apache-2.0

import CWellspring
import Entropy
import Testing

@testable import NoiseSources

@Suite struct HavegeSourceTests {
    @Test(
        "the table is the power of two that covers the data cache",
        arguments: [(16, 16), (32, 32), (48, 64), (64, 64), (65, 128), (512, 512), (1, 4)]
    )
    func table(cacheKiB: Int, tableKiB: Int) {
        #expect(HavegeSource.tableByteCount(dataCache: cacheKiB * 1024) == tableKiB * 1024)
    }

    @Test(
        "copies fill the instruction cache and stay within what was built",
        arguments: [(0, 1), (1024, 1), (32_768, 35), (65_536, 64), (1 << 20, 64)]
    )
    func copies(cache: Int, copies: Int) {
        #expect(HavegeSource.copies(instructionCache: cache) == copies)
    }

    @Test("settings override what was detected")
    func overrides() {
        var settings = NoiseSourceSettings()
        settings.dataCacheByteCount = 100_000
        settings.loopCopies = 1000
        let source = HavegeSource(settings)
        #expect(source.tableByteCount == 131_072)
        #expect(source.copies == 64)
    }

    /// The original never entered its second chain with a table below 2 MiB, since it masked the
    /// pointer before it took the chain's bits. Here both walks must keep their high bits moving.
    @Test(
        "every word of the table is reached and both walks move",
        arguments: [1, 35, 64] as [UInt32]
    )
    func reach(copies: UInt32) throws {
        let words = 4096
        let table = UnsafeMutablePointer<UInt32>.allocate(capacity: words)
        table.initialize(repeating: 0, count: words)
        defer { table.deallocate() }
        var state = ws_havege(
            table: table,
            mask: UInt32(words - 1),
            copies: copies,
            walk: 1,
            counterwalk: 2,
            last: ws_cycles()
        )
        var samples = [UInt64](repeating: 0, count: 2)
        var chains = [Set<UInt64>(), Set<UInt64>()]
        var swaps = 0
        for _ in 0..<20_000 {
            ws_havege_collect(&state, &samples, samples.count)
            chains[0].insert(state.walk >> 54)
            chains[1].insert(state.counterwalk >> 54)
            swaps += Int(state.walk >> 63)
        }
        // 1,024 values each; with 20,000 draws a uniform walk misses none with probability
        // above 1 - 1024 x (1 - 1/1024)^20000 > 1 - 2^-17 per miss; 900 leaves it beyond 2^-40.
        #expect(chains[0].count > 900)
        #expect(chains[1].count > 900)
        #expect(swaps > 9000 && swaps < 11_000)
        // A word that was reached is zero with probability 2^-32; four of them by chance: 2^-84.
        #expect((0..<words).count { table[$0] == 0 } < 4)
    }

    @Test(
        "a buffer of any length is filled with time differences",
        arguments: [1, 2, 3, 511, 4096]
    )
    func fills(count: Int) throws {
        let source = HavegeSource(NoiseSourceSettings())
        try source.open()
        defer { source.close() }
        var buffer = [RawSample](repeating: .max, count: count)
        let filled = try buffer.withUnsafeMutableBufferPointer {
            try source.sample(into: $0, wake: -1)
        }
        #expect(filled == count)
        // No sample is as long as an hour: each was written.
        #expect(buffer.allSatisfy { $0 < 1 << 44 })
    }

    @Test("close and open again")
    func reopen() throws {
        let source = HavegeSource(NoiseSourceSettings())
        for _ in 0..<3 {
            try source.open()
            source.close()
            source.close()
        }
    }
}
