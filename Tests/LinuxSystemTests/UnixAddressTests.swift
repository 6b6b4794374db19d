// Addresses by path and by abstract name.
// SPDX-License-Identifier: Apache-2.0

import Glibc
import LinuxSystem
import Testing

@Suite("UnixAddress")
struct UnixAddressTests {
    @Test("a path counts with its closing zero, an abstract name without")
    func lengths() {
        let family = MemoryLayout<sa_family_t>.size
        #expect(UnixAddress.with("/a") { Int($1) } == family + 3)
        #expect(UnixAddress.with("@ab") { Int($1) } == family + 3)
        let first = UnixAddress.with("@ab") { address, _ in
            UnsafeRawPointer(address).load(fromByteOffset: family, as: UInt8.self)
        }
        #expect(first == 0)
    }

    @Test("empty, too long and broken paths have no address")
    func impossible() {
        #expect(UnixAddress.longestPath == 107)
        let paths = ["", "/a\0b", "/" + String(repeating: "x", count: 107)]
        for path in paths { #expect(UnixAddress.with(path) { $1 } == nil) }
    }
}
