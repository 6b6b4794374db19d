// Gathering the facts about this kernel's random number generator from /proc, /sys and getrandom(2).
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import Glibc
internal import LinuxSystem

extension KernelRandomState {
    /// Reads the facts below `root`, which has the layout of `/` (empty: the real one). `isSeeded` is
    /// asked of the running kernel and not of the tree.
    package static func read(
        root: String = "",
        isSeeded: Bool? = generatorIsSeeded()
    ) -> KernelRandomState {
        let tree = SystemTree(root: root)
        let pool = "/proc/sys/kernel/random/"
        var state = KernelRandomState()
        state.release = tree.text("/proc/sys/kernel/osrelease")
        state.poolSize = tree.number(pool + "poolsize")
        state.entropyAvailable = tree.number(pool + "entropy_avail")
        state.writeWakeupThreshold = tree.number(pool + "write_wakeup_threshold")
        state.kernelClass = state.poolSize.map {
            KernelRandomClass(
                poolSize: $0,
                hasReadWakeupThreshold: tree.exists(pool + "read_wakeup_threshold")
            )
        }
        state.isSeeded = isSeeded
        state.hardwareGenerator = HardwareGenerator(tree)
        state.hasVirtioGenerator =
            tree.names(in: "/sys/bus/virtio/drivers/virtio_rng").contains { $0.hasPrefix("virtio") }
        // The driver's folder has a link per bound device beside its control files. Before 6.10 it
        // was an ACPI driver, since then a platform driver.
        state.hasVMGenerationID = ["acpi", "platform"].contains { bus in
            tree.names(in: "/sys/bus/\(bus)/drivers/vmgenid").contains {
                !["bind", "unbind", "uevent", "module"].contains($0)
            }
        }
        state.clockSource = tree.text(
            "/sys/devices/system/clocksource/clocksource0/current_clocksource"
        )
        let flags = processorFlags(tree)
        if flags.contains("rdrand") { state.processorGenerators.insert(.rdrand) }
        if flags.contains("rdseed") { state.processorGenerators.insert(.rdseed) }
        if flags.contains("rng") { state.processorGenerators.insert(.rndr) }
        if flags.contains("hypervisor") || tree.exists("/sys/hypervisor/type") {
            let name = tree.text("/sys/class/dmi/id/sys_vendor")
            state.virtualisation = .hypervisor(name: name.flatMap { $0.isEmpty ? nil : $0 })
        }
        return state
    }

    /// Whether getrandom(2) would answer at once. Asks for no bytes and never waits. Nil when the
    /// kernel has no such call (before 3.17) or a sandbox forbids it.
    package static func generatorIsSeeded() -> Bool? {
        var nothing: UInt8 = 0
        if getrandom(&nothing, 0, WS_GRND_NONBLOCK) >= 0 { return true }
        return errno == EAGAIN ? false : nil
    }

    /// The words of the first "flags" (x86) or "Features" (aarch64) line of /proc/cpuinfo.
    private static func processorFlags(_ tree: SystemTree) -> [Substring] {
        let lines = (tree.text("/proc/cpuinfo") ?? "").split(separator: "\n")
        for line in lines where line.hasPrefix("flags") || line.hasPrefix("Features") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            return line[line.index(after: colon)...].split(separator: " ")
        }
        return []
    }
}

extension KernelRandomState.HardwareGenerator {
    fileprivate init(_ tree: SystemTree) {
        let folder = "/sys/class/misc/hw_random/"
        let none = ["none", ""]
        available = (tree.text(folder + "rng_available") ?? "").split(separator: " ")
            .map(String.init).filter { !none.contains($0) }
        current = tree.text(folder + "rng_current").flatMap { none.contains($0) ? nil : $0 }
        quality = tree.number(folder + "rng_quality").flatMap { $0 <= 1024 ? $0 : nil }
    }
}
