// How long an Entropy Key is waited for.
// SPDX-License-Identifier: Apache-2.0

/// The key has no keep-alive: silence is all that shows a dead one. A working key sends 125 frames a
/// second, and about every 10 s each kind of information.
package struct EntropyKeyTiming: Sendable, Equatable {
    /// From ^C to the serial number.
    package var serial = Duration.seconds(2)
    /// From asking for a session key to the answer.
    package var keying = Duration.seconds(5)
    /// Between any two good frames.
    package var anyFrame = Duration.seconds(15)
    /// From a session key, or an entropy frame, to the next entropy frame.
    package var entropy = Duration.seconds(20)
    /// Until a key that was given up on is asked again.
    package var refusal = Duration.seconds(60)

    package static let standard = EntropyKeyTiming()
}
