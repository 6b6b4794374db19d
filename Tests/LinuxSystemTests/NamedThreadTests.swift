// A thread's name, its blocked signals and its end.
// SPDX-License-Identifier: Apache-2.0

import Glibc
import LinuxSystem
import Synchronization
import Testing

@Suite("NamedThread")
struct NamedThreadTests {
    @Test("the system shows the first 15 bytes of its name")
    func name() throws {
        let name = try runInThread("seventeen-letters") {
            SystemTree().text("/proc/thread-self/comm")
        }
        #expect(name == "seventeen-lette")
    }

    @Test("all signals are blocked in it and none more in the thread that starts it")
    func signals() throws {
        let before = blocked([SIGTERM, SIGINT, SIGHUP, SIGCHLD, SIGUSR1])
        let within = try runInThread("signals") { blocked([SIGTERM, SIGINT, SIGHUP, SIGCHLD]) }
        #expect(within == [SIGTERM, SIGINT, SIGHUP, SIGCHLD])
        #expect(blocked([SIGTERM, SIGINT, SIGHUP, SIGCHLD, SIGUSR1]) == before)
    }
}

private final class Result<R: Sendable>: Sendable {
    let value = Mutex<R?>(nil)
}

/// What `body` gives in a thread of its own. Nil would mean that joining did not wait.
private func runInThread<R: Sendable>(
    _ name: String,
    _ body: @escaping @Sendable () -> R?
) throws -> R? {
    let result = Result<R>()
    let thread = try NamedThread(name) {
        let value = body()
        result.value.withLock { $0 = value }
    }
    thread.join()
    return result.value.withLock { $0 }
}

private func blocked(_ signals: [Int32]) -> [Int32] {
    var set = sigset_t()
    pthread_sigmask(SIG_BLOCK, nil, &set)
    return signals.filter { sigismember(&set, $0) == 1 }
}
