// What an emulated Entropy Key does wrong, switched on and off while it runs.
// SPDX-License-Identifier: Apache-2.0

/// Faults of the frames, of the device and of what it says about itself. "Every n-th" counts the frames
/// that the key sends; 0 is never.
package struct EmulatedKeyFaults: Sendable, Equatable {
    // Frames on their way
    package var corruptMACEvery = 0
    package var corruptTypeEvery = 0
    package var corruptBase64Every = 0
    package var dropEvery = 0
    package var repeatEvery = 0
    /// Changes places with the next one.
    package var reorderEvery = 0
    /// Bytes that are no frame, before it.
    package var garbageEvery = 0

    // The device
    /// Says nothing and hears nothing, not even ^C.
    package var isDead = false
    /// Shows and uses another serial number.
    package var hasOtherSerial = false
    /// Its long-term key is not the one that the host has.
    package var hasOtherLongTermKey = false
    /// The plaintext is the same byte again and again.
    package var stuckPlaintext: UInt8?
    /// Times as long for a block.
    package var slowness = 1
    /// Takes no notice of K before it has asked for it itself.
    package var keysOnRequestOnly = false
    /// Answers K with B, and L with l.
    package var refusesKeying = false

    // What it says
    /// The status character of its `S` readings.
    package var badness: Character = "0"
    /// Sends no more entropy once it reports a failure, and stays so until it loses power.
    package var locksOnBadness = false
    /// 0.1 K.
    package var temperature = 3_143
    /// mV.
    package var voltage = 3_254
    /// Blocks that fail FIPS 140-2, of each hundred.
    package var failedBlocksPercent = 0

    package init() {}
}

extension EmulatedKeyFaults {
    /// Switches one fault on or off, whichever; the plaintext stays as it is, so that it can be told.
    package mutating func mix(using random: inout some RandomNumberGenerator) {
        let every = [0, 0, 3, 10, 50].randomElement(using: &random) ?? 0
        switch Int.random(in: 0..<14, using: &random) {
        case 0: corruptMACEvery = every
        case 1: corruptTypeEvery = every
        case 2: corruptBase64Every = every
        case 3: dropEvery = every
        case 4: repeatEvery = every
        case 5: reorderEvery = every
        case 6: garbageEvery = every
        case 7: isDead.toggle()
        case 8: hasOtherSerial.toggle()
        case 9: hasOtherLongTermKey.toggle()
        case 10: refusesKeying.toggle()
        case 11: badness = "012345789ABz".randomElement(using: &random) ?? "0"
        case 12: temperature = [3_143, 2_500, 3_600].randomElement(using: &random) ?? 3_143
        default: self = EmulatedKeyFaults()
        }
    }
}

/// A generator for tests, the same at each run.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(_ seed: UInt64) { state = seed }

    /// Of Steele, Lea and Flood (2014).
    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }
}
