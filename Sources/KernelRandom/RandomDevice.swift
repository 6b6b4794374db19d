// The kernel's random device behind the one call that matters, so that tests can script a kernel.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Something that answers the ioctls of random(4).
package protocol RandomDevice: ~Copyable {
    /// Returns 0 or the negated errno.
    mutating func control(_ request: UInt, _ argument: UnsafeMutableRawPointer?) -> Int32
    /// For poll(2); negative when there is nothing to poll.
    var descriptor: Int32 { get }
}

/// /dev/random of this machine.
package struct LinuxRandomDevice: RandomDevice, ~Copyable {
    package let descriptor: Int32

    /// Opens for reading only: RNDADDENTROPY asks for a capability, not for an access mode, and a
    /// read-only descriptor also opens where the device node is write-protected.
    package init(path: String = "/dev/random") throws(KernelRandomError) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw KernelRandomError(
                code: .noDevice,
                operation: "open \(path)",
                errorNumber: errno
            )
        }
    }

    deinit {
        close(descriptor)
    }

    package mutating func control(
        _ request: UInt,
        _ argument: UnsafeMutableRawPointer?
    ) -> Int32 {
        let result =
            if let argument {
                ioctl(descriptor, request, argument)
            } else {
                ioctl(descriptor, request, CInt(0))
            }
        return result < 0 ? -errno : 0
    }
}
