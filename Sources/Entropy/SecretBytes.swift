// Memory for secrets: the one type that entropy travels in.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import Glibc

/// Owns `count` zero-initialised bytes that are locked in memory where the system allows it, left
/// out of core dumps, read as zeros in forked children, and wiped when released.
///
/// It has no equality, hash, coding or description, so that bytes cannot leave it by accident; the
/// two ways in are ``withBytes(_:)`` and ``withMutableBytes(_:)``. It does not promise that a
/// hypervisor or a debugger cannot see the memory.
package struct SecretBytes: ~Copyable, @unchecked Sendable {
    // Unchecked: the pointer is owned by this value alone, and the value cannot be copied.
    package let count: Int
    private let base: UnsafeMutableRawPointer
    private let mappedByteCount: Int

    /// Maps and locks. Traps when the system has no memory left, as any Swift allocation does; a
    /// refused lock is counted in ``SecretMemory/report`` and survived.
    package init(count: Int) {
        precondition(count >= 0)
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        mappedByteCount = max(page, (count + page - 1) / page * page)
        guard let region = ws_secret_map(mappedByteCount) else {
            preconditionFailure("out of memory: cannot map \(mappedByteCount) bytes")
        }
        base = region
        self.count = count
        let locked = mlock(base, mappedByteCount) == 0
        let hidden = ws_secret_hide(base, mappedByteCount)
        SecretMemory.add(mappedByteCount, locked: locked, hidden: hidden)
    }

    deinit {
        ws_wipe(base, mappedByteCount)
        munmap(base, mappedByteCount)
        SecretMemory.remove(mappedByteCount)
    }

    package borrowing func withBytes<R: ~Copyable, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try body(UnsafeRawBufferPointer(start: base, count: count))
    }

    /// Mutation is possible through a borrow, because the bytes are behind a pointer; exclusivity is
    /// the owner's, who holds the only reference.
    package borrowing func withMutableBytes<R: ~Copyable, E: Error>(
        _ body: (UnsafeMutableRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try body(UnsafeMutableRawBufferPointer(start: base, count: count))
    }

    package borrowing func wipe() {
        ws_wipe(base, count)
    }
}

/// Overwrites memory with zeros in a way that the optimiser keeps.
package func wipe(_ bytes: UnsafeMutableRawBufferPointer) {
    guard let base = bytes.baseAddress else { return }
    ws_wipe(base, bytes.count)
}
