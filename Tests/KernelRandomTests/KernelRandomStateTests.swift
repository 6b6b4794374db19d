// Reading a kernel's random facts from trees like those of real kernels.
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import KernelRandom

@Suite struct KernelRandomStateTests {
    @Test("a 5.4 kernel on a small board has a blocking pool and nothing else")
    func linux5_4() {
        let tree = FakeTree([
            "/proc/sys/kernel/osrelease": "5.4.0-150\n",
            "/proc/sys/kernel/random/poolsize": "4096\n",
            "/proc/sys/kernel/random/entropy_avail": "17\n",
            "/proc/sys/kernel/random/write_wakeup_threshold": "896\n",
            "/proc/sys/kernel/random/read_wakeup_threshold": "64\n",
            "/proc/cpuinfo": "processor\t: 0\nFeatures\t: fp asimd evtstrm crc32 cpuid\n",
            "/sys/devices/system/clocksource/clocksource0/current_clocksource":
                "arch_sys_counter\n",
        ])
        let state = KernelRandomState.read(root: tree.root, isSeeded: true)
        #expect(state.release == "5.4.0-150")
        #expect(state.poolSize == 4096)
        #expect(state.entropyAvailable == 17)
        #expect(state.writeWakeupThreshold == 896)
        #expect(state.kernelClass == .blockingPool)
        #expect(state.hardwareGenerator == KernelRandomState.HardwareGenerator())
        #expect(!state.hasVirtioGenerator)
        #expect(!state.hasVMGenerationID)
        #expect(state.virtualisation == .none)
        #expect(state.processorGenerators.isEmpty)
        #expect(!state.clockIsTSC)
        #expect(state.need.contains("needs a feeder while"))
    }

    @Test("5.10.46 has a watermark, and before its first seed needs a feeder now")
    func linux5_10_46() {
        let tree = FakeTree([
            "/proc/sys/kernel/osrelease": "5.10.46\n",
            "/proc/sys/kernel/random/poolsize": "4096\n",
            "/proc/sys/kernel/random/entropy_avail": "0\n",
            "/proc/sys/kernel/random/write_wakeup_threshold": "896\n",
            "/proc/cpuinfo": "processor\t: 0\nflags\t\t: fpu tsc rdrand rdseed\n",
        ])
        var state = KernelRandomState.read(root: tree.root, isSeeded: false)
        #expect(state.kernelClass == .watermark)
        #expect(state.processorGenerators == [.rdrand, .rdseed])
        #expect(state.need.contains("needs a feeder now"))
        state.isSeeded = true
        #expect(state.need.contains("does not need a feeder for seeding any more"))
    }

    @Test("6.18 in a virtual machine: full pool, virtio-rng, VM generation id, TSC")
    func linux6_18() {
        let drivers = "/sys/bus/"
        let tree = FakeTree([
            "/proc/sys/kernel/osrelease": "6.18.44\n",
            "/proc/sys/kernel/random/poolsize": "256\n",
            "/proc/sys/kernel/random/entropy_avail": "256\n",
            "/proc/sys/kernel/random/write_wakeup_threshold": "256\n",
            "/proc/cpuinfo": "processor\t: 0\nflags\t\t: fpu rdrand hypervisor\n\nprocessor\t: 1\n",
            "/sys/class/misc/hw_random/rng_available": "virtio_rng.0 none\n",
            "/sys/class/misc/hw_random/rng_current": "virtio_rng.0\n",
            "/sys/class/misc/hw_random/rng_quality": "1024\n",
            drivers + "virtio/drivers/virtio_rng/virtio4/uevent": "",
            drivers + "platform/drivers/vmgenid/VMGENCTR:00/uevent": "",
            drivers + "platform/drivers/vmgenid/bind": "",
            "/sys/class/dmi/id/sys_vendor": "QEMU\n",
            "/sys/devices/system/clocksource/clocksource0/current_clocksource": "tsc\n",
        ])
        let state = KernelRandomState.read(root: tree.root, isSeeded: true)
        #expect(state.kernelClass == .selfSeeding)
        #expect(state.hardwareGenerator.available == ["virtio_rng.0"])
        #expect(state.hardwareGenerator.current == "virtio_rng.0")
        #expect(state.hardwareGenerator.quality == 1024)
        #expect(state.hasVirtioGenerator)
        #expect(state.hasVMGenerationID)
        #expect(state.virtualisation == .hypervisor(name: "QEMU"))
        #expect(state.processorGenerators == [.rdrand])
        #expect(state.clockIsTSC)
        #expect(state.need.contains("does not need a feeder for seeding, because"))
    }

    @Test("a driver without a device is no device")
    func unboundDrivers() {
        let tree = FakeTree([
            "/sys/bus/acpi/drivers/vmgenid/bind": "", "/sys/bus/acpi/drivers/vmgenid/uevent": "",
            "/sys/bus/virtio/drivers/virtio_rng/bind": "",
            "/sys/class/misc/hw_random/rng_current": "none\n",
            "/sys/class/misc/hw_random/rng_available": "none\n",
        ])
        let state = KernelRandomState.read(root: tree.root, isSeeded: true)
        #expect(!state.hasVMGenerationID)
        #expect(!state.hasVirtioGenerator)
        #expect(state.hardwareGenerator == KernelRandomState.HardwareGenerator())
    }

    @Test("aarch64 lists its generator as rng")
    func aarch64Generator() {
        let tree = FakeTree(["/proc/cpuinfo": "Features\t: fp asimd rng bti\n"])
        let state = KernelRandomState.read(root: tree.root, isSeeded: nil)
        #expect(state.processorGenerators == [.rndr])
    }

    @Test("an empty tree yields no facts and an honest sentence")
    func missingFiles() {
        let tree = FakeTree([:])
        let state = KernelRandomState.read(root: tree.root, isSeeded: nil)
        #expect(state == KernelRandomState())
        #expect(state.need.contains("nothing can be said"))
    }

    @Test(
        "garbage in a number counts as missing",
        arguments: ["", "\n", "-5", "0x100", "12 34", "99999999999999999999999", "\u{0}\u{1}", "ä"]
    )
    func garbage(text: String) {
        let tree = FakeTree([
            "/proc/sys/kernel/random/poolsize": text,
            "/proc/sys/kernel/random/entropy_avail": text,
            "/sys/class/misc/hw_random/rng_quality": text,
        ])
        let state = KernelRandomState.read(root: tree.root, isSeeded: nil)
        #expect(state.poolSize == nil)
        #expect(state.entropyAvailable == nil)
        #expect(state.kernelClass == nil)
        #expect(state.hardwareGenerator.quality == nil)
    }

    @Test("an impossible quality and a folder in a file's place count as missing")
    func impossible() {
        let tree = FakeTree([
            "/sys/class/misc/hw_random/rng_quality": "1025",
            "/proc/sys/kernel/random/poolsize/x": "",
        ])
        let state = KernelRandomState.read(root: tree.root, isSeeded: nil)
        #expect(state.hardwareGenerator.quality == nil)
        #expect(state.poolSize == nil)
    }

    @Test("a kernel that does not tell whether it is seeded is not called seeded")
    func unknownSeed() {
        let tree = FakeTree(["/proc/sys/kernel/random/poolsize": "256"])
        let state = KernelRandomState.read(root: tree.root, isSeeded: nil)
        #expect(state.need.contains("does not say whether"))
    }

    @Test("the machine that runs the tests has a seeded kernel")
    func thisMachine() {
        #expect(KernelRandomState.generatorIsSeeded() == true)
    }
}
