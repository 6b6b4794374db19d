// How far a thread stands behind the machine's other work (sched(7)).
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Two ways of letting others go first. Linux keeps both per thread, and they concern the caller alone.
package enum ThreadPriority: Sendable {
    /// Nothing but what others leave (SCHED_IDLE): a waking thread takes the processor away at once, as
    /// though it were idle. On a processor that is never idle that is 3 in 1,027 (the weights of both
    /// kinds, kernel/sched/sched.h).
    case leftovers
    /// A small share in any case (nice 19): 15 in 1,039 of a busy processor.
    case little

    /// A refusal changes nothing: the thread goes on as it was.
    package func apply() {
        setpriority(Int32(PRIO_PROCESS.rawValue), 0, Self.nicest)
        var parameters = sched_param()
        sched_setscheduler(
            0,
            self == .leftovers ? Self.idlePolicy : Int32(SCHED_OTHER),
            &parameters
        )
    }

    /// Whether a thread may come back from ``leftovers`` (RLIMIT_NICE, setrlimit(2)): most users' may
    /// not, and their work goes on in another one (``ThreadNursery``).
    package static var canReturn: Bool {
        var limit = rlimit()
        return geteuid() == 0 || (getrlimit(kind, &limit) == 0 && limit.rlim_cur >= enough)
    }

    /// The greatest nice value (setpriority(2)), and the limit that permits it: 20 - 19.
    private static let nicest: Int32 = 19
    private static let enough: rlim_t = 1
    private static var kind: __rlimit_resource_t { __rlimit_resource_t(__RLIMIT_NICE.rawValue) }
    /// SCHED_IDLE, which stands behind _GNU_SOURCE.
    private static let idlePolicy: Int32 = 5
}
