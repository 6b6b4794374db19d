// Raw samples of an open source, batch by batch, in one stretch or after many restarts.
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Crypto
internal import Daemon
internal import Entropy
internal import FoundationEssentials
internal import Glibc
internal import LinuxSystem
internal import NoiseSources

/// Records `samples` raw samples, or as many after each of `restarts` restarts (SP 800-90B, section
/// 3.1.4.1). A restart closes the source and opens it anew, as the daemon does after a failure: devices
/// and programs begin from nothing, and what this process remembers of the samples is gone.
struct SourceRecorder {
    let noise: any NoiseSource
    let samples: Int
    var restarts: Int?

    /// What is known when all is recorded.
    struct Facts {
        var count: Int
        var started: Date
        var seconds: Double
        var cpuSeconds: Double
        var sha256: String
    }

    /// Gives one byte per sample, the low bits, to `sink` in order. The source must be open; ^C ends the
    /// recording with an ``ExitCode``.
    func record(into sink: (UnsafeRawBufferPointer) throws -> Void) throws -> Facts {
        let name = noise.descriptor.name
        let started = Date()
        let (clock, cpu) = (SystemClock.now, SystemClock.threadCPUTime)
        let raw = SecretBytes(count: batch * MemoryLayout<RawSample>.stride)
        let bytes = SecretBytes(count: batch)
        let total = samples * (restarts ?? 1)
        var hash = SHA256()
        var done = 0
        var bar = ProgressBar(
            restarts == nil ? "capturing \(name)" : "restarting \(name)",
            total: total,
            unit: "sample"
        )
        defer { bar.finish() }
        while done < total {
            if let restarts, restarts > 0, done.isMultiple(of: samples) {
                noise.close()
                try noise.open()
            }
            let rest = (restarts == nil ? total : (done / samples + 1) * samples) - done
            let count = try sample(min(batch, rest), raw: raw, bytes: bytes)
            guard !Interruption.happened else {
                bar.finish()
                Terminal.note("wellspring: interrupted; nothing was left behind")
                throw ExitCode(Interruption.exitStatus)
            }
            try bytes.withBytes { all in
                let part = UnsafeRawBufferPointer(rebasing: all[..<count])
                hash.update(bufferPointer: part)
                try sink(part)
            }
            done += count
            bar.update(done)
        }
        return Facts(
            count: total,
            started: started,
            seconds: (SystemClock.now - clock).seconds,
            cpuSeconds: (SystemClock.threadCPUTime - cpu).seconds,
            sha256: hexadecimal(hash.finalize())
        )
    }

    private func sample(
        _ wanted: Int,
        raw: borrowing SecretBytes,
        bytes: borrowing SecretBytes
    ) throws -> Int {
        let mask = noise.descriptor.symbolMask
        return try raw.withMutableBytes { memory in
            let buffer = UnsafeMutableBufferPointer(
                rebasing: memory.bindMemory(to: RawSample.self)[..<wanted]
            )
            let count = try noise.sample(into: buffer, wake: Interruption.descriptor)
            bytes.withMutableBytes { target in
                for index in 0..<count { target[index] = UInt8(buffer[index] & mask) }
            }
            return count
        }
    }
}

/// Samples in one batch.
private let batch = 4096
