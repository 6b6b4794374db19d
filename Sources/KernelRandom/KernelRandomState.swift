// What this kernel's random number generator is, has and shows: random(4), hw_random, the processor.
// SPDX-License-Identifier: Apache-2.0

/// A snapshot of the facts that decide what a feeder is good for here. Every fact is optional: in
/// containers and on small boards files are missing, and text that is not understood counts as missing.
package struct KernelRandomState: Sendable, Equatable {
    /// /proc/sys/kernel/osrelease, for people only.
    package var release: String?
    /// Bits.
    package var poolSize: Int?
    /// Bits.
    package var entropyAvailable: Int?
    /// Bits; live on kernels with ``KernelRandomClass/signalsLowPool``, without effect on others.
    package var writeWakeupThreshold: Int?
    /// Nil when there is no pool size to tell by.
    package var kernelClass: KernelRandomClass?
    /// Whether the generator has had its first seed. Nil when the kernel did not say.
    package var isSeeded: Bool?
    package var hardwareGenerator = HardwareGenerator()
    /// A virtio-rng device is bound: the host supplies entropy.
    package var hasVirtioGenerator = false
    /// The kernel's VM generation id driver is bound: it reseeds itself when this machine is cloned.
    package var hasVMGenerationID = false
    package var virtualisation = Virtualisation.none
    package var processorGenerators: Set<ProcessorGenerator> = []
    package var clockSource: String?

    package init() {}

    /// The kernel's hw_random core (/sys/class/misc/hw_random).
    package struct HardwareGenerator: Sendable, Equatable {
        package var available: [String] = []
        /// The device that the kernel draws from by itself, if any.
        package var current: String?
        /// 0...1024: entropy credited per 1,024 bits read. Since 6.2 a driver's 0 means 1024.
        package var quality: Int?

        package init() {}
    }

    package enum Virtualisation: Sendable, Equatable {
        case none
        /// The processor reports a hypervisor; its name where the firmware tells.
        case hypervisor(name: String?)
    }

    /// Generators of the processor that the kernel itself still lists as sound.
    package enum ProcessorGenerator: String, Sendable, CaseIterable {
        case rdrand
        case rdseed
        /// aarch64 RNDR and RNDRRS, which Linux lists as "rng".
        case rndr
    }

    package var clockIsTSC: Bool { clockSource == "tsc" }

    /// One sentence with its reason: whether this kernel needs Wellspring for its seeding now.
    package var need: String {
        guard let kernelClass else {
            return "This kernel does not show its random pool here, so nothing can be said about "
                + "its needs."
        }
        if isSeeded == false {
            return "This kernel needs a feeder now: it has had no first seed yet, and getrandom "
                + "waits until it has."
        }
        if kernelClass == .blockingPool {
            return "This kernel needs a feeder while programs read /dev/random, because they wait "
                + "whenever its blocking pool is empty."
        }
        guard isSeeded == true else {
            return "This kernel does not say whether it has had its first seed; once it has, it "
                + "does not need a feeder for seeding."
        }
        if kernelClass == .watermark {
            return "This kernel does not need a feeder for seeding any more, because it is seeded "
                + "and its readers no longer wait."
        }
        return "This kernel does not need a feeder for seeding, because it is seeded and reseeds "
            + "itself; feeding adds a source that is independent of its own."
    }
}
