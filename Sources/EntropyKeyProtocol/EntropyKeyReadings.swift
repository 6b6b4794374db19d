// What an Entropy Key says about itself in information frames, and whether that is in order.
// SPDX-License-Identifier: Apache-2.0

/// The latest of each group of readings. Groups that cannot be read are ignored: a device may send
/// anything.
package struct EntropyKeyReadings: Sendable, Equatable {
    /// Core temperature in units of 0.1 K.
    package private(set) var temperature: Int?
    /// Supply voltage in mV.
    package private(set) var voltage: Int?
    package private(set) var blocks: Blocks?
    /// How often the group `F` came.
    package private(set) var blockReports = 0
    package private(set) var window: Window?
    /// Entropy frames since the group `S` came last.
    package private(set) var framesSinceWindow = 0

    /// FIPS 140-2 on blocks of 20,000 bits, since the key's counters were reset (group `F`).
    package struct Blocks: Sendable, Equatable {
        package var done = 0
        package var failed = 0
        package var monobitFailures = 0
        package var pokerFailures = 0
        package var runsFailures = 0
    }

    /// The window of 80 kbit of raw data that the key is at (group `S`).
    package struct Window: Sendable, Equatable {
        package var rawByteCount = 0
        package var rawShannonsLeft = 0
        package var rawShannonsRight = 0
        package var rawShannonsXOR = 0
        package var debiasedByteCountLeft = 0
        package var debiasedShannonsLeft = 0
        package var debiasedByteCountRight = 0
        package var debiasedShannonsRight = 0
        package var badness = EntropyKeyBadness(code: UInt8(ascii: "0"))
    }

    package init() {}

    package var celsius: Double? { temperature.map { Double($0) / 10 - 273.15 } }
    package var volts: Double? { voltage.map { Double($0) / 1000 } }

    /// Takes the payload of an information frame.
    mutating func take(_ text: UnsafeRawBufferPointer) {
        for group in text.split(separator: UInt8(ascii: " ")) {
            let fields = group.dropFirst().split(
                separator: UInt8(ascii: ":"),
                omittingEmptySubsequences: false
            )
            let numbers = fields.map(Self.number)
            switch (group.first, fields.count) {
            case (UInt8(ascii: "T"), 1): temperature = numbers[0] ?? temperature
            case (UInt8(ascii: "V"), 1): voltage = numbers[0] ?? voltage
            case (UInt8(ascii: "F"), 5): takeBlocks(numbers.compactMap { $0 })
            case (UInt8(ascii: "S"), 9):
                guard fields[8].count == 1, let code = fields[8].first else { continue }
                takeWindow(numbers.dropLast().compactMap { $0 }, EntropyKeyBadness(code: code))
            default: continue
            }
        }
    }

    /// What was read belongs to an earlier connection: the key may be another one, or no longer well.
    mutating func forget() {
        let reports = blockReports
        self = EntropyKeyReadings()
        blockReports = reports
    }

    /// One more entropy frame came.
    mutating func noteEntropyFrame() { framesSinceWindow += 1 }

    private mutating func takeBlocks(_ numbers: [Int]) {
        guard numbers.count == 5 else { return }
        blockReports += 1
        blocks = Blocks(
            done: numbers[0],
            failed: numbers[1],
            monobitFailures: numbers[2],
            pokerFailures: numbers[3],
            runsFailures: numbers[4]
        )
    }

    private mutating func takeWindow(_ numbers: [Int], _ badness: EntropyKeyBadness) {
        guard numbers.count == 8 else { return }
        framesSinceWindow = 0
        window = Window(
            rawByteCount: numbers[0],
            rawShannonsLeft: numbers[1],
            rawShannonsRight: numbers[2],
            rawShannonsXOR: numbers[3],
            debiasedByteCountLeft: numbers[4],
            debiasedShannonsLeft: numbers[5],
            debiasedByteCountRight: numbers[6],
            debiasedShannonsRight: numbers[7],
            badness: badness
        )
    }

    /// One to nine decimal digits.
    private static func number(_ field: Slice<UnsafeRawBufferPointer>) -> Int? {
        guard (1...9).contains(field.count) else { return nil }
        var value = 0
        for digit in field {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            value = value * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return value
    }
}

/// The status character at the end of the group `S`.
package struct EntropyKeyBadness: Sendable, Equatable {
    package let code: UInt8

    /// Any byte.
    package init(code: UInt8) { self.code = code }

    package var isGood: Bool { code == UInt8(ascii: "0") }

    /// As ekeyd's statistics name it.
    package var shortName: String { known?.name ?? "efm_unknown" }

    /// A clause for people.
    package var words: String { known?.words ?? "unknown failure" }

    /// The character, where it can be printed.
    package var character: String {
        (0x21...0x7e).contains(code) ? String(UnicodeScalar(code)) : "?"
    }

    private var known: (name: String, words: String)? {
        switch code {
        case UInt8(ascii: "0"): ("efm_ok", "no failure")
        case UInt8(ascii: "1"): ("efm_raw_left_bad", "the left generator is no longer random")
        case UInt8(ascii: "2"): ("efm_raw_right_bad", "the right generator is no longer random")
        case UInt8(ascii: "3"): ("efm_raw_xor_bad", "the generators are correlated")
        case UInt8(ascii: "4"): ("efm_debias_left_bad", "the left generator is strongly biased")
        case UInt8(ascii: "5"): ("efm_debias_right_bad", "the right generator is strongly biased")
        case UInt8(ascii: "7"): ("efm_temp_too_low", "the temperature is too low")
        case UInt8(ascii: "8"): ("efm_temp_too_high", "the temperature is too high")
        case UInt8(ascii: "9"):
            ("efm_fips1402_threshold_exceeded", "too many blocks failed FIPS 140-2")
        case UInt8(ascii: "A"): ("efm_volt_too_low", "the voltage is too low")
        case UInt8(ascii: "B"): ("efm_volt_too_high", "the voltage is too high")
        default: nil
        }
    }
}
