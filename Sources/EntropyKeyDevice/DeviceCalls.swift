// The system calls of recovery, or what a test puts in their place.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import LinuxSystem

/// Results below zero are error numbers with a minus sign.
package struct DeviceCalls: Sendable {
    /// Opens a device node for reading and writing.
    package var open: @Sendable (_ path: String) -> Int32
    package var close: @Sendable (_ descriptor: Int32) -> Void
    package var control:
        @Sendable (_ descriptor: Int32, _ request: UInt, _ argument: UnsafeMutableRawPointer?) ->
            Int32
    /// Writes the whole text into an existing file at once, as sysfs wants it.
    package var write: @Sendable (_ text: String, _ path: String) -> Int32
    package var now: @Sendable () -> Duration
    /// Waits until a time of ``now``; true when `wake` became readable before.
    package var wait: @Sendable (_ deadline: Duration, _ wake: Int32) -> Bool

    package init(
        open: @escaping @Sendable (String) -> Int32,
        close: @escaping @Sendable (Int32) -> Void,
        control: @escaping @Sendable (Int32, UInt, UnsafeMutableRawPointer?) -> Int32,
        write: @escaping @Sendable (String, String) -> Int32,
        now: @escaping @Sendable () -> Duration,
        wait: @escaping @Sendable (Duration, Int32) -> Bool
    ) {
        self.open = open
        self.close = close
        self.control = control
        self.write = write
        self.now = now
        self.wait = wait
    }

    package static let system = DeviceCalls(
        open: { path in result(Glibc.open(path, O_RDWR | O_CLOEXEC)) },
        close: { descriptor in Glibc.close(descriptor) },
        control: { descriptor, request, argument in
            guard let argument else { return result(ioctl(descriptor, request, 0)) }
            return result(ioctl(descriptor, request, argument))
        },
        write: { text, path in
            let file = Glibc.open(path, O_WRONLY | O_CLOEXEC)
            guard file >= 0 else { return -errno }
            defer { Glibc.close(file) }
            return result(Int32(clamping: Glibc.write(file, text, text.utf8.count)))
        },
        now: { SystemClock.awake },
        wait: { deadline, wake in
            waitForInput(-1, wake: wake, until: deadline) == .woken
        }
    )

    private static func result(_ value: Int32) -> Int32 { value < 0 ? -errno : value }
}
