// What became of the requests to lock and hide secret memory, for status and doctor.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import Glibc
internal import Synchronization

/// Process-wide account of secret memory. A refused lock is survived, but never silent.
package enum SecretMemory {
    package struct Report: Sendable {
        /// Bytes mapped for secrets now.
        package var mappedBytes: Int
        /// Number of regions so far that mlock(2) refused (RLIMIT_MEMLOCK) and swap may therefore see.
        package var refusedLocks: Int
        /// Number of regions so far that madvise(2) could not keep out of core dumps or children.
        package var refusedHides: Int
    }

    package static var report: Report {
        Report(
            mappedBytes: mapped.load(ordering: .relaxed),
            refusedLocks: refusedLocks.load(ordering: .relaxed),
            refusedHides: refusedHides.load(ordering: .relaxed)
        )
    }

    /// Whether this process may lock a page more, found out by doing it.
    package static var canLock: Bool {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        guard let region = ws_secret_map(page) else { return false }
        defer { munmap(region, page) }
        return mlock(region, page) == 0
    }

    static func add(_ byteCount: Int, locked: Bool, hidden: Bool) {
        mapped.add(byteCount, ordering: .relaxed)
        if !locked { refusedLocks.add(1, ordering: .relaxed) }
        if !hidden { refusedHides.add(1, ordering: .relaxed) }
    }

    static func remove(_ byteCount: Int) {
        mapped.subtract(byteCount, ordering: .relaxed)
    }

    private static let mapped = Atomic<Int>(0)
    private static let refusedLocks = Atomic<Int>(0)
    private static let refusedHides = Atomic<Int>(0)
}
