// Tests of the processor's generator with invented processors and words.
// SPDX-License-Identifier: Apache-2.0

import Entropy
import Testing
import WellspringTesting

@testable import NoiseSources

struct CPUSourceTests {
    private let directory = TemporaryDirectory()

    private func settings(
        _ cpuinfo: String?,
        silenceLimit: Duration = .seconds(30)
    ) -> NoiseSourceSettings {
        var settings = NoiseSourceSettings()
        settings.systemRoot = directory.path
        settings.silenceLimit = silenceLimit
        if let cpuinfo { directory.write(cpuinfo, to: "proc/cpuinfo") }
        return settings
    }

    /// Words of a counter that is no power-of-two pattern: never zero, ones, or repeated.
    private func counter() -> CPUSource.WordCall {
        var word: UInt64 = 0x0102_0304_0506_0708
        return {
            word &+= 0x1111
            return word
        }
    }

    @Test("a word becomes eight byte samples, lowest first")
    func bytes() throws {
        var words: [UInt64] = Array(1...16) + [0x8877_6655_4433_2211, 0xff00]
        let source = CPUSource(settings(intel), word: { words.removeFirst() })
        try source.open()
        #expect(
            try source.samples(upTo: 10) == [
                0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0, 0xff,
            ]
        )
        #expect(words.isEmpty)
    }

    @Test(
        "without a generator that the kernel lists, the source is unavailable",
        arguments: [
            nil, "", "garbage\n:\n\n::::\n", "flags\t\t: fpu rdrandx rdseed_like\n",
            "Features : fp\n",
        ]
    )
    func unavailable(cpuinfo: String?) throws {
        let settings = settings(cpuinfo)
        guard case .unavailable(let reason) = CPUSource.availability(settings) else {
            Issue.record("available")
            return
        }
        #expect(reason.contains("/proc/cpuinfo"))
        let source = CPUSource(settings, word: counter())
        let error = #expect(throws: NoiseSourceError.self) { try source.open() }
        #expect(error?.code == .unavailable)
    }

    @Test(
        "a stuck generator is refused when it is opened",
        arguments: [UInt64.max, 0, 0x1234_5678_9abc_def0]
    )
    func stuckAtOpen(word: UInt64) {
        let source = CPUSource(settings(intel), word: { word })
        let error = #expect(throws: NoiseSourceError.self) { try source.open() }
        #expect(error?.code == .stuck)
    }

    @Test("a generator that becomes stuck is noticed at once", arguments: [UInt64.max, 0, 77])
    func stuckLater(word: UInt64) throws {
        var good = Array(UInt64(1)...32)
        let source = CPUSource(settings(intel), word: { good.isEmpty ? word : good.removeFirst() })
        try source.open()
        _ = try source.samples(upTo: 8 * 16)
        let error = #expect(throws: NoiseSourceError.self) { try source.samples(upTo: 16) }
        #expect(error?.code == .stuck)
        #expect(error?.description.contains("RDSEED") == true)
    }

    @Test("a generator that is never ready ends in an error, not in a loop")
    func neverReady() {
        var tries = 0
        let source = CPUSource(
            settings(intel, silenceLimit: .milliseconds(20)),
            word: {
                tries += 1
                return nil
            }
        )
        let error = #expect(throws: NoiseSourceError.self) { try source.open() }
        #expect(error?.code == .silent)
        // Pauses of 10 us doubling to 1 ms: at most 27 rounds of ten tries in 20 ms, and one
        // before.
        #expect((10...280).contains(tries))
    }

    @Test("a generator that is rarely ready is waited for")
    func rarelyReady() throws {
        var tries: UInt64 = 0
        let source = CPUSource(
            settings(intel),
            word: {
                tries += 1
                return tries % 50 == 0 ? tries : nil
            }
        )
        try source.open()
        #expect(try source.samples(upTo: 64).count == 64)
    }

    @Test("a generator that is not ready is left when woken")
    func woken() throws {
        var words = Array(UInt64(1)...16)
        let source = CPUSource(
            settings(intel),
            word: { words.isEmpty ? nil : words.removeFirst() }
        )
        try source.open()
        #expect(try source.samplesWhenWoken(upTo: 64).isEmpty)
    }

    @Test("this machine's generator works, where it has one")
    func real() throws {
        guard case .available = CPUSource.availability(NoiseSourceSettings()) else { return }
        let source = CPUSource(NoiseSourceSettings())
        try source.open()
        let samples = try source.samples(upTo: 256)
        #expect(samples.allSatisfy { $0 < 256 })
        // Of 256 uniform bytes about 162 differ; fewer than 64 has a probability below 2^-100.
        #expect(Set(samples).count >= 64)
    }
}

struct ProcessorFactsTests {
    @Test(
        "the best generator that the kernel lists is chosen",
        arguments: [
            (intel, ProcessorFacts.Generator.rdseed),
            ("vendor_id\t: AuthenticAMD\nflags\t\t: fpu rdrand\n", .rdrand),
            ("processor\t: 0\nFeatures\t: fp asimd rng\n", .rndrrs),
            ("flags: rdrand\n\nflags: rdrand rdseed\n", .rdrand),
        ]
    )
    func chosen(cpuinfo: String, generator: ProcessorFacts.Generator) {
        #expect(ProcessorFacts(cpuinfo: cpuinfo).generator == generator)
    }

    @Test(
        "AMD families with known failures carry a warning",
        arguments: [
            ("20", false), ("21", true), ("22", true), ("23", true), ("25", false), ("26", false),
        ]
    )
    func warning(family: String, warned: Bool) {
        let text = "vendor_id\t: AuthenticAMD\ncpu family\t: \(family)\nflags\t\t: rdrand\n"
        #expect((ProcessorFacts(cpuinfo: text).warning != nil) == warned)
    }
}

private let intel = """
    processor\t: 0
    vendor_id\t: GenuineIntel
    cpu family\t: 6
    flags\t\t: fpu vme rdrand rdseed sse4_2
    bugs\t\t: spectre_v1
    power management:

    processor\t: 1
    flags\t\t: fpu
    """
