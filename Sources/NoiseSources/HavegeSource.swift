// Noise source `havege`: hardware state that a walk through caches, TLB and branch predictors meets.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
package import Entropy
internal import Glibc

/// Differences of cycle counter readings, two for each step of the HAVEGE walk (Seznec and Sendrier,
/// ACM TOMACS 13(4), 2003): two pointers through a table that just exceeds the first-level data
/// cache, each with its own chain of data-dependent branches, in as many copies of the code as fill
/// the instruction cache.
///
/// Unlike the programs that made the name known, the walked table is never output: it only decides
/// where the next step goes. What leaves is the raw time, to be tested and assessed like any other.
package final class HavegeSource: NoiseSource {
    package static let standard = NoiseSourceDescriptor(
        name: "havege",
        summary: "Caches, TLB and branch predictors that the HAVEGE walk meets.",
        sampleBits: 8,
        kind: .timing,
        claim: ShippedClaims.havege
    )
    /// A quarter of a core while the reservoir fills: a second opinion beside `jitter`.
    package static let defaultCPUShare = 0.25

    package let descriptor: NoiseSourceDescriptor
    package let tableByteCount: Int
    package let copies: Int

    private var state = ws_havege()
    private var step: UInt64 = 1

    package init(_ settings: NoiseSourceSettings) {
        descriptor = Self.descriptor(settings)
        let caches = CacheGeometry.detect(root: settings.systemRoot)
        tableByteCount = Self.tableByteCount(
            dataCache: settings.dataCacheByteCount ?? caches.dataBytes
        )
        copies =
            settings.loopCopies.map { min(Int(WS_HAVEGE_COPIES), max(1, $0)) }
            ?? Self.copies(
                instructionCache: settings.instructionCacheByteCount ?? caches.instructionBytes
            )
    }

    package static func availability(_ settings: NoiseSourceSettings) -> Availability {
        timerAvailability(name: standard.name)
    }

    /// The smallest power of two that is at least the data cache and at least 4 KiB, so that an index
    /// is a plain mask and the walk keeps missing: 48 KiB of cache give a table of 64 KiB.
    package static func tableByteCount(dataCache: Int) -> Int {
        var size = 4096
        while size < dataCache { size *= 2 }
        return size
    }

    /// As many copies of the step as the instruction cache holds; at least 1, at most what was built.
    package static func copies(instructionCache: Int) -> Int {
        min(Int(WS_HAVEGE_COPIES), max(1, instructionCache / stepBytes))
    }

    package func open() throws(NoiseSourceError) {
        guard state.table == nil else { return }
        step = try TimerGranularity.measure(source: descriptor.name).step
        guard let region = ws_secret_map(tableByteCount) else {
            throw NoiseSourceError(
                .unavailable,
                source: descriptor.name,
                "cannot map \(tableByteCount) bytes",
                errorNumber: errno
            )
        }
        memset(region, 0, tableByteCount)
        state.table = region.bindMemory(to: UInt32.self, capacity: tableByteCount / 4)
        state.mask = UInt32(tableByteCount / 4 - 1)
        state.copies = UInt32(copies)
        state.walk = 1
        state.counterwalk = 2
    }

    package func sample(
        into buffer: UnsafeMutableBufferPointer<RawSample>,
        wake: Int32
    ) throws(NoiseSourceError) -> Int {
        guard state.table != nil, let output = buffer.baseAddress else { return 0 }
        // The time before this call is the scheduler's, not ours: read the clock afresh.
        state.last = ws_cycles()
        ws_havege_collect(&state, output, buffer.count)
        for index in 0..<buffer.count { output[index] = steps(output[index], step) }
        return buffer.count
    }

    package func close() {
        guard let table = state.table else { return }
        munmap(table, tableByteCount)
        state.table = nil
    }

    deinit { close() }

    /// Bytes of machine code of one copy of the step: 58,746 bytes for 64 copies on x86-64 (nm -S).
    private static let stepBytes = 918
}
