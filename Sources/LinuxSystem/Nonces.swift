// Bytes that were never used before, at any time of a boot.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring

package enum Nonces {
    /// Fills `bytes` from the kernel's generator as good as it is now. Never waits for its first seed, which
    /// may be waiting for this process: the bytes are for what must be new and need not be secret.
    package static func fill(_ bytes: UnsafeMutableRawBufferPointer) {
        ws_random_insecure(bytes.baseAddress, bytes.count)
    }
}
