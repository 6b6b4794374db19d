// Signals as a descriptor, so that a loop takes them when it is ready to (signalfd(2)).
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import Glibc

/// Signals that are blocked and queued for ``next()``. Blocks them in the calling thread, and thereby
/// in threads that it starts later; they stay blocked when this is gone.
package struct SignalDescriptor: ~Copyable {
    package let descriptor: Int32

    package init(_ signals: [Int32]) throws(SystemError) {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal) }
        pthread_sigmask(SIG_BLOCK, &set, nil)
        descriptor = signalfd(-1, &set, Int32(SFD_NONBLOCK) | Int32(SFD_CLOEXEC))
        guard descriptor >= 0 else { throw SystemError("create a signalfd") }
    }

    deinit { close(descriptor) }

    /// The number of the next waiting signal, if any.
    package func next() -> Int32? {
        var info = signalfd_siginfo()
        let size = MemoryLayout<signalfd_siginfo>.size
        guard read(descriptor, &info, size) == size else { return nil }
        return Int32(info.ssi_signo)
    }
}
