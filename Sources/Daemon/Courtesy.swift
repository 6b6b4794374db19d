// How politely a source's thread runs: by what it gets of what it was given leave to use.
// SPDX-License-Identifier: Apache-2.0

internal import LinuxSystem

/// A thread lives on leftovers as long as there are any, so that clients and the machine's real work
/// notice nothing of it; where there are none, it takes a little share, so that nobody who waits for noise
/// starves. Knows no clock.
struct Courtesy {
    private(set) var priority = ThreadPriority.leftovers
    private var used = Duration.zero
    private var passed = Duration.zero

    /// Takes note of CPU time that was used of time that passed, and of the share of a processor that the
    /// thread may use. True when ``priority`` changed.
    mutating func note(used: Duration, passed: Duration, share: Double) -> Bool {
        self.used += used
        self.passed += passed
        guard self.passed >= window else { return false }
        let got = self.used / self.passed / share
        self.used = .zero
        self.passed = .zero
        let next: ThreadPriority =
            switch priority {
            case .leftovers: got < starving ? .little : .leftovers
            case .little: got > thriving ? .leftovers : .little
            }
        defer { priority = next }
        return next != priority
    }
}

/// Shorter than anybody's patience, longer than any time slice.
private let window = Duration.seconds(1)
/// Of what it may use. On a busy processor leftovers are 0.3 % of it, 0.6 % of a share of one half; a little
/// share is 1.5 %, which is 3 % of that: between them lies the one limit, well above both the other.
private let starving = 0.02
private let thriving = 0.2
