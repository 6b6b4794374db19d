// Noise source `jitter`: how long a short walk through memory and a little hashing take.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
package import Entropy
internal import Glibc

/// Differences of cycle counter readings around a walk of ``walkLength`` lines that were evicted from
/// every cache before, so that each load reaches memory, and the multiplications that choose the
/// next line.
///
/// What varies is the path to memory: bus and refresh phases against the core's clock, row buffers,
/// the work of other cores, wait states of the memory controller. Next to the counter's step (10 ns
/// on current x86) this path is the only thing in a quiet machine that varies by several steps, which
/// is why lines are evicted instead of walked in cache.
package final class JitterSource: NoiseSource {
    package static let standard = NoiseSourceDescriptor(
        name: "jitter",
        summary: "How long a walk through evicted memory lines and a little hashing take.",
        sampleBits: 8,
        kind: .timing,
        claim: ShippedClaims.jitter
    )
    /// Half a core while the reservoir fills, which takes about a second.
    package static let defaultCPUShare = 0.5

    package let descriptor: NoiseSourceDescriptor

    private var memory: UnsafeMutableRawPointer?
    private var step: UInt64 = 1
    private var hash: UInt64 = 1

    package init(_ settings: NoiseSourceSettings) {
        descriptor = Self.descriptor(settings)
    }

    package static func availability(_ settings: NoiseSourceSettings) -> Availability {
        timerAvailability(name: standard.name)
    }

    package func open() throws(NoiseSourceError) {
        guard memory == nil else { return }
        step = try TimerGranularity.measure(source: descriptor.name).step
        guard let region = ws_secret_map(walkByteCount) else {
            throw NoiseSourceError(
                .unavailable,
                source: descriptor.name,
                "cannot map \(walkByteCount) bytes",
                errorNumber: errno
            )
        }
        // Touched once, so that no page fault is timed: a page fault is slow, not unpredictable.
        memset(region, 1, walkByteCount)
        // As every line is after its first visit. Lines still cached are read in times that are alike,
        // for the first thousand samples: the restart matrix showed it.
        for offset in stride(from: 0, to: walkByteCount, by: 64) { ws_flush_line(region + offset) }
        memory = region
    }

    package func sample(
        into buffer: UnsafeMutableBufferPointer<RawSample>,
        wake: Int32
    ) throws(NoiseSourceError) -> Int {
        guard let memory, let output = buffer.baseAddress else { return 0 }
        hash = collectJitter(
            output,
            count: buffer.count,
            memory: memory,
            hash: hash,
            step: step
        )
        return buffer.count
    }

    package func close() {
        guard let memory else { return }
        munmap(memory, walkByteCount)
        self.memory = nil
    }

    deinit { close() }
}

/// Bytes; a power of two. Enough lines that rows and banks of the memory differ, few enough for a
/// feeder that lives in 4 MiB.
let walkByteCount = 128 * 1024
/// Evicted lines read between two time stamps.
private let walkLength = 2

/// The whole hot loop: state in locals, pointers only.
private func collectJitter(
    _ output: UnsafeMutablePointer<RawSample>,
    count: Int,
    memory: UnsafeMutableRawPointer,
    hash start: UInt64,
    step: UInt64
) -> UInt64 {
    let lineMask = UInt64(walkByteCount - 1) & ~63
    var hash = start
    // The time before this call is the scheduler's, not ours: read the clock afresh. The walk behind that
    // reading is not given out, since it is alike after every start (SP 800-90B, section 3.1.4).
    var last = ws_cycles()
    for index in -1..<count {
        for _ in 0..<walkLength {
            let line = memory + Int((hash &>> 20) & lineMask)
            let value = line.load(as: UInt64.self)
            ws_flush_line(line)
            hash = (hash ^ value) &* 0x9E37_79B9_7F4A_7C15 &+ 1
        }
        let now = ws_cycles()
        let delta = now &- last
        last = now
        hash ^= delta &<< 20
        if index >= 0 { output[index] = steps(delta, step) }
    }
    return hash
}
