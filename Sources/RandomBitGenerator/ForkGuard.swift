// Whether this is still the process that a generator was made in.
// SPDX-License-Identifier: Apache-2.0

internal import Entropy
internal import Glibc

/// Backs up the wiping of secret memory in forked children (MADV_WIPEONFORK, Linux 4.14): where the
/// kernel refused that, the process id is compared, at the price of a system call per question.
/// It is fooled by a descendant that happens to get the same id.
struct ForkGuard {
    private let processID: pid_t?

    /// For secret memory mapped before.
    init() { self.init(comparing: SecretMemory.report.refusedHides > 0 ? getpid() : nil) }

    init(comparing processID: pid_t?) { self.processID = processID }

    var isSameProcess: Bool { processID == nil || processID == getpid() }
}
