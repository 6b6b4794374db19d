// When a source's thread lives on leftovers, and when it takes a share.
// SPDX-License-Identifier: Apache-2.0

import LinuxSystem
import Testing

@testable import Daemon

@Suite("Courtesy")
struct CourtesyTests {
    @Test("it lives on leftovers while they suffice")
    func leftovers() {
        var courtesy = Courtesy()
        #expect(courtesy.priority == .leftovers)
        for _ in 0..<100 {
            let changed = courtesy.note(
                used: .milliseconds(20),
                passed: .milliseconds(100),
                share: 0.5
            )
            #expect(!changed)
        }
        #expect(courtesy.priority == .leftovers)
    }

    @Test("a second without its bread makes it take a share, and plenty makes it give that up")
    func starving() {
        var courtesy = Courtesy()
        var changes: [Int] = []
        // 0.3 % for a second, then what nice 19 gives on a busy processor, then an idle machine.
        let used =
            Array(repeating: 3, count: 10) + Array(repeating: 15, count: 30)
            + Array(repeating: 500, count: 10)
        for (index, used) in used.enumerated()
        where courtesy.note(used: .microseconds(100 * used), passed: .milliseconds(100), share: 0.5)
        {
            changes.append(index)
        }
        #expect(changes == [9, 49])
        #expect(courtesy.priority == .leftovers)
    }
}
