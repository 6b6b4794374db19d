// The noise source of an Entropy Key: what it gives, what it credits, what it says, how it recovers.
// SPDX-License-Identifier: Apache-2.0

import Entropy
import EntropyKeyProtocol
import HealthTests
import NoiseSources
import Testing
import WellspringTesting

@testable import EntropyKey

@Suite("Entropy Key source")
struct EntropyKeySourceTests {
    @Test("It gives the key's bytes, all and in order, and says Running OK within a second")
    func normal() {
        let bench = Bench()
        bench.run(for: .seconds(1))
        #expect(bench.state == "Running OK")
        bench.run(for: .seconds(60))
        bench.requireGenuine()
        #expect(bench.errors.isEmpty)
        #expect(bench.count("SequenceGaps") == 0)
        #expect(bench.count("ConnectionResets") == 1)
        #expect(bench.delivered.count > 200_000)
        #expect(bench.source.device?.facts?.serial == testSerial)
    }

    @Test("Nothing is credited before the key has said how it is, and everything afterwards")
    func credit() {
        let bench = Bench()
        bench.run(for: .seconds(3))
        #expect(bench.creditable == 0)
        #expect(bench.source.objection == "the key has not yet said how it is")
        // Which is nothing to be warned of.
        #expect(bench.source.device?.facts?.objection == nil)
        #expect(bench.source.device?.facts?.settling == "the key has not yet said how it is")
        bench.run(for: .seconds(12))
        #expect(bench.source.objection == nil)
        #expect(bench.source.device?.facts?.settling == nil)
        let (credited, delivered) = (bench.creditable, bench.delivered.count)
        bench.run(for: .seconds(30))
        #expect(bench.creditable - credited == bench.delivered.count - delivered)
        #expect(EntropyKeySource.standard.claim.minEntropy.value == 7)
    }

    static let troubles: [(String, @Sendable (inout EmulatedKeyFaults) -> Void, String)] =
        "12345789ABz".map { code in
            ("badness \(code)", { $0.badness = code }, "the key reports failure \(code)")
        } + [
            ("hot", { $0.temperature = 3_500 }, "its temperature of 76.85 °C is out of range"),
            ("cold", { $0.temperature = 2_700 }, "its temperature of -3.15 °C is out of range"),
            ("low voltage", { $0.voltage = 2_900 }, "its voltage of 2900 mV is out of range"),
            ("high voltage", { $0.voltage = 3_700 }, "its voltage of 3700 mV is out of range"),
            ("bad blocks", { $0.failedBlocksPercent = 60 }, "blocks failed FIPS 140-2"),
        ]

    @Test(
        "While the key speaks against itself nothing is credited; when it stops, it is again",
        arguments: troubles.indices
    )
    func doubts(_ index: Int) {
        let (name, fault, words) = Self.troubles[index]
        let bench = Bench()
        bench.run(for: .seconds(15))
        #expect(bench.source.objection == nil)
        fault(&bench.port.key.faults)
        // Until the next reading of that kind, and for blocks until enough were seen.
        bench.run(for: .seconds(name == "bad blocks" ? 40 : 12))
        #expect(bench.source.objection?.contains(words) == true, "\(bench.source.objection ?? "")")
        let (credited, delivered) = (bench.creditable, bench.delivered.count)
        bench.run(for: .seconds(10))
        #expect(bench.creditable == credited, "\(name)")
        #expect(bench.delivered.count > delivered, "\(name)")
        #expect(bench.source.device?.facts?.objection != nil)
        bench.port.key.faults = EmulatedKeyFaults()
        bench.run(for: .seconds(name == "bad blocks" ? 700 : 12))
        #expect(bench.source.objection == nil, "\(name)")
        bench.run(for: .seconds(5))
        #expect(bench.creditable > credited, "\(name)")
        #expect(bench.count("ConnectionResets") == 1)
        bench.requireGenuine()
    }

    @Test(
        "A key whose plaintext is stuck fails our own health tests, though it says that it is well"
    )
    func stuck() {
        let bench = Bench()
        var monitor = HealthMonitor(descriptor: bench.source.descriptor)
        bench.judge = { samples, now in
            var creditable = 0
            _ = monitor.judge(samples, at: now) { _, decision in
                if case .wait(let count) = decision { creditable += count }
            }
            return creditable
        }
        bench.run(for: .seconds(20))
        #expect(monitor.state == .healthy)
        let before = bench.judged
        #expect(before > 10_000)
        bench.port.key.faults.stuckPlaintext = 0x55
        bench.run(for: .seconds(10))
        #expect(bench.source.objection == nil)
        #expect(monitor.state != .healthy)
        #expect(monitor.counts.failures > 0)
        // The block that was on its way, and what waited for the end of its window.
        #expect(bench.judged - before <= 78 * 32 + 512)
    }

    @Test("Without a long-term key, or with another one, it says so and what to do")
    func keyring() throws {
        let none = Bench(
            keyring: SharedKeyring(
                place: "/etc/entropykey/keyring",
                trouble: "there is no such file"
            )
        )
        none.run(for: .seconds(3))
        #expect(
            none.errors.first?.1.description
                == "entropy-key: no long-term key for \(testSerial) in /etc/entropykey/keyring: "
                + "there is no such file. Give it one with the master key of its card: wellspring key "
                + "rekey \(testSerial)"
        )
        let other = Bench(keyring: testKeyring([UInt8](repeating: 9, count: 32)))
        other.run(for: .seconds(10))
        #expect(other.errors.first?.1.description.contains("is not the key's own") == true)
        #expect(none.state == "no long-term key")
        #expect(none.source.device?.facts?.place == nil)
        #expect(other.isEmpty)
        // The right key arrives while the daemon runs.
        let ring = testLongTermKey.withUnsafeBytes {
            Keyring().setting(EntropyKeySecret(copying: $0), for: testNumber, on: "2026-11-27")
        }
        other.keyring.replace(with: ring, place: "the test's keyring")
        other.run(for: .seconds(10))
        #expect(other.state == "Running OK")
    }

    @Test("Another key at the same place is named with its number")
    func otherKey() {
        let bench = Bench()
        bench.port.key.faults.hasOtherSerial = true
        bench.port.key.resetItself()
        bench.run(for: .seconds(3))
        #expect(bench.errors.first?.1.description.contains("the key says that it is") == true)
        #expect(bench.isEmpty)
    }

    @Test("The statistics have ekeyd's names and units")
    func statistics() throws {
        let bench = Bench()
        bench.run(for: .seconds(130))
        let names = Set(bench.source.device?.facts?.statistics.map(\.name) ?? [])
        let wanted = [
            "BytesRead", "BytesWritten", "ReadRate", "WriteRate", "EntropyRate", "TotalEntropy",
            "ConnectionTime", "ConnectionPackets", "ConnectionResets", "ConnectionNonces",
            "ConnectionRekeys", "FramesOk", "FramingErrors", "FrameByteLast", "PacketOK",
            "PacketErrors",
            "FipsFrameRate", "KeyTemperatureK", "KeyTemperatureC", "KeyTemperatureF", "KeyVoltage",
            "KeyRawShannonPerByteL", "KeyRawShannonPerByteR", "KeyRawShannonPerByteX",
            "KeyDbsdShannonPerByteL", "KeyDbsdShannonPerByteR", "KeyRawBadness", "KeyShortBadness",
            "KeyEnglishBadness",
        ]
        #expect(names.isSuperset(of: wanted), "missing: \(Set(wanted).subtracting(names))")
        #expect(bench.statistic("KeyTemperatureC") == .number(41.15))
        #expect(bench.statistic("KeyTemperatureK") == .number(314.3))
        #expect(bench.statistic("KeyTemperatureF") == .number(106.07))
        #expect(bench.statistic("KeyVoltage") == .number(3.254))
        #expect(bench.statistic("KeyRawShannonPerByteL") == .number(2.94))
        #expect(bench.statistic("KeyRawBadness") == .text("0"))
        #expect(bench.statistic("KeyShortBadness") == .text("efm_ok"))
        guard case .number(let rate) = bench.statistic("FipsFrameRate") else {
            Issue.record("there is no FipsFrameRate")
            return
        }
        // Whole blocks within a minute.
        #expect(abs(rate - 1.61) < 0.03)
        #expect((31_000...32_200).contains(bench.count("EntropyRate")))
        #expect(bench.count("ConnectionTime") == 130)
        // Half a second old at most: 63 frames of 32 bytes, and a block of 78.
        let behind = bench.delivered.count - Int(bench.count("TotalEntropy"))
        #expect((0...4_512).contains(behind))
    }

    @Test("A buffer smaller than a frame loses nothing", arguments: [1, 7, 31, 33])
    func smallBuffer(_ size: Int) throws {
        let bench = Bench()
        bench.run(for: .seconds(1))
        let start = bench.delivered.count
        let buffer = UnsafeMutableBufferPointer<RawSample>.allocate(capacity: size)
        defer { buffer.deallocate() }
        var bytes: [UInt8] = []
        while bytes.count < 32 * 40 {
            let count = try bench.source.sample(into: buffer, wake: -1)
            bytes += buffer[..<count].map { UInt8($0) }
        }
        let sent = bench.port.key.plaintexts.flatMap { $0 }
        let isSame = bytes == Array(sent[start..<start + bytes.count])
        #expect(isSame)
    }

    @Test("Ten minutes of every fault in a random mix: no wrong byte, none twice, and recovery")
    func randomMix() {
        for seed in UInt64(1)...2 {
            var random = SeededGenerator(seed)
            let bench = Bench()
            bench.cure = { step, port in
                if Bool.random(using: &random) { port.key.powerCycle() }
                return .milliseconds(300)
            }
            for _ in 0..<60 {
                bench.port.key.faults.mix(using: &random)
                switch Int.random(in: 0..<20, using: &random) {
                case 0: bench.port.isUnplugged.toggle()
                case 1: bench.port.key.resetItself()
                case 2: bench.port.key.standInCommand()
                default: break
                }
                bench.run(for: .seconds(10))
            }
            bench.requireGenuine()
            bench.port.isUnplugged = false
            bench.port.key.faults = EmulatedKeyFaults()
            let before = bench.delivered.count
            bench.run(for: .seconds(90))
            #expect(bench.state == "Running OK", "seed \(seed)")
            #expect(bench.delivered.count > before + 30_000, "seed \(seed)")
            bench.requireGenuine()
        }
    }
}
