// How a Linux kernel's random device behaves, in three generations.
// SPDX-License-Identifier: Apache-2.0

/// The behaviour of /dev/random that a feeder has to know, told apart by what the kernel shows and
/// never by its version: distributors carry the newer driver back to old version numbers.
package enum KernelRandomClass: String, Sendable, CaseIterable {
    /// Up to 5.5: a separate blocking pool. Readers of /dev/random drain it and wait.
    case blockingPool = "blocking-pool"
    /// 5.6 to 5.17: /dev/random blocks only until the first seed; the pool still has a watermark.
    case watermark
    /// The driver of 5.18 and its back-ports: a 256-bit pool that stays full once seeded.
    case selfSeeding = "self-seeding"

    /// Decides by `poolSize` (bits, /proc/sys/kernel/random/poolsize) and by whether the directory
    /// has a read_wakeup_threshold, which went away together with the blocking pool.
    package init(poolSize: Int, hasReadWakeupThreshold: Bool) {
        if poolSize <= Self.selfSeedingPoolSize {
            self = .selfSeeding
        } else {
            self = hasReadWakeupThreshold ? .blockingPool : .watermark
        }
    }

    /// Whether poll(2) reports POLLOUT on /dev/random while the pool is below its watermark. Where it
    /// does not, a feeder that waits for POLLOUT sleeps for ever.
    package var signalsLowPool: Bool { self != .selfSeeding }

    /// One sentence for people: what this generation does and does not need from a feeder.
    package var summary: String {
        switch self {
        case .blockingPool:
            "This kernel has a blocking pool: readers of /dev/random wait whenever it is empty, "
                + "so a feeder is needed for as long as such readers run."
        case .watermark:
            "This kernel blocks only until its first seed: a feeder ends that wait, afterwards "
                + "readers never wait and feeding only keeps the pool above its watermark."
        case .selfSeeding:
            "This kernel keeps itself seeded and never blocks after its first seed: feeding mixes "
                + "in independent entropy, entropy_avail is constantly 256 and needs no feeder."
        }
    }

    /// Bits; POOL_BITS of the driver since 5.18 (BLAKE2S_HASH_SIZE * 8). Earlier pools have 4096.
    private static let selfSeedingPoolSize = 256
}
