// How wellspring-feeder ends (numbers above 63: sysexits.h).
// SPDX-License-Identifier: Apache-2.0

package enum FeederExit: Int32, Sendable {
    /// Stopped by a signal, or --once is done: the kernel accepted credited entropy.
    case ok = 0
    case failure = 1
    /// A noise source of this process failed its tests, or nothing assesses it.
    case unhealthySource = 2
    case usage = 64
    /// --once found no upstream, or there is no /dev/random.
    case unavailable = 69
    case notPermitted = 77
}
