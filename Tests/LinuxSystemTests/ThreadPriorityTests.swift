// A thread's standing, as the kernel tells it.
// SPDX-License-Identifier: Apache-2.0

import Glibc
import LinuxSystem
import Synchronization
import Testing
import WellspringTesting

@Suite("ThreadPriority")
struct ThreadPriorityTests {
    private final class Seen: Sendable {
        let standing = Mutex<[[Int32]]>([])
    }

    @Test(
        "leftovers are the idle policy, a little share is nice 19, and a refused return leaves it there"
    )
    func apply() {
        let seen = Seen()
        let worker = Worker {
            func look() {
                let policy = sched_getscheduler(0)
                let nice = getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0)
                seen.standing.withLock { $0.append([policy, nice]) }
            }
            ThreadPriority.little.apply()
            look()
            ThreadPriority.leftovers.apply()
            look()
            ThreadPriority.little.apply()
            look()
        }
        worker.join()
        let back: Int32 = ThreadPriority.canReturn ? 0 : 5
        #expect(seen.standing.withLock { $0 } == [[0, 19], [5, 19], [back, 19]])
        // The caller's own standing is its own.
        #expect(sched_getscheduler(0) == 0)
    }

    @Test("what the nursery starts stands high again, whoever asked")
    func nursery() throws {
        _ = ThreadNursery.shared
        let seen = Seen()
        let done = try EventDescriptor()
        let worker = Worker {
            ThreadPriority.leftovers.apply()
            seen.standing.withLock { $0.append([sched_getscheduler(0)]) }
            let hasStarted = ThreadNursery.shared.start("child") {
                seen.standing.withLock { $0.append([sched_getscheduler(0)]) }
                done.signal()
            }
            if !hasStarted { done.signal() }
        }
        worker.join()
        #expect(done.wait(atMost: .seconds(30)))
        #expect(seen.standing.withLock { $0 } == [[5], [0]])
    }
}
