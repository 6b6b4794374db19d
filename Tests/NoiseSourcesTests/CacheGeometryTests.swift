// Cache sizes from sysfs, from the processor, and from nobody.
// SPDX-License-Identifier: Apache-2.0

import Testing
import WellspringTesting

@testable import NoiseSources

@Suite struct CacheGeometryTests {
    @Test("sysfs is asked first")
    func sysfs() {
        let folder = TemporaryDirectory()
        let caches = "/sys/devices/system/cpu/cpu0/cache"
        for (index, level, type, size) in [
            (0, "1", "Data", "48K"), (1, "1", "Instruction", "32K"), (2, "2", "Unified", "1M"),
        ] {
            _ = folder.write("\(level)\n", to: "\(caches)/index\(index)/level")
            _ = folder.write("\(type)\n", to: "\(caches)/index\(index)/type")
            _ = folder.write("\(size)\n", to: "\(caches)/index\(index)/size")
        }
        let found = CacheGeometry.detect(root: folder.path) { _, _ in
            Issue.record("the processor was asked although sysfs had answered")
            return nil
        }
        #expect(
            found
                == CacheGeometry(
                    dataBytes: 48 * 1024,
                    instructionBytes: 32 * 1024,
                    origin: .sysfs
                )
        )
    }

    @Test("nonsense in sysfs is passed over", arguments: ["", "K", "-4K", "99999999999M", "48 K"])
    func nonsense(size: String) {
        let folder = TemporaryDirectory()
        let index = "/sys/devices/system/cpu/cpu0/cache/index0"
        _ = folder.write("1", to: "\(index)/level")
        _ = folder.write("Unified", to: "\(index)/type")
        _ = folder.write(size, to: "\(index)/size")
        let found = CacheGeometry.detect(root: folder.path) { _, _ in nil }
        #expect(found.origin == .assumed)
        #expect(found.dataBytes == 16 * 1024 && found.instructionBytes == 16 * 1024)
    }

    @Test("deterministic cache parameters", arguments: [4, 0x8000_001D] as [UInt32])
    func cacheLeaf(_ wanted: UInt32) {
        let folder = TemporaryDirectory()
        // 12 ways x 1 partition x 64 bytes x 64 sets = 48 KiB data; 8 ways = 32 KiB instructions.
        let found = CacheGeometry.detect(root: folder.path) { leaf, subleaf in
            guard leaf == wanted else { return nil }
            return switch subleaf {
            case 0: [0x21, 11 << 22 | 63, 63, 0]
            case 1: [0x22, 7 << 22 | 63, 63, 0]
            default: [0, 0, 0, 0]
            }
        }
        #expect(
            found
                == CacheGeometry(
                    dataBytes: 48 * 1024,
                    instructionBytes: 32 * 1024,
                    origin: .cpuid
                )
        )
    }

    @Test("the old AMD leaf")
    func oldLeaf() {
        let folder = TemporaryDirectory()
        let found = CacheGeometry.detect(root: folder.path) { leaf, _ in
            leaf == 0x8000_0005 ? [0, 0, 64 << 24, 64 << 24] : nil
        }
        #expect(found.dataBytes == 65_536 && found.instructionBytes == 65_536)
    }

    @Test("this machine's caches are found")
    func here() {
        let found = CacheGeometry.detect()
        #expect(found.dataBytes >= 8192 && found.instructionBytes >= 8192)
    }
}
