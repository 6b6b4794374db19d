// Notices that the wall clock was set or the machine slept (timerfd_create(2), TFD_TIMER_CANCEL_ON_SET).
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import Glibc

/// A timer that never fires, but is cancelled by the kernel whenever CLOCK_REALTIME jumps: when it is
/// set, stepped, or corrected after suspend. Costs no wake-up while nothing happens.
struct ClockWatch: ~Copyable {
    let descriptor: Int32

    init() {
        descriptor = timerfd_create(CLOCK_REALTIME, Int32(TFD_NONBLOCK) | Int32(TFD_CLOEXEC))
        arm()
    }

    deinit {
        close(descriptor)
    }

    /// Reports a jump once and watches for the next.
    func takesJump() -> Bool {
        var expirations: UInt64 = 0
        let count = read(descriptor, &expirations, MemoryLayout<UInt64>.size)
        let jumped = count < 0 && errno == ECANCELED
        if jumped { arm() }
        return jumped
    }

    private func arm() {
        var never = itimerspec()
        never.it_value.tv_sec = .max
        let flags = Int32(TFD_TIMER_ABSTIME) | Int32(TFD_TIMER_CANCEL_ON_SET)
        timerfd_settime(descriptor, flags, &never, nil)
    }
}
