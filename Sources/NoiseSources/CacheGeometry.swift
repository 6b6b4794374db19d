// Sizes of the first-level caches: from sysfs, then from the processor, then a floor.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import LinuxSystem

/// First-level cache sizes of one core, and who said so.
package struct CacheGeometry: Sendable, Equatable {
    /// Bytes.
    package var dataBytes: Int
    /// Bytes.
    package var instructionBytes: Int
    package var origin: Origin

    package enum Origin: String, Sendable {
        case sysfs, cpuid, assumed
    }

    /// Reads sysfs below `root`; where it is silent (many ARM boards) asks `cpuid`; where that is
    /// silent too, assumes 16 KiB, the smallest first-level cache of processors that run Linux today.
    package static func detect(
        root: String = "",
        cpuid: (_ leaf: UInt32, _ subleaf: UInt32) -> [UInt32]? = processorIdentification
    ) -> CacheGeometry {
        fromSysfs(root: root) ?? fromProcessor(cpuid)
            ?? CacheGeometry(
                dataBytes: assumedBytes,
                instructionBytes: assumedBytes,
                origin: .assumed
            )
    }

    private static func fromSysfs(root: String) -> CacheGeometry? {
        let tree = SystemTree(root: root)
        var data: Int?
        var instructions: Int?
        for index in 0..<8 {
            let folder = "/sys/devices/system/cpu/cpu0/cache/index\(index)"
            guard tree.line("\(folder)/level") == "1",
                let type = tree.line("\(folder)/type"),
                let size = tree.line("\(folder)/size").flatMap(byteCount)
            else { continue }
            if type != "Instruction" { data = size }
            if type != "Data" { instructions = size }
        }
        guard let data, let instructions else { return nil }
        return CacheGeometry(dataBytes: data, instructionBytes: instructions, origin: .sysfs)
    }

    /// `48K`, `1M` or plain bytes, as the kernel prints them.
    private static func byteCount(_ text: String) -> Int? {
        let unit = text.last == "K" ? 1024 : text.last == "M" ? 1024 * 1024 : 1
        guard let number = Int(unit == 1 ? text : String(text.dropLast())), number > 0,
            number <= largestBelievable / unit
        else { return nil }
        return number * unit
    }

    private static func fromProcessor(
        _ cpuid: (UInt32, UInt32) -> [UInt32]?
    ) -> CacheGeometry? {
        // Deterministic cache parameters: leaf 4 (Intel), 0x8000001D (AMD), the same layout.
        for leaf in [4, 0x8000_001D] as [UInt32] {
            var data: Int?
            var instructions: Int?
            for subleaf in 0..<8 as Range<UInt32> {
                guard let r = cpuid(leaf, subleaf), r[0] & 0x1F != 0 else { break }
                guard (r[0] >> 5) & 7 == 1 else { continue }
                let ways = Int(r[1] >> 22) + 1
                let partitions = Int((r[1] >> 12) & 0x3FF) + 1
                let line = Int(r[1] & 0xFFF) + 1
                let size = ways * partitions * line * (Int(r[2]) + 1)
                guard size <= largestBelievable else { continue }
                if r[0] & 0x1F != 2 { data = size }
                if r[0] & 0x1F != 1 { instructions = size }
            }
            if let data, let instructions {
                return CacheGeometry(
                    dataBytes: data,
                    instructionBytes: instructions,
                    origin: .cpuid
                )
            }
        }
        // AMD before 2012: leaf 0x80000005, sizes in KiB in the top bytes of ECX and EDX.
        if let r = cpuid(0x8000_0005, 0), r[2] >> 24 > 0, r[3] >> 24 > 0 {
            return CacheGeometry(
                dataBytes: Int(r[2] >> 24) * 1024,
                instructionBytes: Int(r[3] >> 24) * 1024,
                origin: .cpuid
            )
        }
        return nil
    }

    private static let assumedBytes = 16 * 1024
    /// No first-level cache is larger; a larger figure is a mistake of the firmware.
    private static let largestBelievable = 16 * 1024 * 1024
}

/// CPUID of this processor; nil beyond its highest leaf or on another architecture.
package func processorIdentification(leaf: UInt32, subleaf: UInt32) -> [UInt32]? {
    var registers: [UInt32] = [0, 0, 0, 0]
    guard ws_cpuid(leaf & 0x8000_0000, 0, &registers), registers[0] >= leaf,
        ws_cpuid(leaf, subleaf, &registers)
    else { return nil }
    return registers
}
