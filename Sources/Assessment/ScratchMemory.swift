// Large working memory of the estimators, given back to the system at once.
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Zeroed memory outside the heap, which would keep freed blocks of this size and so add up the
/// peaks of estimators that run one after the other. Pages that are never touched cost nothing.
/// Copies share the memory; the owner calls `deallocate` once.
struct ScratchMemory<Element: FixedWidthInteger> {
    let base: UnsafeMutablePointer<Element>
    private let byteCount: Int

    /// How the memory will be used.
    enum Use {
        /// All of it, in random order: large pages save address translations.
        case dense
        /// Here and there: small pages save memory.
        case sparse
        /// All of it, read before it is written: given by the system at once. Pages that come one by one
        /// come twice, since the read gets the shared page of zeros, and the second time every other
        /// processor is interrupted.
        case scattered
    }

    init(count: Int, use: Use = .sparse) {
        byteCount = max(1, count * MemoryLayout<Element>.stride)
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | (use == .scattered ? MAP_POPULATE : 0)
        let address = mmap(nil, byteCount, PROT_READ | PROT_WRITE, flags, -1, 0)
        guard let address, address != MAP_FAILED else { preconditionFailure("out of memory") }
        // Only advice: without large pages everything works, but slower.
        if use == .dense { madvise(address, byteCount, MADV_HUGEPAGE) }
        base = address.bindMemory(to: Element.self, capacity: count)
    }

    func deallocate() {
        munmap(base, byteCount)
    }

    @inline(__always)
    subscript(index: Int) -> Element {
        get { base[index] }
        nonmutating set { base[index] = newValue }
    }
}
