// Giving back the pages of program code that only the start needed.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring

package enum ResidentMemory {
    /// Unmaps the resident pages of all executable file mappings. They are clean, so that what is
    /// needed again comes back from the page cache with a minor fault; what only parsed the command
    /// line and the configuration stays out. (The kernel maps 64 KiB around each page that a program
    /// touches, and the Swift runtime touches metadata all over the program while it starts: four
    /// fifths of a fresh daemon's resident code are never used again.)
    package static func releaseStartUpPages() {
        guard let maps = SystemTree().contents("/proc/self/maps") else { return }
        for line in maps.split(separator: "\n") {
            let fields = line.split(separator: " ")
            // Never written, hence never private copies that could be lost.
            guard fields.count >= 6, fields[1] == "r-xp", fields[5].hasPrefix("/") else { continue }
            let ends = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
            guard ends.count == 2, ends[0] < ends[1],
                let start = UnsafeMutableRawPointer(bitPattern: ends[0])
            else { continue }
            _ = ws_release_pages(start, Int(ends[1] - ends[0]))
        }
    }
}
