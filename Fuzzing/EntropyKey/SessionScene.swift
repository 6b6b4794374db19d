// One input as a conversation: a key that does anything, time that passes anyhow, and the session's promises.
// SPDX-License-Identifier: Apache-2.0

internal import EntropyKeyProtocol

/// The operations are those of ``SessionScene/step(_:)``. With the high bit set, what the key says in one
/// is read together with what it says in the next.
struct SessionScene: ~Copyable {
    private var device = Device()
    private let ring = Ring()
    private var host: Host
    /// The same stream, read in other pieces.
    private var other: Host?
    private var wire: [UInt8] = []
    private var now = Duration.zero
    private var ledger = Ledger()

    static func run(_ input: inout Input, inPieces: Bool) {
        let pieceLength = inPieces ? Int(input.byte() % 67) + 1 : 0
        var scene = SessionScene(pieceLength: pieceLength)
        for _ in 0..<mostOperations where !input.isEmpty { scene.step(&input) }
        scene.settle()
    }

    private init(pieceLength: Int) {
        host = Host(ring, pieceLength: 4096)
        if pieceLength > 0 { other = Host(ring, pieceLength: pieceLength) }
        restart(expecting: Device.number)
        settle()
    }

    private mutating func step(_ input: inout Input) {
        let operation = input.byte()
        switch operation % 16 {
        case 0: wire += device.obey()
        case 1:
            for _ in 0..<3 {
                // As a good key does, as far as it is asked.
                settle()
                wire += device.obey()
            }
        case 2: for _ in 0...(input.byte() % 4) { wire += device.entropy() }
        case 3: wire += device.entropy(input.word() & 4095)
        case 4: wire += device.say("I", text: Self.readings(input.byte()))
        case 5: wire += device.say("I", text: input.take(Int(input.byte() % 51)))
        case 6:
            let type = Character(UnicodeScalar(input.byte() & 0x7f))
            if operation & 0x40 != 0 {
                let subcode = input.word()
                wire += device.say(
                    type,
                    subcode: subcode,
                    payload: input.take(Int(input.byte() % 37))
                )
            } else {
                wire += device.say(type, text: input.take(Int(input.byte() % 51)))
            }
        case 7: wire += device.say("kWBMlKLSI"[Int(input.byte())], text: [])
        case 8: wire += device.raw(input.take(Int(input.byte())))
        case 9: wire += device.repeated(input.word())
        case 10:
            var frame = operation & 0x40 == 0 ? device.entropy() : device.repeated(input.word())
            let place = Int(input.byte()) % 64
            if place < frame.count { frame[place] ^= max(1, input.byte()) }
            wire += frame
        case 11: wire += device.entropy().prefix(Int(input.byte() % 64))
        case 12: pass(Self.times[Int(operation >> 4 & 7)])
        case 13: wire += device.begin()
        case 14: change(input.byte())
        default:
            var serial = Device.serial
            serial[Int(input.byte()) % 12] ^= input.byte()
            wire += device.say(serial: serial)
        }
        if operation & 0x80 == 0 || operation % 16 == 12 { settle() }
    }

    private mutating func change(_ kind: UInt8) {
        switch kind % 8 {
        case 0: ring.knows = false
        case 1: ring.knows = true
        case 2: ring.isWrong.toggle()
        case 3: restart(expecting: nil)
        case 4: restart(expecting: Device.number)
        case 5: device.ignore()
        default:
            let pause = Duration.milliseconds(Int(kind) * 100)
            settle()
            now += pause
            host.session.excuse(pause)
            other?.session.excuse(pause)
        }
    }

    private mutating func restart(expecting serial: EntropyKeySerial?) {
        wire = []
        host.session.restart(at: now, expecting: serial)
        other?.session.restart(at: now, expecting: serial)
        ledger.restarted(at: now)
    }

    private mutating func pass(_ time: Duration) {
        // What is due before must not happen after.
        settle()
        now += time
        settle()
    }

    /// What the key has said is read, and both do what follows.
    private mutating func settle() {
        let firstNew = host.events.count
        host.read(wire, at: now)
        other?.read(wire, at: now)
        wire = []
        ledger.begin(device)
        for event in host.events[firstNew...] {
            ledger.note(event, device, at: now)
            if case .action(.send(let command)) = event { device.hear(command) }
        }
        host.check(at: now)
        other?.requireSame(as: host)
        ledger.check(host.session.counters, at: now)
    }

    private static func readings(_ choice: UInt8) -> [UInt8] {
        let badness = "0123456789ABz"
        let texts = [
            "T03143 V03254", "T05000 V02000", "F00512:00001:00000:00000:00001",
            "F99999:00099:00000:00000:00099", "F00001:00000:00000:00000:00000",
        ]
        let text =
            choice & 1 == 0
            ? texts[Int(choice >> 1) % texts.count]
            : "S08052:23751:23792:23584:07112:20876:08063:24150:"
                + String(badness[Int(choice >> 1)])
        return Array(text.utf8)
    }

    private static let times: [Duration] = [
        .milliseconds(1), .milliseconds(100), .milliseconds(1999), .seconds(2), .seconds(5),
        .seconds(15), .seconds(20), .seconds(60),
    ]
    /// Enough for a session that begins, fails and begins anew several times.
    private static let mostOperations = 64
}

/// What the host knows of long-term keys; both hosts look here.
private final class Ring {
    var knows = true
    var isWrong = false
    private let right = Device.longTermKey.withUnsafeBytes { EntropyKeySecret(copying: $0) }
    private let wrong = Device.masterKey.withUnsafeBytes { EntropyKeySecret(copying: $0) }

    func key() -> EntropyKeySecret? { knows ? isWrong ? wrong : right : nil }
}

/// A session, and what came of it.
private struct Host: ~Copyable {
    enum Event: Equatable {
        case action(EntropyKeySession.Action)
        case entropy([UInt8])
    }

    var session: EntropyKeySession
    private(set) var events: [Event] = []
    private let pieceLength: Int
    private var output = [UInt8](repeating: 0, count: EntropyKeySession.entropyByteCount)

    init(_ ring: Ring, pieceLength: Int) {
        var nonce = 0
        session = EntropyKeySession(
            longTermKey: { _ in ring.key() },
            nonce: { bytes in
                nonce += 1
                bytes.storeBytes(of: UInt64(nonce), as: UInt64.self)
            }
        )
        self.pieceLength = pieceLength
    }

    mutating func read(_ bytes: [UInt8], at now: Duration) {
        drain(at: now)
        var offset = 0
        while offset < bytes.count {
            let count = session.read { memory in
                precondition(!memory.isEmpty, "there is no room for more")
                let count = min(pieceLength, memory.count, bytes.count - offset)
                memory.copyBytes(from: bytes[offset..<offset + count])
                return count
            }
            offset += count
            drain(at: now)
        }
    }

    private mutating func drain(at now: Duration) {
        while let action = output.withUnsafeMutableBytes({
            session.next(at: now, into: $0.baseAddress!)
        }) {
            events.append(action == .entropy ? .entropy(output) : .action(action))
        }
    }

    func check(at now: Duration) {
        precondition(session.deadline > now, "who waits until the deadline does not wait")
    }

    /// Whoever reads the same stream in other pieces.
    func requireSame(as other: borrowing Host) {
        precondition(events == other.events, "a stream in pieces says something else")
        precondition(session.counters == other.session.counters)
        precondition(session.state == other.session.state)
        precondition(session.readings == other.session.readings)
        precondition(session.deadline == other.session.deadline)
    }
}

/// What was promised, and what came.
private struct Ledger {
    private var delivered = 0
    private var last: Given?
    /// The sessions before it are over for the host.
    private var firstSession = 1
    /// The last ^C, while no serial number can have come.
    private var openReset: Duration?
    private var greetings = 0
    private var hasGreeting = false
    private var resets = 0
    private var restarts = 0

    mutating func restarted(at now: Duration) {
        restarts += 1
        openReset = nil
    }

    /// What follows comes of what the key has said until now.
    mutating func begin(_ device: borrowing Device) {
        hasGreeting = device.greetings != greetings
        greetings = device.greetings
        if hasGreeting { openReset = nil }
    }

    mutating func note(_ event: Host.Event, _ device: borrowing Device, at now: Duration) {
        switch event {
        case .entropy(let bytes):
            guard let place = number(in: bytes), place < device.given.count else {
                preconditionFailure("bytes came that no key gave")
            }
            let given = device.given[place]
            precondition(given.session >= firstSession, "a session that is over gave bytes")
            if let last {
                precondition(
                    given.session > last.session
                        || given.session == last.session && given.number > last.number,
                    "a frame came twice, or out of order"
                )
            }
            last = given
            delivered += 1
        case .action(.send(.reset)):
            resets += 1
            firstSession = device.sessions + 1
            if let openReset {
                precondition(now - openReset >= .seconds(2), "a storm of resets")
            }
            if !hasGreeting { openReset = now }
        case .action(.send(.sessionKey)): break
        case .action(.send): preconditionFailure("a session sends what is not its own to send")
        case .action: break
        }
    }

    func check(_ counters: EntropyKeyCounters, at now: Duration) {
        precondition(counters.resets == UInt64(resets))
        precondition(counters.entropyBytes == UInt64(32 * delivered))
        precondition(
            counters.frames == counters.authenticFrames + counters.damagedFrames
                + counters.ignoredFrames + counters.selfResets
        )
        // One for each start, for each three damaged frames, for each good frame that is none of its
        // place, and for each two seconds.
        let bound =
            UInt64(restarts) + counters.damagedFrames / 3 + counters.unexpectedFrames
            + UInt64(now / .seconds(2))
        precondition(counters.resets <= bound, "a storm of resets")
    }
}

extension String {
    /// Its characters in a circle.
    subscript(index: Int) -> Character { Array(self)[index % count] }
}
