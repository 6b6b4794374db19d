// What a configuration may say about one noise source, as typed values.
// SPDX-License-Identifier: Apache-2.0

package import EGDProtocol
package import Entropy
package import LinuxSystem

/// Settings of one source. A source reads the values that concern it; nil means its own default.
package struct NoiseSourceSettings: Sendable {
    /// Replaces the source's name, so that one kind may appear twice.
    package var name: String?
    /// Replaces the claim of the kind: what the operator states, or a stored assessment says.
    package var claim: EntropyClaim?
    /// Share of one processor for the sampling thread, in 0...1.
    package var cpuShare: Double?
    /// How long a source that gives nothing is waited for. The default suits devices; a detector of
    /// rare events needs more.
    package var silenceLimit: Duration = .seconds(30)

    /// `stream`, `hwrng`, `entropy-key`: the device, file or socket.
    package var path: String?
    /// `stream`: speed of a serial line in bits per second.
    package var speed: Int?
    /// `command`: a command line for /bin/sh -c.
    package var commandLine: String?
    /// `command`: takes the lines of standard error; `egd`, `entropy-key`: what the operator should know.
    package var lineHandler: LineHandler?
    /// `command`: delays between an exit and the next start; `egd`: after all upstreams failed.
    package var restartDelays: RestartDelays = .standard
    /// `egd`: the servers, the preferred one first.
    package var upstreams: [StreamEndpoint] = []
    /// `egd`: where this daemon stands among others; nil: no circle is looked for.
    package var chain: SharedChain?
    /// `egd`: how long a lower upstream is read from before the preferred ones are tried again.
    package var failBackDelays: RestartDelays = .failBack
    /// `egd`: how long the answer to an introduction is waited for. A server gives it at once, or not
    /// at all.
    package var introductionLimit: Duration = .seconds(2)
    /// `entropy-key`: which key, its long-term key, how it is revived.
    package var entropyKey = EntropyKeySettings()
    /// `sleep`: requested length of one sleep.
    package var sleepInterval: Duration?
    /// `havege`: size of the first-level data and instruction caches in bytes, when detection is
    /// wrong.
    package var dataCacheByteCount: Int?
    package var instructionCacheByteCount: Int?
    /// `havege`: number of unrolled copies of its step that run.
    package var loopCopies: Int?

    /// Stands before /proc and /sys in every path that is looked up; empty outside tests.
    package var systemRoot = ""

    package init() {}
}

/// Receives one line of text, without its line end, in printable ASCII; called on the source's
/// thread.
package struct LineHandler: Sendable {
    package let take: @Sendable (String) -> Void

    package init(_ take: @escaping @Sendable (String) -> Void) { self.take = take }
}
