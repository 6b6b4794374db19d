// Whether an Entropy Key vouches for its own bytes: by its status, its temperature, its voltage, its blocks.
// SPDX-License-Identifier: Apache-2.0

/// Follows the readings of one key and says why its bytes are not to be credited now.
package struct EntropyKeyVouching: Sendable, Equatable {
    /// What of a key's readings counts as in order.
    package struct Limits: Sendable, Equatable {
        /// Degrees Celsius.
        package var temperature: ClosedRange<Double>
        /// Volts.
        package var voltage: ClosedRange<Double>

        package init(temperature: ClosedRange<Double>, voltage: ClosedRange<Double>) {
            self.temperature = temperature
            self.voltage = voltage
        }

        /// Keys in the field read 31 to 42 °C and 3.25 to 3.30 V. The range of commercial parts, 0 to
        /// 70 °C, and 3.3 V within 10 % are where nothing but a fault leads; the key has its own,
        /// unpublished limits besides, which its status tells.
        package static let standard = Limits(temperature: 0...70, voltage: 2.97...3.63)
    }

    private let limits: Limits
    private var reference: Count?
    /// Reports of blocks so far.
    private var blockReports = 0
    /// Why the blocks speak against the key, until a later period clears it.
    private var blockReason: String?

    private struct Count: Equatable, Sendable {
        var blocks: EntropyKeyReadings.Blocks
        var frames: Int
    }

    package init(limits: Limits = .standard) { self.limits = limits }

    /// After each information frame. `entropyFrames`: all that came so far on this connection.
    package mutating func note(_ readings: EntropyKeyReadings, entropyFrames: Int) {
        guard let blocks = readings.blocks, readings.blockReports != blockReports else { return }
        blockReports = readings.blockReports
        let now = Count(blocks: blocks, frames: entropyFrames)
        guard let before = reference, blocks.done >= before.blocks.done,
            blocks.failed >= before.blocks.failed
        else {
            // The first one, or the key's counters began anew.
            reference = now
            return
        }
        let done = blocks.done - before.blocks.done
        let failed = blocks.failed - before.blocks.failed
        let frames = now.frames - before.frames
        if failed > Self.failuresAllowed {
            blockReason = "\(failed) of \(done) blocks failed FIPS 140-2"
        } else if frames > (done + Self.blocksOnTheWay) * Self.framesPerBlock {
            blockReason = "\(frames) frames came, but only \(done) blocks were tested"
        } else if done >= Self.period {
            blockReason = nil
        } else {
            return
        }
        reference = now
    }

    /// Why nothing is credited now, as a clause; nil when the key vouches for its bytes.
    package func objection(_ readings: EntropyKeyReadings) -> String? {
        guard let window = readings.window else { return "the key has not yet said how it is" }
        if !window.badness.isGood {
            return "the key reports failure \(window.badness.character): \(window.badness.words)"
        }
        if readings.framesSinceWindow > Self.patience {
            return "the key has not said how it is for \(readings.framesSinceWindow) frames"
        }
        if let celsius = readings.celsius, !limits.temperature.contains(celsius) {
            return "its temperature of \(celsiusText(readings)) °C is out of range"
        }
        if let volts = readings.volts, !limits.voltage.contains(volts) {
            return "its voltage of \(readings.voltage ?? 0) mV is out of range"
        }
        return blockReason
    }

    /// Exactly, in hundredths of a degree.
    /// Whether the key is so new that it need not have said anything yet.
    package func isSettling(_ readings: EntropyKeyReadings) -> Bool {
        readings.window == nil && readings.framesSinceWindow <= Self.patience
    }

    private func celsiusText(_ readings: EntropyKeyReadings) -> String {
        let hundredths = (readings.temperature ?? 0) * 10 - 27_315
        let rest = abs(hundredths) % 100
        return "\(hundredths < 0 ? "-" : "")\(abs(hundredths) / 100).\(rest < 10 ? "0" : "")\(rest)"
    }

    /// Blocks that are judged together: five minutes at 1.61 blocks a second.
    private static let period = 512
    /// A random block fails FIPS 140-2 with a probability of 8e-4 (of 512: 0.41 fail). That more than 12
    /// do has a probability below 2^-50 (Poisson: 0.41^13 / 13! = 1.5e-15).
    private static let failuresAllowed = 12
    /// Entropy frames of one block: 78 x 32 of its 2,500 bytes.
    private static let framesPerBlock = 78
    /// Blocks whose count may come before or after their frames: buffers of a few kilobytes hold one, and
    /// the key counts one while it sends another.
    private static let blocksOnTheWay = 8
    /// Frames: two sessions, about a minute. A key says every 10 s how it is.
    private static let patience = 8_192
}
