// The statistics of a key by the names that ekeyd gave them, and ours.
// SPDX-License-Identifier: Apache-2.0

internal import EntropyKeyProtocol
internal import NoiseSources

/// What is counted beside the session's own counters.
struct KeyMeter {
    private let start: Duration
    private var blocks: (done: Int, time: Duration)?
    private var blocksPerSecond: Double?
    private var blockReports = 0
    /// Times that the key answered again after a step of the ladder, and steps taken.
    var recoveries: UInt64 = 0
    var recoverySteps: UInt64 = 0

    init(since start: Duration) { self.start = start }

    /// After new readings.
    mutating func note(_ readings: EntropyKeyReadings, at now: Duration) {
        guard let done = readings.blocks?.done, readings.blockReports != blockReports else {
            return
        }
        blockReports = readings.blockReports
        guard let before = blocks, done >= before.done else {
            blocks = (done, now)
            return
        }
        let passed = now - before.time
        guard passed > rateInterval else { return }
        blocksPerSecond = Double(done - before.done) / seconds(passed)
        blocks = (done, now)
    }

    func statistics(
        _ counters: EntropyKeyCounters,
        _ readings: EntropyKeyReadings,
        at now: Duration
    ) -> [DeviceFacts.Statistic] {
        let time = max(seconds(now - start), 0)
        /// Bits per second, rounded down.
        func rate(_ bytes: UInt64) -> DeviceFacts.Value {
            .count(time > 0 ? UInt64(Double(bytes) * 8 / time) : 0)
        }
        var list: [(String, DeviceFacts.Value)] = [
            ("TotalEntropy", .count(counters.entropyBytes)),
            ("EntropyRate", rate(counters.entropyBytes)),
            ("BytesRead", .count(counters.bytesRead)),
            ("BytesWritten", .count(counters.bytesWritten)),
            ("ReadRate", rate(counters.bytesRead)),
            ("WriteRate", rate(counters.bytesWritten)),
            ("ConnectionTime", .count(UInt64(time))),
            ("ConnectionPackets", .count(counters.frames)),
            ("ConnectionResets", .count(counters.resets)),
            ("ConnectionNonces", .count(counters.keyings)),
            ("ConnectionRekeys", .count(counters.sessions)),
            ("FramesOk", .count(counters.frames)),
            ("FramingErrors", .count(counters.framingErrors)),
            ("FrameByteLast", .count(counters.lastFrameOffset)),
            ("PacketOK", .count(counters.authenticFrames)),
            ("PacketErrors", .count(counters.damagedFrames)),
            ("SequenceGaps", .count(counters.missingFrames)),
            ("Replays", .count(counters.replays)),
            ("SelfResets", .count(counters.selfResets)),
            ("UnexpectedFrames", .count(counters.unexpectedFrames)),
            ("IgnoredFrames", .count(counters.ignoredFrames)),
            ("Recoveries", .count(recoveries)),
            ("RecoverySteps", .count(recoverySteps)),
        ]
        if let blocksPerSecond {
            list.append(("FipsFrameRate", .number((blocksPerSecond * 100).rounded() / 100)))
        }
        if let blocks = readings.blocks {
            list.append(("FipsBlocks", .count(UInt64(blocks.done))))
            list.append(("FipsFailures", .count(UInt64(blocks.failed))))
        }
        if let temperature = readings.temperature {
            let kelvin = Double(temperature) / 10
            list.append(("KeyTemperatureK", .number(kelvin)))
            list.append(("KeyTemperatureC", .number(hundredths(kelvin - 273.15))))
            list.append(("KeyTemperatureF", .number(hundredths(kelvin * 1.8 - 459.67))))
        }
        if let volts = readings.volts { list.append(("KeyVoltage", .number(volts))) }
        if let window = readings.window { list += Self.statistics(window) }
        return list.map { DeviceFacts.Statistic($0.0, $0.1) }
    }

    private static func statistics(
        _ window: EntropyKeyReadings.Window
    ) -> [(String, DeviceFacts.Value)] {
        var list: [(String, DeviceFacts.Value)] = []
        func add(_ name: String, _ shannons: Int, of bytes: Int) {
            // A window that has just begun says nothing yet.
            guard bytes > leastWindow else { return }
            list.append((name, .number(Double(shannons * 100 / bytes) / 100)))
        }
        add("KeyRawShannonPerByteL", window.rawShannonsLeft, of: window.rawByteCount)
        add("KeyRawShannonPerByteR", window.rawShannonsRight, of: window.rawByteCount)
        add("KeyRawShannonPerByteX", window.rawShannonsXOR, of: window.rawByteCount)
        add("KeyDbsdShannonPerByteL", window.debiasedShannonsLeft, of: window.debiasedByteCountLeft)
        add(
            "KeyDbsdShannonPerByteR",
            window.debiasedShannonsRight,
            of: window.debiasedByteCountRight
        )
        let badness = window.badness
        list.append(("KeyRawBadness", .text(badness.character)))
        list.append(("KeyShortBadness", .text(badness.shortName)))
        list.append(("KeyEnglishBadness", .text(badness.words)))
        return list
    }
}

/// Two readings of `F` are compared that are further apart, as ekeyd does it: they come every 10 s.
private let rateInterval = Duration.seconds(50)
/// Bytes, as ekeyd has it.
private let leastWindow = 100

private func hundredths(_ value: Double) -> Double { (value * 100).rounded() / 100 }

private func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
}
