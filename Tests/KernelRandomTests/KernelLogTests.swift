// The kernel's notice that a virtual machine was cloned.
// SPDX-License-Identifier: Apache-2.0

import KernelRandom
import Testing

@Suite struct KernelLogTests {
    @Test("the kernel's own notice is heard")
    func notice() {
        let record = "5,339,5140900,-;random: crng reseeded due to virtual machine fork\n"
        #expect(KernelLog.announcesFork(Array(record.utf8)[...]))
    }

    @Test(
        "other records, other writers and torn records are not",
        arguments: [
            "5,339,5140900,-;random: crng init done\n",
            "12,340,5140900,-;random: crng reseeded due to virtual machine fork\n",
            "5,341,5140900,-;said: random: crng reseeded due to virtual machine fork\n",
            "5,342,5140900,-", "5", "", ";", "5,;",
        ]
    )
    func others(record: String) {
        #expect(!KernelLog.announcesFork(Array(record.utf8)[...]))
    }
}
