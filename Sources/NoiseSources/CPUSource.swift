// Noise source: the processor's own generator (RDSEED or RDRAND; RNDRRS or RNDR on aarch64).
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
package import Entropy
internal import LinuxSystem

/// 64-bit words of the processor's generator, each given as eight samples of one byte, lowest
/// first.
///
/// Whether an instruction may be used is asked of /proc/cpuinfo and never of CPUID, which goes on
/// listing generators that the kernel found broken and switched off. The generator cannot be
/// examined, so its claim is low: 8 of 256 bits after the usual safety factor of one half.
package final class CPUSource: NoiseSource {
    package static let standard = NoiseSourceDescriptor(
        name: "cpu",
        summary: "The processor's own generator, a black box of its vendor.",
        sampleBits: 8,
        kind: .symbols,
        claim: EntropyClaim(minEntropy: BitsPerSample(0.5)!, origin: .blackBox)
    )

    /// RDSEED may need most of a millisecond for one word on a machine whose neighbours use it too; and
    /// a black box that gives megabytes per second must not make up most of every block.
    package static let defaultCPUShare = 0.005
    package static let yieldsRawNoise = false

    package static func availability(_ settings: NoiseSourceSettings) -> Availability {
        let processor = ProcessorFacts(systemRoot: settings.systemRoot)
        guard let instruction = processor.generator else {
            return .unavailable(reason: processor.reasonForNoGenerator)
        }
        return .available(
            note: [instruction.rawValue, processor.warning].compactMap(\.self)
                .joined(separator: "; ")
        )
    }

    /// One try for a word; nil when none was ready.
    typealias WordCall = () -> UInt64?

    package let descriptor: NoiseSourceDescriptor
    private let silenceLimit: Duration
    private let systemRoot: String
    private let injectedCall: WordCall?
    private var instruction: ProcessorFacts.Generator = .rdseed
    private var wordCall: WordCall = { nil }
    private var check = StuckWordCheck()

    package convenience init(_ settings: NoiseSourceSettings) {
        self.init(settings, word: nil)
    }

    init(_ settings: NoiseSourceSettings, word: WordCall?) {
        descriptor = Self.descriptor(settings)
        silenceLimit = settings.silenceLimit
        systemRoot = settings.systemRoot
        injectedCall = word
    }

    /// Chooses the instruction and draws the words of the self-test, which are not used.
    package func open() throws(NoiseSourceError) {
        let processor = ProcessorFacts(systemRoot: systemRoot)
        guard let instruction = processor.generator else {
            throw NoiseSourceError(
                .unavailable,
                source: descriptor.name,
                processor.reasonForNoGenerator,
                hint: "Use the timing sources."
            )
        }
        self.instruction = instruction
        wordCall = injectedCall ?? instruction.wordCall
        check = StuckWordCheck()
        let deadline = SystemClock.awake + min(silenceLimit, selfTestPatience)
        for _ in 0..<selfTestWordCount {
            _ = try checkedWord(wake: -1, patience: deadline - SystemClock.awake)
        }
    }

    package func sample(
        into buffer: UnsafeMutableBufferPointer<RawSample>,
        wake: Int32
    ) throws(NoiseSourceError) -> Int {
        var count = 0
        while count < buffer.count {
            let next = try checkedWord(wake: wake, patience: silenceLimit)
            guard var word = next else { break }
            for _ in 0..<min(8, buffer.count - count) {
                buffer[count] = word & 0xff
                word >>= 8
                count += 1
            }
        }
        return count
    }

    package func close() {
        check = StuckWordCheck()
    }

    /// The next word that passes the continuous self-test; nil when `wake` became readable.
    private func checkedWord(
        wake: Int32,
        patience: Duration
    ) throws(NoiseSourceError) -> UInt64? {
        guard let word = try nextWord(wake: wake, patience: patience) else { return nil }
        if let defect = check.defect(of: word) {
            throw NoiseSourceError(
                .stuck,
                source: descriptor.name,
                "\(instruction.rawValue) \(defect)",
                hint: "The generator is broken, as some are after a suspend; disable this source."
            )
        }
        return word
    }

    /// Tries a few times at once, then with pauses, as the generator refills slower than it is
    /// read.
    private func nextWord(
        wake: Int32,
        patience: Duration
    ) throws(NoiseSourceError) -> UInt64? {
        for _ in 0..<immediateTries {
            if let word = wordCall() { return word }
        }
        let deadline = SystemClock.awake + patience
        var pause = shortestPause
        while true {
            let now = SystemClock.awake
            if now > deadline {
                throw .silence(
                    source: descriptor.name,
                    after: patience,
                    of: instruction.rawValue
                )
            }
            let end = min(deadline, now + pause)
            if waitForInput(-1, wake: wake, until: end) == .woken { return nil }
            pause = min(pause * 2, longestPause)
            for _ in 0..<immediateTries {
                if let word = wordCall() { return word }
            }
        }
    }
}

extension ProcessorFacts.Generator {
    fileprivate var wordCall: CPUSource.WordCall {
        switch self {
        case .rdseed, .rndrrs:
            {
                var word: UInt64 = 0
                return ws_seed64(&word) ? word : nil
            }
        case .rdrand, .rndr:
            {
                var word: UInt64 = 0
                return ws_random64(&word) ? word : nil
            }
        }
    }
}

/// The vendor's known failures, each impossible in practice for a working generator: a word of
/// zeros or ones (2^-63 per word), and a word equal to the one before (2^-64).
struct StuckWordCheck {
    private var previous: UInt64?

    /// What is wrong with the word, or nil.
    mutating func defect(of word: UInt64) -> String? {
        defer { previous = word }
        if word == 0 { return "gives only zeros" }
        if word == .max { return "gives only ones" }
        if word == previous { return "repeats itself" }
        return nil
    }
}

/// Words: 1,024 bits, as the start-up part of the self-test. Costs 2 us with RDRAND.
private let selfTestWordCount = 16
/// `open` cannot be woken, so it may not wait long; RDSEED gives 16 words in about 1 ms when others
/// use it too.
private let selfTestPatience: Duration = .milliseconds(100)
/// Intel's manual (volume 1, section 7.3.17) advises ten tries of RDRAND; RDSEED may need a pause.
private let immediateTries = 10
/// Doubles from 10 us, the order of a refill, to 1 ms, which costs below 1 % of a processor.
private let shortestPause: Duration = .microseconds(10)
private let longestPause: Duration = .milliseconds(1)
