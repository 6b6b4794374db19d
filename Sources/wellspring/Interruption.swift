// ^C and SIGTERM as an event that waits and loops can watch.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import LinuxSystem
internal import Synchronization

enum Interruption {
    /// Readable once a signal came; -1 before ``watch()``.
    static var descriptor: Int32 { event.load(ordering: .relaxed) }

    /// Whether SIGINT or SIGTERM came.
    static var happened: Bool { signalled.load(ordering: .relaxed) != 0 }

    /// From here on the two signals end the work in order instead of killing the process.
    static func watch() throws(SystemError) {
        let created = try EventDescriptor()
        event.store(created.descriptor, ordering: .relaxed)
        // The handler may run until the process ends, and so lives its descriptor.
        _ = Unmanaged.passRetained(created)
        for number in [SIGINT, SIGTERM] { signal(number, noteSignal) }
    }

    /// The status a program interrupted by that signal ends with, by the shell's convention.
    static var exitStatus: Int32 { 128 + signalled.load(ordering: .relaxed) }

    fileprivate static let signalled = Atomic<Int32>(0)
    private static let event = Atomic<Int32>(-1)
}

/// Async-signal-safe: an atomic store and one write(2).
private func noteSignal(_ number: Int32) {
    Interruption.signalled.store(number, ordering: .relaxed)
    var one: UInt64 = 1
    _ = write(Interruption.descriptor, &one, 8)
}
