// What happened on a connection to an Entropy Key, in numbers.
// SPDX-License-Identifier: Apache-2.0

package struct EntropyKeyCounters: Sendable, Equatable {
    package internal(set) var bytesRead: UInt64 = 0
    package internal(set) var bytesWritten: UInt64 = 0
    package internal(set) var entropyBytes: UInt64 = 0
    /// Frames with the right marks.
    package internal(set) var frames: UInt64 = 0
    package internal(set) var framingErrors: UInt64 = 0
    /// Place in the stream of the last frame with the right marks.
    package internal(set) var lastFrameOffset: UInt64 = 0
    /// Frames whose MAC was right, and wrong.
    package internal(set) var authenticFrames: UInt64 = 0
    package internal(set) var damagedFrames: UInt64 = 0
    /// Frames between a reset and the serial number, whose MAC nobody can know.
    package internal(set) var ignoredFrames: UInt64 = 0
    /// Good frames that did not fit the state, or not their own type.
    package internal(set) var unexpectedFrames: UInt64 = 0
    /// ^C sent.
    package internal(set) var resets: UInt64 = 0
    /// Times that the key began anew by itself.
    package internal(set) var selfResets: UInt64 = 0
    /// Session keys asked for, and agreed.
    package internal(set) var keyings: UInt64 = 0
    package internal(set) var sessions: UInt64 = 0
    /// Entropy frames with a number that was there before: dropped.
    package internal(set) var replays: UInt64 = 0
    /// Numbers that were left out.
    package internal(set) var missingFrames: UInt64 = 0

    package init() {}

    mutating func note(_ scanner: borrowing FrameScanner) {
        framingErrors = scanner.framingErrorCount
        lastFrameOffset = scanner.lastFrameOffset
    }
}
