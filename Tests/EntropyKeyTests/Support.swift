// A source with an emulated key at an emulated port, in emulated time.
// SPDX-License-Identifier: Apache-2.0

import Entropy
import EntropyKeyDevice
import EntropyKeyProtocol
import LinuxSystem
import NoiseSources
import Testing
import WellspringTesting

@testable import EntropyKey

let testSerial = "NwBvBlg3OTBJORFD"
let testNumber = EntropyKeySerial(testSerial)!
let testLongTermKey = [UInt8](repeating: 7, count: 32)

func testKey(saysHello: Bool = true) -> EmulatedEntropyKey {
    EmulatedEntropyKey(serial: testSerial, longTermKey: testLongTermKey, saysHello: saysHello)
}

/// A keyring with one key.
func testKeyring(_ key: [UInt8] = testLongTermKey) -> SharedKeyring {
    let ring = key.withUnsafeBytes {
        Keyring().setting(EntropyKeySecret(copying: $0), for: testNumber, on: "2026-11-27")
    }
    return SharedKeyring(ring, place: "the test's keyring")
}

/// The source as its thread uses it: it is asked for samples, closed after an error and opened again after a
/// back-off.
final class Bench {
    let port: EmulatedKeyPort
    let source: EntropyKeySource
    let keyring: SharedKeyring
    let settings: NoiseSourceSettings
    private(set) var delivered: [UInt8] = []
    /// Not the bytes themselves, which a failing expectation would print.
    var isEmpty: Bool { delivered.count == 0 }
    /// Of those, the ones that nothing spoke against.
    private(set) var creditable = 0
    private(set) var errors: [(Duration, NoiseSourceError)] = []
    private(set) var lines: [String] = []
    private(set) var steps: [RecoveryStep] = []
    /// What a recovery step does, and how long it takes.
    var cure: (RecoveryStep, EmulatedKeyPort) -> Duration? = { _, _ in .zero }
    /// How often the next step is cut short by a wake-up.
    var interruptions = 0
    /// Stands in for the health tests; returns how many samples may be credited.
    var judge: (UnsafeBufferPointer<RawSample>, Duration) -> Int = { _, _ in 0 }
    private(set) var judged = 0
    /// Stands in for the wait after an error.
    var backOff = Duration.seconds(1)
    private let buffer = UnsafeMutableBufferPointer<RawSample>.allocate(capacity: 512)

    init(
        _ key: EmulatedEntropyKey = testKey(),
        keyring: SharedKeyring = testKeyring(),
        change: (inout EntropyKeySettings) -> Void = { _ in }
    ) {
        let port = EmulatedKeyPort(key)
        self.port = port
        self.keyring = keyring
        var settings = NoiseSourceSettings()
        settings.path = "/dev/emulated"
        settings.entropyKey.serial = testNumber
        settings.entropyKey.keyring = keyring
        change(&settings.entropyKey)
        let log = Log()
        settings.lineHandler = LineHandler { log.add($0) }
        self.settings = settings
        let hands = Hands()
        var nonce: UInt64 = 0
        source = EntropyKeySource(
            settings,
            KeyEnvironment(
                now: { port.now },
                pause: { deadline, _ in
                    port.pass(until: deadline)
                    return false
                },
                open: { _ in
                    port.isUnplugged
                        ? .failure(KeyDeviceError(.unavailable, "no Entropy Key is plugged in"))
                        : .success(EmulatedLine(port))
                },
                revive: { step, _, location, _ in
                    if hands.isInterrupted {
                        return RecoveryOutcome(
                            step: step,
                            result: .interrupted,
                            duration: .zero,
                            location: location
                        )
                    }
                    let time = hands.take(step, port)
                    return RecoveryOutcome(
                        step: step,
                        result: time == nil ? .skipped("this is no USB device") : .done,
                        duration: time ?? .zero,
                        location: location
                    )
                },
                fillNonce: { bytes in
                    nonce += 1
                    bytes.storeBytes(of: nonce, as: UInt64.self)
                }
            )
        )
        self.log = log
        self.hands = hands
        hands.bench = self
    }

    deinit { buffer.deallocate() }

    private let log: Log
    private let hands: Hands

    final class Hands {
        weak var bench: Bench?
        /// Whether a wake-up comes now.
        var isInterrupted: Bool {
            guard let bench, bench.interruptions > 0 else { return false }
            bench.interruptions -= 1
            return true
        }
        func take(_ step: RecoveryStep, _ port: EmulatedKeyPort) -> Duration? {
            bench?.steps.append(step)
            guard let time = bench?.cure(step, port) else { return nil }
            port.pass(until: port.now + time)
            return time
        }
    }

    final class Log: @unchecked Sendable {
        // Unchecked: source and test share one thread.
        var lines: [String] = []
        func add(_ line: String) { lines.append(line) }
    }

    var logged: [String] { log.lines }

    /// Samples until that much emulated time has passed.
    func run(for time: Duration) {
        let end = port.now + time
        while port.now < end {
            // So that a wait ends: a waiting source moves the time to its own deadline.
            do throws(NoiseSourceError) {
                let count = try source.sample(into: buffer, wake: -1)
                delivered += buffer[..<count].map { UInt8($0) }
                if source.objection == nil { creditable += count }
                judged += judge(UnsafeBufferPointer(rebasing: buffer[..<count]), port.now)
            } catch {
                errors.append((port.now, error))
                source.close()
                port.pass(until: min(end, port.now + backOff))
            }
        }
    }

    var state: String { source.device?.facts?.state ?? "" }

    func statistic(_ name: String) -> DeviceFacts.Value? {
        source.device?.facts?.statistics.first { $0.name == name }?.value
    }

    func count(_ name: String) -> UInt64 {
        if case .count(let count) = statistic(name) { count } else { 0 }
    }

    /// Every delivered piece is one that the key sent, in its order, and none is there twice.
    func requireGenuine(_ place: SourceLocation = #_sourceLocation) {
        #expect(delivered.count % 32 == 0, sourceLocation: place)
        var next = 0
        for start in stride(from: 0, to: delivered.count, by: 32) {
            let piece = Array(delivered[start..<start + 32])
            guard let found = port.key.plaintexts[next...].firstIndex(of: piece) else {
                Issue.record(
                    "byte \(start) is wrong, repeated or out of order",
                    sourceLocation: place
                )
                return
            }
            next = found + 1
        }
    }
}

private final class EmulatedLine: KeyLine {
    let port: EmulatedKeyPort
    var name: String { "/dev/emulated" }
    var location: KeyLocation? { nil }

    init(_ port: EmulatedKeyPort) {
        self.port = port
        port.discard()
    }

    func read(into memory: UnsafeMutableRawBufferPointer) throws(KeyDeviceError) -> Int {
        guard let bytes = port.read(atMost: memory.count) else {
            throw KeyDeviceError(.deviceGone, "\(name) was hung up")
        }
        memory.copyBytes(from: bytes)
        return bytes.count
    }

    func write(_ bytes: [UInt8]) throws(KeyDeviceError) {
        guard port.write(bytes) else { throw KeyDeviceError(.deviceGone, "\(name) was hung up") }
    }

    func wait(until deadline: Duration, wake: Int32) -> WaitOutcome {
        port.wait(until: deadline) ? .ready : .timedOut
    }

    func close() {}
}
