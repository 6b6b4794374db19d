// A POSIX thread with a name and a small stack: one for each device that blocks.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import Glibc

/// A running thread. It must be joined or detached exactly once; the handle cannot be copied.
package struct NamedThread: ~Copyable, @unchecked Sendable {
    // Unchecked: pthread_t is an opaque handle that any thread may join.
    private let handle: pthread_t

    /// Starts `body` on a thread that ps and top show as `name` (15 bytes are kept).
    /// All signals are blocked in it: they are the main thread's business.
    package init(
        _ name: String,
        body: @escaping @Sendable () -> Void
    ) throws(SystemError) {
        let start = Unmanaged.passRetained(Start(name: name, body: body))
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, stackByteCount)
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_BLOCK, &all, &before)
        var thread = pthread_t()
        let code = pthread_create(&thread, &attributes, runStart, start.toOpaque())
        pthread_sigmask(SIG_SETMASK, &before, nil)
        guard code == 0 else {
            start.release()
            throw SystemError("start thread \(name)", code: code)
        }
        handle = thread
    }

    package consuming func join() {
        pthread_join(handle, nil)
    }

    /// Lets the thread go: it frees itself when it ends, and nobody can wait for it.
    package consuming func detach() {
        pthread_detach(handle)
    }
}

private final class Start: Sendable {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }
}

private func runStart(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    let start = Unmanaged<Start>.fromOpaque(context!).takeRetainedValue()
    ws_name_thread(start.name)
    start.body()
    return nil
}

/// Bytes. Sampling, hashing and logging need far less; the default of 8 MiB counts against
/// RLIMIT_AS and against locked-memory limits under mlockall.
private let stackByteCount = 512 * 1024
