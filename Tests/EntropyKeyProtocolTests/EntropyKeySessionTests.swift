// The conversation with a key, with every fault of the emulated one.
// SPDX-License-Identifier: Apache-2.0

import EntropyKeyProtocol
import Testing
import WellspringTesting

@Suite("Entropy Key session")
struct EntropyKeySessionTests {
    @Test("A key is known, keyed and running within a second, with one ^C, and all its bytes come")
    func normal() {
        var talk = Conversation()
        talk.run(for: .seconds(1))
        #expect(talk.session.state == .running)
        talk.run(for: .seconds(59))
        #expect(talk.resets == 1)
        #expect(talk.delivered.count == talk.key.plaintexts.count)
        #expect(talk.delivered.count > 7_000)
        talk.requireGenuine()
        let counters = talk.session.counters
        #expect(counters.damagedFrames == 0 && counters.framingErrors == 0)
        #expect(counters.missingFrames == 0 && counters.replays == 0)
        #expect(counters.sessions == 2)
        #expect(talk.session.serial?.description == Conversation.serial)
    }

    @Test("After number 4095 a new session begins at once, and no number is left out")
    func rekeying() {
        var talk = Conversation()
        talk.key.firstNumber = 4_000
        talk.run(for: .seconds(60))
        talk.requireGenuine()
        #expect(talk.session.counters.sessions > 40)
        // Each session begins with 4000: what is before counts as lost, and nothing else.
        #expect(talk.session.counters.missingFrames % 4_000 == 0)
        #expect(talk.delivered.count == talk.key.plaintexts.count)
        #expect(talk.resets == 1)
    }

    @Test("A lost frame 4095 costs only itself: the key asks for a session key")
    func lostLastFrame() {
        var talk = Conversation()
        talk.key.firstNumber = 4_090
        talk.key.faults.dropEvery = 7
        talk.run(for: .seconds(60))
        talk.requireGenuine()
        #expect(talk.session.counters.sessions > 30)
    }

    /// Faults of the frames under which bytes go on coming.
    static let damages: [(String, @Sendable (inout EmulatedKeyFaults) -> Void)] = [
        ("corrupt MAC", { $0.corruptMACEvery = 10 }),
        ("corrupt type", { $0.corruptTypeEvery = 10 }),
        ("corrupt base64", { $0.corruptBase64Every = 10 }),
        ("dropped frames", { $0.dropEvery = 10 }),
        ("repeated frames", { $0.repeatEvery = 10 }),
        ("reordered frames", { $0.reorderEvery = 10 }),
        ("garbage between frames", { $0.garbageEvery = 10 }),
        ("slow rate", { $0.slowness = 4 }),
        ("stuck plaintext", { $0.stuckPlaintext = 0 }),
    ]

    @Test(
        "Damage on the way costs the damaged frames alone, and no reset",
        arguments: damages.indices
    )
    func tolerable(_ index: Int) {
        let (name, fault) = Self.damages[index]
        var talk = Conversation()
        talk.run(for: .seconds(5))
        fault(&talk.key.faults)
        let (before, sent) = (talk.delivered.count, talk.key.plaintexts.count)
        talk.run(for: .seconds(20))
        if name != "stuck plaintext" { talk.requireGenuine() }
        let came = talk.delivered.count - before
        let made = talk.key.plaintexts.count - sent
        #expect(came >= made * 3 / 4, "\(name): \(came) of \(made)")
        #expect(talk.session.state == .running, "\(name)")
        #expect(talk.resets == 1, "\(name)")
        talk.key.faults = EmulatedKeyFaults()
        talk.run(for: .seconds(60))
        let counters = talk.session.counters
        switch name {
        case "repeated frames", "reordered frames": #expect(counters.replays > 0)
        case "garbage between frames": #expect(counters.framingErrors > 0)
        case "dropped frames": #expect(counters.missingFrames > 0)
        case "slow rate", "stuck plaintext": #expect(counters.damagedFrames == 0)
        default: #expect(counters.damagedFrames > 0)
        }
    }

    @Test("Replayed frames are dropped and counted: no byte is delivered twice")
    func replays() {
        var talk = Conversation()
        talk.key.faults.repeatEvery = 1
        talk.run(for: .seconds(30))
        talk.requireGenuine()
        #expect(talk.delivered.count == talk.key.plaintexts.count)
        #expect(talk.session.counters.replays == UInt64(talk.delivered.count))
    }

    @Test("A key that begins anew by itself is keyed again without a ^C")
    func selfReset() {
        var talk = Conversation()
        talk.run(for: .seconds(5))
        talk.key.resetItself()
        talk.run(for: .seconds(1))
        #expect(talk.session.state == .running)
        #expect(talk.session.counters.selfResets == 1)
        #expect(talk.resets == 1)
        talk.requireGenuine()
    }

    @Test("A lost serial number after a reset of its own: one ^C, and it runs again")
    func lostSelfReset() {
        var talk = Conversation()
        talk.run(for: .seconds(5))
        talk.key.resetItself()
        _ = talk.key.takeOutput()
        talk.run(for: .seconds(20))
        #expect(talk.session.state == .running)
        #expect(talk.resets == 2)
        talk.requireGenuine()
    }

    @Test("A key left in mid-command by another host answers to the first ^C")
    func midCommand() {
        var key = EmulatedEntropyKey(
            serial: Conversation.serial,
            longTermKey: Conversation.longTermKey,
            saysHello: false
        )
        key.standInCommand()
        var talk = Conversation(key: key)
        talk.run(for: .seconds(1))
        #expect(talk.session.state == .running)
        #expect(talk.resets == 1)
    }

    @Test("A key in a session of another host: its frames draw no storm of resets")
    func foreignSession() {
        var other = Conversation()
        other.run(for: .seconds(3))
        var key = other.key
        key.advance(to: .seconds(4))
        var talk = Conversation(key: key)
        talk.now = .seconds(4)
        talk.session.restart(at: talk.now, expecting: EntropyKeySerial(Conversation.serial))
        talk.run(for: .seconds(2))
        #expect(talk.session.state == .running)
        #expect(talk.resets <= 2)
        #expect(talk.session.counters.ignoredFrames > 70)
        #expect(talk.session.counters.damagedFrames == 0)
    }

    @Test("A dead key: three ^C in six seconds, then a harder push is asked for")
    func dead() {
        var key = EmulatedEntropyKey(
            serial: Conversation.serial,
            longTermKey: Conversation.longTermKey,
            saysHello: false
        )
        key.faults.isDead = true
        var talk = Conversation(key: key)
        talk.run(for: .seconds(7))
        #expect(talk.session.state == .silent)
        #expect(talk.resets == 3)
        #expect(talk.revivals == [.seconds(6)])
        talk.key.faults.isDead = false
        talk.session.restart(at: talk.now, expecting: EntropyKeySerial(Conversation.serial))
        talk.run(for: .seconds(2))
        #expect(talk.session.state == .running)
    }

    @Test("Silence in a session is noticed within 15 s")
    func silenceInSession() {
        var talk = Conversation()
        talk.run(for: .seconds(5))
        talk.key.faults.isDead = true
        talk.run(for: .seconds(15))
        #expect(talk.session.state != .running)
        talk.key.faults.isDead = false
        talk.run(for: .seconds(5))
        #expect(talk.session.state == .running)
        talk.requireGenuine()
    }

    @Test("Time in which nobody read is no silence")
    func excuse() {
        var talk = Conversation()
        talk.run(for: .seconds(5))
        // The wire keeps what the key says.
        talk.now += .seconds(100)
        talk.session.excuse(.seconds(100))
        talk.key.advance(to: talk.now)
        talk.run(for: .seconds(1))
        #expect(talk.session.state == .running)
        #expect(talk.resets == 1)
        talk.requireGenuine()
    }

    @Test("A wrong long-term key is named after two sessions, and asked again after a minute only")
    func wrongLongTermKey() {
        var talk = Conversation(keyring: [Conversation.serial: [UInt8](repeating: 8, count: 32)])
        talk.run(for: .seconds(10))
        #expect(talk.session.state == .refused(.wrongLongTermKey))
        #expect(talk.resets <= 3)
        #expect(talk.delivered.count == 0)
        talk.run(for: .seconds(600))
        #expect(talk.resets <= 3 + 2 * 11)
        #expect(talk.delivered.count == 0)
    }

    @Test("A key that the keyring does not know is named at once, and nothing of it is taken")
    func unknownKey() {
        var talk = Conversation(keyring: [:])
        talk.run(for: .seconds(1))
        #expect(talk.session.state == .refused(.noLongTermKey))
        #expect(talk.delivered.count == 0)
    }

    @Test(
        "Another key than the expected one is named with its number; ekeyd reset it 2,000 times a second"
    )
    func otherSerial() throws {
        var key = EmulatedEntropyKey(
            serial: Conversation.serial,
            longTermKey: Conversation.longTermKey,
            saysHello: false
        )
        key.faults.hasOtherSerial = true
        var talk = Conversation(key: key)
        talk.run(for: .seconds(30))
        guard case .refused(.otherSerial(let found)) = talk.session.state else {
            Issue.record("not refused: \(talk.session.state)")
            return
        }
        #expect(found.description != Conversation.serial)
        #expect(talk.resets == 1)
    }

    @Test("Generators that are bad: the refusal is named, and the key is asked once a minute")
    func generatorsBad() {
        var talk = Conversation()
        talk.key.faults.refusesKeying = true
        talk.run(for: .seconds(30))
        #expect(talk.session.state == .refused(.generatorsBad))
        talk.key.faults.refusesKeying = false
        talk.run(for: .seconds(60))
        #expect(talk.session.state == .running)
    }

    @Test("A key that locks itself up after a failure stays connected, and its readings say why")
    func badness() {
        var talk = Conversation()
        talk.run(for: .seconds(12))
        talk.key.faults.badness = "3"
        talk.key.faults.locksOnBadness = true
        talk.run(for: .seconds(60))
        #expect(talk.session.state == .running)
        #expect(talk.session.readings.window?.badness.shortName == "efm_raw_xor_bad")
        #expect(talk.resets == 1)
        let count = talk.delivered.count
        talk.run(for: .seconds(10))
        #expect(talk.delivered.count == count)
        talk.key.faults = EmulatedKeyFaults()
        talk.key.powerCycle()
        talk.run(for: .seconds(10))
        #expect(talk.delivered.count > count)
        talk.requireGenuine()
    }

    @Test("Once a failure ends, the entropy is waited for as after a session key: no ^C")
    func badnessEnds() {
        var talk = Conversation()
        talk.run(for: .seconds(20))
        // A minute without entropy, which a failure explains.
        talk.key.faults.badness = "8"
        talk.run(for: .seconds(11))
        talk.key.faults.slowness = 100
        talk.run(for: .seconds(40))
        #expect(talk.session.readings.window?.badness.isGood == false)
        let before = talk.delivered.count
        talk.key.faults.badness = "0"
        talk.key.faults.slowness = 1
        talk.run(for: .seconds(25))
        #expect(talk.delivered.count > before)
        #expect(talk.resets == 1)
        talk.requireGenuine()
    }

    @Test("A key that answers K only once it has asked for it is keyed, too")
    func answersAfterRequestOnly() {
        var key = EmulatedEntropyKey(
            serial: Conversation.serial,
            longTermKey: Conversation.longTermKey
        )
        key.faults.keysOnRequestOnly = true
        var talk = Conversation(key: key)
        talk.run(for: .seconds(10))
        #expect(talk.session.state == .running)
        #expect(talk.resets == 2)
    }

    @Test("Ten minutes of faults in a random mix: no byte is wrong or repeated, and it recovers")
    func randomMix() {
        for seed in UInt64(1)...3 {
            var random = SeededGenerator(seed)
            var talk = Conversation()
            talk.run(for: .seconds(2))
            for _ in 0..<120 {
                talk.key.faults.mix(using: &random)
                if Int.random(in: 0..<15, using: &random) == 0 { talk.key.resetItself() }
                if Int.random(in: 0..<15, using: &random) == 0 { talk.key.standInCommand() }
                talk.run(for: .seconds(5))
                if talk.session.state == .silent {
                    talk.session.restart(
                        at: talk.now,
                        expecting: EntropyKeySerial(Conversation.serial)
                    )
                }
            }
            talk.requireGenuine()
            let resets = talk.resets
            #expect(resets < 600, "seed \(seed): a storm of \(resets) resets")
            talk.key.faults = EmulatedKeyFaults()
            let before = talk.delivered.count
            talk.run(for: .seconds(90))
            #expect(talk.session.state == .running, "seed \(seed)")
            #expect(talk.delivered.count > before + 1000, "seed \(seed)")
            talk.requireGenuine()
        }
    }
}
